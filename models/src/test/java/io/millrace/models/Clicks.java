package io.millrace.models;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Clicks whose fraud shows in device and dwell time, one label in twenty wrong. */
final class Clicks {
  static final int COUNT = 600;

  private Clicks() {}

  static Dataset<Row> rows() {
    SparkSession spark = Sessions.spark();
    return spark
        .range(0, COUNT, 1, 2)
        .selectExpr(
            "concat('c', id) as click_id",
            "timestamp_seconds(1767225600 + id * 60) as clicked_at",
            "id",
            "cast(pmod(xxhash64(id, 1), 24) as int) as hour",
            "element_at(array('phone', 'desktop', 'tablet'), cast(pmod(xxhash64(id, 2), 3) as int) +"
                + " 1) as device",
            "pmod(xxhash64(id, 3), 1000) as dwell_ms",
            "pmod(xxhash64(id, 4), 20) = 0 as wrong")
        .selectExpr(
            "*",
            "(dwell_ms < 400 and device != 'tablet') != wrong as is_fraud",
            "2.0 * dwell_ms + 100 * hour + pmod(xxhash64(id, 5), 50) as price");
  }

  static final Stage DEVICE =
      new ScalarStage.StringIndexer("device", "device_index", Stage.Invalid.KEEP);

  static final Learner FOREST = new Classifier.RandomForest(8, 4, 32, 1, 1.0);

  /** The settings of a small forest that tells fraud. */
  static PipelineTrainer.Settings settings(Path store) {
    return settings(store, List.of(DEVICE, FOREST), Optional.of("is_fraud"), 42);
  }

  static PipelineTrainer.Settings settings(
      Path store, List<Stage> pipeline, Optional<String> label, long seed) {
    return new PipelineTrainer.Settings(
        List.of("hour", "device", "dwell_ms"),
        label,
        pipeline,
        Optional.empty(),
        Optional.empty(),
        store.toString(),
        seed);
  }

  /** The small forest, trained once for all tests that only look at it. */
  static StoredModel forest() {
    return Shared.FOREST;
  }

  /** The store with its one version. */
  static Path store() {
    return Shared.STORE;
  }

  private static final class Shared {
    private static final Path STORE = Folders.temporary("clicks");
    private static final StoredModel FOREST = forest(STORE);
  }

  /** Trains the small forest. */
  static StoredModel forest(Path store) {
    new PipelineTrainer(settings(store)).train("click_fraud", rows());
    return ModelStore.open(store.toString());
  }
}
