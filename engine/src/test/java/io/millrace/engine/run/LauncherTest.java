package io.millrace.engine.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Transform;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.CollectingBatchSink;
import io.millrace.engine.testing.CollectingSink;
import io.millrace.engine.testing.GatheringSink;
import io.millrace.engine.testing.LineFolder;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

class LauncherTest {
  private static final Position AT = Position.JAVA;
  private static final Plan.Trigger ONCE = new Plan.Trigger.AvailableNow();

  private Path folder = Path.of("");
  private LineFolder lines = new LineFolder("");
  private String test = "";

  @BeforeEach
  void setUp(TestInfo info, @TempDir Path folder) throws IOException {
    this.folder = folder;
    test = info.getDisplayName();
    lines = new LineFolder(Files.createDirectory(folder.resolve("in")).toString());
  }

  /** JSON by Spark's own function. */
  private record Json(StructType schema) implements Decoder {
    @Override
    public Column decode(Column payload) {
      Column text = payload.cast("string");
      return struct(
          from_json(text, schema.asNullable()).as("fields"),
          when(text.startsWith("{").unary_$bang(), lit("Expected JSON")).as("reason"));
    }
  }

  /** Counts rows per key: what has state. */
  private record CountByKey() implements Transform {
    @Override
    public boolean stateful() {
      return true;
    }

    @Override
    public Dataset<Row> apply(Dataset<Row> rows) {
      return rows.groupBy("k").count();
    }
  }

  @Test
  void rowSinksShareOneJobAndDeadLettersKeepTheirRawValue() {
    CollectingSink all = new CollectingSink(test + "all");
    CollectingSink big = new CollectingSink(test + "big");
    CollectingSink dead = new CollectingSink(test + "dead");
    Instant begun = Instant.now().truncatedTo(ChronoUnit.MICROS);
    lines.add("{\"k\":\"a\",\"v\":1}", "broken", "{\"k\":\"b\",\"v\":20}", "{\"v\":3}");

    run(
        plan(
            List.of(),
            List.of(
                output("all", all, "in", Optional.empty()),
                output("big", big, "in", Optional.of("v > 10"))),
            Optional.of(dead),
            List.of(
                new Plan.Query(
                    "in", "in", false, List.of("all", "big"), List.of("in"), Mode.APPEND, ONCE))));

    assertThat(texts(all.rows())).containsExactlyInAnyOrder("[a,1]", "[b,20]");
    assertThat(texts(big.rows())).containsExactly("[b,20]");
    assertThat(dead.rows()).hasSize(2);
    Row broken = byReason(dead, "Expected JSON");
    assertThat(new String((byte[]) broken.getAs("raw"), UTF_8)).isEqualTo("broken");
    assertThat((String) broken.getAs("coordinates")).contains("\"file\":\"file:/");
    assertThat((Long) broken.getAs("batch")).isZero();
    assertThat(broken.getTimestamp(broken.fieldIndex("time")).toInstant())
        .isBetween(begun, Instant.now());
    assertThat((String) broken.getAs("source")).isEqualTo("in");
    Row missing = byReason(dead, "Missing k, declared as not null");
    assertThat((String) missing.getAs("rule")).isEqualTo("not_null");
  }

  @Test
  void aSinkThatGathersHasTheSameRowsAsOthersBesideIt() throws IOException {
    CollectingSink all = new CollectingSink(test + "all");
    CollectingSink big = new CollectingSink(test + "big");
    CollectingSink dead = new CollectingSink(test + "dead");
    lines.add("{\"k\":\"a\",\"v\":1}", "broken", "{\"k\":\"b\",\"v\":20}", "{\"v\":3}");
    Plan plan =
        plan(
            List.of(),
            List.of(
                output("all", all, "in", Optional.empty()),
                output("big", new GatheringSink(big), "in", Optional.of("v > 10"))),
            Optional.of(new GatheringSink(dead)),
            List.of(
                new Plan.Query(
                    "in", "in", false, List.of("all", "big"), List.of("in"), Mode.APPEND, ONCE)));
    run(plan);
    forget("in", 0);
    run(plan);

    assertThat(texts(all.rows())).containsExactlyInAnyOrder("[a,1]", "[b,20]");
    assertThat(texts(big.rows())).containsExactly("[b,20]");
    assertThat(dead.rows()).hasSize(2);
  }

