package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.TrainingPlan;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Promise;
import io.millrace.engine.spi.Sink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the README says of jobs, kinds and files; its commands are run by CI. */
class ReadmeTest {
  private static final Path HOME =
      java.util.Objects.requireNonNull(Jobs.folder("conf").getParent());
  private static final Map<String, String> VARIABLES =
      Map.of(
          "KAFKA", "localhost:9092",
          "LAKE", "target/lake",
          "DB", "jdbc:postgresql://localhost/shop",
          "DB_PASSWORD", "secret");

  @Test
  void theJobFileIsSoundAndRunsAsTwoQueries() throws IOException {
    Plan plan = Jobs.plan(block(readme()), VARIABLES);

    assertThat(plan.queries()).extracting(Plan.Query::name).containsExactly("per_minute", "orders");
    assertThat(plan.queries().get(1).outputs()).containsExactly("large_orders");
    assertThat(plan.queries().get(1).tags()).containsExactly("orders", "valid");
  }

  @Test
  void theTrainingFileIsSound() throws IOException {
    String text = readme();
    TrainingPlan plan =
        Jobs.training(
            block(text.substring(text.indexOf("## A training file"))),
            Map.of("LAKE", "target/lake", "MODELS", "target/models"));

    assertThat(plan.inputs()).extracting(Plan.Input::name).containsExactly("input", "advertisers");
    assertThat(plan.last()).isEqualTo("named");
  }

  @Test
  void everyKindIsListed() throws IOException {
    String readme = readme();
    Catalog catalog = Catalog.load();

    assertThat(
            Stream.of(catalog.sources(), catalog.decoders(), catalog.steps(), catalog.sinks())
                .flatMap(List::stream)
                .map(Kind::name))
        .allSatisfy(kind -> assertThat(readme).contains("`" + kind + "`"));
  }

  @Test
  void whatASinkPromisesIsWhatItsKindStates() throws IOException {
    List<String> rows = readme().lines().filter(line -> line.startsWith("| `")).toList();

    for (Kind<?, Sink> kind : Catalog.load().sinks()) {
      assertThat(kind.promises())
          .as(kind.name())
          .isNotEmpty()
          .allSatisfy(
              promise -> assertThat(rows).anyMatch(row -> tells(row, kind.name(), promise)));
    }
  }

  private static boolean tells(String row, String kind, Promise promise) {
    String[] cells = row.split("\\|", -1);
    String with = promise.when().isBlank() ? "" : " with `" + promise.when() + "`";
    return (cells[1].contains("`" + kind + "`" + with)
            && cells[1].contains(" with ") != with.isBlank())
        && cells[2]
            .strip()
            .equals(promise.guarantee().name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    Matcher link = Pattern.compile("\\]\\(([^)]+)\\)").matcher(readme());

    assertThat(link.results().map(found -> HOME.resolve(found.group(1))))
        .isNotEmpty()
        .allMatch(Files::exists);
  }

  private static String readme() throws IOException {
    return Files.readString(HOME.resolve("README.md"), StandardCharsets.UTF_8);
  }

  private static String block(String text) {
    Matcher block = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL).matcher(text);
    assertThat(block.find()).isTrue();
    return block.group(1);
  }
}
