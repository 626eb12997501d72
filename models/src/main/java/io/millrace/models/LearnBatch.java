package io.millrace.models;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.RowFaults;
import io.millrace.models.online.Algorithm;
import io.millrace.models.online.Errors;
import io.millrace.models.online.KMeans;
import io.millrace.models.online.State;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.mllib.regression.LabeledPoint;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a batch makes of what was learned before it. Changes nothing but memory. */
record LearnBatch(LearnSink.Settings settings, ModelStore store, Batch batch) {
  private static final Logger LOG = LoggerFactory.getLogger(LearnBatch.class);
  private static final String FEATURES = "_features";
  private static final int GOLDEN = 20;

  /** A descent that ends so many times further off than it began is none. */
  private static final double FAR_OFF = 1_000;

  /** Where nothing was learned yet. */
  static Learned start(LearnSink.Settings settings, SparkSession spark) {
    Algorithm algorithm = settings.algorithm();
    if (settings.start() == LearnSink.Start.NEW) {
      return start(settings, algorithm.start(settings.features().size(), settings.seed()), 0);
    }
    StoredModel stored = ModelStore.open(settings.model());
    try {
      long rows = stored.manifest().trainingRows();
      return start(settings, algorithm.from(learned(settings, stored.load(spark)), rows), rows);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          "Cannot go on from version %s of the model at %s: %s. Use start: new, or train a %s of these features alone"
              .formatted(
                  stored.manifest().version(), settings.model(), e.getMessage(), name(algorithm)),
          e);
    }
  }

  private static Learned start(LearnSink.Settings settings, State state, long rows) {
    return new Learned(
        name(settings.algorithm()),
        settings.features(),
        state,
        rows,
        Learned.Window.EMPTY,
        List.of(),
        null);
  }

  private static Transformer learned(LearnSink.Settings settings, PipelineModel model) {
    Transformer[] stages = model.stages();
    List<String> inputs =
        stages.length == 2 && stages[0] instanceof VectorAssembler assembler
            ? List.of(assembler.getInputCols())
            : List.of();
    if (!inputs.equals(settings.features())) {
      throw new IllegalArgumentException(
          "it does not learn from " + String.join(", ", settings.features()) + " as they are");
    }
    return stages[1];
  }

  /** An algorithm in words, and others where what it learns has another form. */
  static String name(Algorithm algorithm) {
    String name = Words.kebab(algorithm.getClass().getSimpleName());
    return algorithm instanceof KMeans means
        ? name + " of " + means.clusters() + " clusters"
        : name;
  }

  /**
   * What is learned behind the batch.
   *
   * @throws IllegalStateException if a row cannot be learned from and may not be left out, or if
   *     what would be learned is no model
   */
  Learned after(Learned before) {
    try (LearnRows rows = LearnRows.of(settings, batch.rows())) {
      long all = rows.all().count();
      JavaRDD<LabeledPoint> points = rows.points();
      Errors errors = settings.algorithm().errors(points, before.state());
      long unfit = all - errors.rows();
      leaveOut(unfit, all);
      Learned counted = before.unfit(unfit);
      if (errors.rows() == 0) {
        return counted;
      }
      State state = settings.algorithm().learn(points, before.state());
      check(points, errors, state);
      Learned.Window window = counted.window().batch(batch.id(), errors);
      Learned next = counted.batch(state, errors.rows(), window);
      return window.batches() >= settings.publishEvery() ? released(next, rows) : next;
    }
  }

  private void leaveOut(long unfit, long all) {
    if (unfit == 0) {
      return;
    }
    String what =
        settings.algorithm().binary()
            ? "a feature that is null or not a finite number, or a label that is not 0 or 1"
            : "a feature or label that is null or not a finite number";
    if (batch.how().faults() == RowFaults.STOP) {
      throw new IllegalStateException(
          "Cannot learn from %d rows of batch %d: they have %s. Sort them out in a validate step, or let dead-letters: drop leave them out"
              .formatted(unfit, batch.id(), what));
    }
    String sink = batch.who().sink();
    batch.how().limit().check("sink " + sink, batch.id(), unfit, all, what);
    LOG.warn(
        "Sink {} leaves out {} of {} rows of batch {}: they have {}",
        sink,
        unfit,
        all,
        batch.id(),
        what);
  }

  private void check(JavaRDD<LabeledPoint> points, Errors before, State state) {
    Algorithm algorithm = settings.algorithm();
    double now = state.finite() ? algorithm.errors(points, state).loss() : Double.NaN;
    boolean farOff =
        algorithm.labelled()
            && now > FAR_OFF * before.loss()
            && now > FAR_OFF * algorithm.errors(points, start()).loss();
    if (!Double.isFinite(now) || farOff) {
      throw new IllegalStateException(
          "Cannot learn from batch %d: the model would be %s, so its steps lead away from the rows. What was learned before is kept. Scale the features in a step before, such as amount / 1000, or use a smaller step"
              .formatted(batch.id(), farOff ? "far off" : "of numbers that are not finite"));
    }
  }

  private State start() {
    return settings.algorithm().start(settings.features().size(), settings.seed());
  }

  private Learned released(Learned learned, LearnRows rows) {
    PipelineModel model = model(settings, learned);
    Dataset<Row> fit = rows.fit();
    Dataset<Row> scored = model.transform(fit);
    List<Manifest.Field> outputs = outputs(scored.schema());
    Learned.Window window = learned.window();
    Learned.Release release =
        new Learned.Release(
            ModelStore.name(),
            Instant.now().toString(),
            "batches %d to %d of sink %s in job %s"
                .formatted(window.first(), batch.id(), batch.who().sink(), batch.who().job()),
            rows.inputs(),
            outputs,
            window,
            settings.algorithm().figures(window.errors()),
            text(GoldenRows.of(fit, model, rows.inputs(), outputs, GOLDEN).json()),
            text(Profiles.of(rows.inputs(), outputs, fit, scored).json()));
    return learned.release(release, learned.versions().stream().filter(store::complete).toList());
  }

  /** A vector that tells of classes has a place for each of two. */
  private static List<Manifest.Field> outputs(StructType schema) {
    return Recipe.RESULTS.stream()
        .filter(List.of(schema.fieldNames())::contains)
        .map(
            name ->
                schema.apply(name).dataType().equals(SQLDataTypes.VectorType())
                    ? new Manifest.Field(name, Manifest.VECTOR, 2)
                    : Schemas.fields(schema, List.of(name)).get(0))
        .toList();
  }

  private static String text(byte[] json) {
    return new String(json, StandardCharsets.UTF_8);
  }

  /** What is learned as Spark's own pipeline. */
  static PipelineModel model(LearnSink.Settings settings, Learned learned) {
    VectorAssembler assembler =
        new VectorAssembler("vector_assembler")
            .setInputCols(learned.features().toArray(String[]::new))
            .setOutputCol(FEATURES)
            .setHandleInvalid("keep");
    return new PipelineModel(
        "learned", List.of(assembler, settings.algorithm().model(learned.state(), FEATURES)));
  }

  /** What a ledger has, where the settings still fit it. */
  static Optional<Learned> fitting(LearnSink.Settings settings, LearnLedger ledger) {
    Optional<Learned> learned = ledger.tip().flatMap(LearnLedger.Tip::learned);
    String now = told(name(settings.algorithm()), settings.features());
    learned
        .map(before -> told(before.algorithm(), before.features()))
        .filter(before -> !before.equals(now))
        .ifPresent(
            before -> {
              throw new IllegalStateException(
                  "Cannot go on learning: %s has what was learned by %s, the job says %s. Put the settings back, or name another folder for the model"
                      .formatted(ledger.storage().uri(), before, now));
            });
    return learned;
  }

  private static String told(String algorithm, List<String> features) {
    return algorithm + " from " + String.join(", ", features);
  }
}