  @Test
  void aSinkThatGathersAloneReadsStateToItsEnd() throws IOException {
    CollectingSink counts = new CollectingSink(test + "counts");
    Plan plan = counting(new GatheringSink(counts), Optional.empty());
    lines.add("{\"k\":\"a\",\"v\":1}");
    run(plan);
    forget("counted_update", 0);
    run(plan);
    lines.add("{\"k\":\"a\",\"v\":2}");
    run(plan);

    assertThat(texts(counts.rows())).containsExactly("[a,1]", "[a,2]");
  }

  @Test
  void stateAndItsDeadLettersGoThroughOneQuery() {
    CollectingSink counts = new CollectingSink(test + "counts");
    CollectingSink dead = new CollectingSink(test + "dead");
    Plan plan = counting(counts, Optional.of(dead));
    lines.add("{\"k\":\"a\",\"v\":1}", "broken", "{\"k\":\"a\",\"v\":2}");
    run(plan);
    lines.add("{\"k\":\"a\",\"v\":3}", "worse");
    run(plan);

    assertThat(texts(counts.rows())).containsExactly("[a,2]", "[a,3]");
    assertThat(dead.rows().stream().map(row -> new String((byte[]) row.getAs("raw"), UTF_8)))
        .containsExactly("broken", "worse");
  }

  @Test
  void aBatchThatComesAgainIsExecutedButWrittenOnce() throws IOException {
    CollectingSink counts = new CollectingSink(test + "counts");
    Plan plan = counting(counts, Optional.empty());
    lines.add("{\"k\":\"a\",\"v\":1}");
    run(plan);
    forget("counted_update", 0);
    run(plan);
    lines.add("{\"k\":\"a\",\"v\":2}");
    run(plan);

    assertThat(texts(counts.rows())).containsExactly("[a,1]", "[a,2]");
  }

  @Test
  void aBatchSinkGetsTheKeptFrameOfTheSameRead() {
    CollectingSink rows = new CollectingSink(test + "rows");
    CollectingBatchSink batches = new CollectingBatchSink(test + "batches");
    lines.add("{\"k\":\"a\",\"v\":1}", "{\"k\":\"b\",\"v\":2}");
    List<Map<String, Long>> reports = new ArrayList<>();

    Plan plan =
        plan(
            List.of(),
            List.of(
                output("rows", rows, "in", Optional.empty()),
                output("batches", batches, "in", Optional.of("k = 'b'"))),
            Optional.empty(),
            List.of(
                new Plan.Query(
                    "in", "in", false, List.of("rows", "batches"), List.of(), Mode.APPEND, ONCE)));
    try (RunningJob job =
        new Launcher(Sessions.spark(), report -> reports.add(report.written()), List.of())
            .launch(plan)) {
      job.await();
    }

    assertThat(texts(rows.rows())).containsExactlyInAnyOrder("[a,1]", "[b,2]");
    assertThat(texts(batches.rows())).containsExactly("[b,2]");
    assertThat(reports).containsExactly(Map.of("rows", 2L, "batches", 1L));
  }

  /** Has every batch but the last already, so it reads none of them. */
  private record Late(CollectingBatchSink rows, long last) implements BatchSink {
    @Override
    public Guarantee guarantee(Writing how) {
      return Guarantee.EXACTLY_ONCE;
    }

    @Override
    public void write(Batch batch) {
      if (batch.id() == last) {
        rows.write(batch);
      }
    }
  }

  @Test
  void stateAdvancesAlsoWhereTheOnlySinkReadsNothing() {
    CollectingBatchSink counts = new CollectingBatchSink(test);
    for (int batch = 0; batch < 3; batch++) {
      lines.add("{\"k\":\"a\",\"v\":1}", "{\"k\":\"b" + batch + "\",\"v\":1}");
      run(counting(new Late(counts, 2), Optional.empty()));
    }

    assertThat(texts(counts.rows())).containsExactlyInAnyOrder("[a,3]", "[b2,1]");
  }

  private Plan counting(Sink counts, Optional<Sink> dead) {
    Plan.Stage counted =
        new Plan.Stage("counted", AT, new CountByKey(), List.of("in"), Optional.empty());
    List<String> tags = dead.isPresent() ? List.of("in") : List.of();
    return plan(
        List.of(counted),
        List.of(
            new Plan.Output(
                "counts",
                AT,
                counts,
                "counted",
                Optional.empty(),
                new Writing(Mode.UPDATE, Write.UPSERT),
                Guarantee.EXACTLY_ONCE,
                ONCE)),
        dead,
        List.of(
            new Plan.Query(
                "counted_update", "counted", true, List.of("counts"), tags, Mode.UPDATE, ONCE)));
  }

