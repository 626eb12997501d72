package io.millrace.models;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.spi.Trainer;
import io.millrace.engine.testing.Folders;
import io.millrace.models.report.Plot;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportTest {
  private final Path store = Folders.temporary("store");

  @Test
  void storesAReportWithPlotsAndTheProfile() {
    List<Stage> pipeline =
        List.of(
            Clicks.DEVICE,
            new ScalarStage.OneHotEncoder(
                "device_index", "device_vector", false, Stage.Invalid.KEEP),
            Clicks.FOREST);
    Trainer.Trained trained =
        new PipelineTrainer(Clicks.settings(store, pipeline, Optional.of("is_fraud"), 42))
            .train(
                new Trainer.Assignment(
                    "<click & fraud>", Clicks.rows(), Optional.of("12 of x"), line -> {}));

    StoredModel stored = ModelStore.open(store.toString());
    stored.verify();
    assertThat(stored.manifest().data()).isEqualTo("12 of x");
    assertThat(stored.manifest().files().keySet())
        .contains(
            "report.html",
            "profile.json",
            "golden.json",
            "plots/roc.png",
            "plots/precision-recall.png",
            "plots/calibration.png",
            "plots/confusion.png",
            "plots/importance.png");
    assertThat(trained.report()).contains(trained.path() + "/report.html");
    String html = new String(file("report.html"), UTF_8);
    assertThat(html)
        .contains("<h1>Model &lt;click &amp; fraud&gt;</h1>", "12 of x", "auc_roc")
        .contains("device_vector_phone", "dwell_ms")
        .doesNotContain("<script");
    assertThat(file("plots/roc.png")).startsWith(0x89, 'P', 'N', 'G');
    Profile profile = Profile.of(file("profile.json"), "profile.json");
    assertThat(profile.numbers())
        .extracting(Profile.Numbers::column)
        .containsExactly("hour", "dwell_ms");
    assertThat(profile.numbers().get(0).rows()).isEqualTo(stored.manifest().trainingRows());
    assertThat(profile.categories().get(0).counts().keySet())
        .containsExactlyInAnyOrder("phone", "desktop", "tablet");
    assertThat(profile.scores())
        .singleElement()
        .satisfies(
            scores -> {
              assertThat(scores.column()).isEqualTo("probability[1]");
              assertThat(scores.rows()).isEqualTo(stored.manifest().heldOutRows());
            });
  }

  /** The price is 2 per millisecond and 100 per hour, whatever the device. */
  @Test
  void showsWhatALinearModelMakesOfItsInputs() {
    PipelineTrainer.Settings settings =
        Clicks.settings(
            store,
            List.of(Clicks.DEVICE, new Regression.LinearRegression(20, 0.0, 0.0)),
            Optional.of("price"),
            42);
    Recipe recipe = Recipe.of(settings.features(), settings.pipeline(), settings.label());
    Split split = new Split(Optional.empty(), "20%", Optional.empty());
    try (TrainingTable table = TrainingTable.of(Clicks.rows(), recipe, split, 42)) {
      Fitted fitted = Fitted.on(table, recipe, 42);

      assertThat(fitted.plots())
          .extracting(Plot::name)
          .containsExactly("residuals", "predicted", "importance");
      Plot.Bars importance = (Plot.Bars) fitted.plots().get(2);
      assertThat(importance.bars())
          .extracting(Plot.Bar::label)
          .containsExactly("hour", "dwell_ms", "device");
      assertThat(importance.bars().get(1).value()).isGreaterThan(0.1);
      assertThat(Math.abs(importance.bars().get(2).value())).isLessThan(0.01);
      Plot.Curves residuals = (Plot.Curves) fitted.plots().get(0);
      assertThat(residuals.curves().get(1).points())
          .hasSize((int) fitted.heldOutRows())
          .allMatch(point -> Math.abs(point.y()) < 100);
    }
  }

  private byte[] file(String name) {
    return Storage.of(ModelStore.open(store.toString()).path()).read(name, 1 << 22);
  }
}