  private Plan plan(
      List<Plan.Stage> stages,
      List<Plan.Output> outputs,
      Optional<? extends Sink> dead,
      List<Plan.Query> queries) {
    StructType schema = StructType.fromDDL("k string not null, v int");
    return new Plan(
        "job",
        "job",
        Map.of(),
        folder.resolve("checkpoints").toString(),
        List.of(
            new Plan.Input(
                "in",
                AT,
                lines,
                Optional.of(new Json(schema)),
                Optional.empty(),
                Optional.empty())),
        stages,
        outputs,
        dead.map(sink -> output("dead_letters", sink, "", Optional.empty())),
        queries,
        Map.of(),
        Plan.Audit.STOP);
  }

  private static Plan.Output output(String name, Sink sink, String from, Optional<String> when) {
    return new Plan.Output(
        name,
        AT,
        sink,
        from,
        when,
        new Writing(Mode.APPEND, Write.APPEND),
        Guarantee.EXACTLY_ONCE,
        ONCE);
  }

  private static void run(Plan plan) {
    try (RunningJob job = new Launcher(Sessions.spark()).launch(plan)) {
      job.await();
    }
  }

  /** Takes a batch's commit away, as if the driver had died before it. */
  private void forget(String query, long batch) throws IOException {
    Path commits = folder.resolve("checkpoints").resolve(query).resolve("commits");
    Files.delete(commits.resolve(Long.toString(batch)));
    Files.delete(commits.resolve("." + batch + ".crc"));
  }

  private static List<String> texts(List<Row> rows) {
    return rows.stream().map(Row::toString).toList();
  }

  private static Row byReason(CollectingSink dead, String reason) {
    return dead.rows().stream()
        .filter(row -> row.getAs("reason").equals(reason))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void twoQueriesOverOneSourceWriteItsDeadLettersOnce() {
    CollectingSink all = new CollectingSink(test + "all");
    CollectingSink counts = new CollectingSink(test + "counts");
    CollectingSink dead = new CollectingSink(test + "dead");
    Plan counting = counting(counts, Optional.of(dead));
    List<Plan.Output> outputs = new ArrayList<>(counting.outputs());
    outputs.add(output("all", all, "in", Optional.empty()));
    lines.add("{\"k\":\"a\",\"v\":1}", "broken");

    run(
        plan(
            counting.stages(),
            outputs,
            Optional.of(dead),
            List.of(
                new Plan.Query(
                    "counted_update",
                    "counted",
                    true,
                    List.of("counts"),
                    List.of(),
                    Mode.UPDATE,
                    ONCE),
                new Plan.Query(
                    "in", "in", false, List.of("all"), List.of("in"), Mode.APPEND, ONCE))));

    assertThat(texts(all.rows())).containsExactly("[a,1]");
    assertThat(texts(counts.rows())).containsExactly("[a,1]");
    assertThat(dead.rows()).hasSize(1);
  }

  @Test
  void aCheckpointThatOtherSinksWroteIsNotTakenOver() {
    lines.add("{\"k\":\"a\",\"v\":1}");
    run(alone("first"));

    assertThatThrownBy(() -> run(alone("second")))
        .isInstanceOf(RefusedStartException.class)
        .hasMessageContaining("it was written for [first], and this query writes [second]");
  }

  private Plan alone(String sink) {
    return plan(
        List.of(),
        List.of(output(sink, new CollectingSink(test + sink), "in", Optional.empty())),
        Optional.empty(),
        List.of(new Plan.Query("in", "in", false, List.of(sink), List.of(), Mode.APPEND, ONCE)));
  }

  @Test
  void columnsThatNoSinkNeedsAreNotPartOfTheFrame() {
    Plan plan =
        plan(
            List.of(),
            List.of(output("all", new CollectingSink(test), "in", Optional.empty())),
            Optional.empty(),
            List.of(
                new Plan.Query("in", "in", false, List.of("all"), List.of(), Mode.APPEND, ONCE)));
    io.millrace.engine.plan.Graph graph =
        new io.millrace.engine.plan.Graph(plan.inputs(), plan.stages());
    Trunk trunk =
        Trunk.of(
            plan,
            graph,
            plan.queries().get(0),
            new Frames(graph, Sessions.spark(), new Reading.Stream(Changing.unnoted())));

    assertThat(trunk.rows().columns()).containsExactly("k", "v", "_dead");
    assertThat(trunk.rows().select(col("k")).columns()).containsExactly("k");
  }
}
