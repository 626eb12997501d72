package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.decode.JsonDecoder;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Late;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Step;
import io.millrace.engine.spi.Tombstones;
import io.millrace.engine.spi.Transform;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.step.DedupeStep;
import io.millrace.engine.step.SqlStep;
import io.millrace.engine.step.ValidateStep;
import io.millrace.engine.step.WatermarkStep;
import io.millrace.engine.step.WindowStep;
import io.millrace.engine.testing.CollectingBatchSink;
import io.millrace.engine.testing.CollectingSink;
import io.millrace.engine.testing.LineFolder;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

class AccountingTest {
  private static final Position AT = Position.JAVA;
  private static final Plan.Trigger ONCE = new Plan.Trigger.AvailableNow();
  private static final String FIELDS = "id string not null, v int, t timestamp";

  private Path folder = Path.of("");
  private LineFolder lines = new LineFolder("");
  private String test = "";
  private long dropped;

  @BeforeEach
  void setUp(TestInfo info, @TempDir Path folder) throws IOException {
    this.folder = folder;
    test = info.getDisplayName();
    lines = new LineFolder(Files.createDirectory(folder.resolve("in")).toString());
  }

  @Test
  void setsWhatWasReadAgainstWhatBecameOfIt() {
    CollectingSink all = new CollectingSink(test + "all");
    CollectingBatchSink big = new CollectingBatchSink(test + "big");
    CollectingSink dead = new CollectingSink(test + "dead");
    Plan plan =
        plan(
            List.of(valid(), large()),
            List.of(output("all", all, "valid", ""), output("big", big, "large", "v < 90")),
            Optional.of(dead),
            query("in", false, Mode.APPEND, List.of("in", "valid"), "all", "big"));
    lines.add(row("a", 1), row("b", 20), "broken", row("c", -1), row("d", -5), row("e", 95));
    lines.add(row("f", 0), row("g", 50));
    run(plan);

    Audit audit = audit(plan);
    assertThat(audit.holds()).isTrue();
    Account account = audit.total().orElseThrow();
    assertThat(account.intakes())
        .containsExactlyInAnyOrder(
            new Account.Intake("in", 8, 7, 1, 0), new Account.Intake("valid", 7, 4, 2, 1));
    assertThat(account.passages())
        .containsExactlyInAnyOrder(
            new Account.Passage("large", 4, 3), new Account.Passage("when of big", 3, 2));
    assertThat(account.sinks())
        .containsExactlyInAnyOrder(
            new Account.Arrival("all", 4, 4, 0, 0),
            new Account.Arrival("big", 2, 2, 0, 0),
            new Account.Arrival("dead_letters", 3, 3, 0, 0));
    assertThat(all.rows()).hasSize(4);
  }

  @Test
  void countsABatchOnceThatComesAgain() throws IOException {
    CollectingSink all = new CollectingSink(test);
    Plan plan = simple(all);
    lines.add(row("a", 1), row("b", 2));
    run(plan);
    forget("in", 0);
    run(plan);
    lines.add(row("c", 3));
    run(plan);

    assertThat(audit(plan).accounts())
        .extracting(account -> account.sinks().get(0))
        .containsExactly(
            new Account.Arrival("all", 2, 2, 0, 0), new Account.Arrival("all", 1, 1, 0, 0));

    Path ledger = folder.resolve("checkpoints/ledger/in");
    try (var files = Files.walk(ledger)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
    forget("in", 1);
    run(plan);
    assertThat(audit(plan).total().orElseThrow().sinks())
        .as("had by the sink when its account was lost")
        .containsExactly(new Account.Arrival("all", 1, 0, 0, 1));
    assertThat(audit(plan).holds()).isTrue();
  }

  @Test
  void countsLateAndRepeatedRowsAsSparkDropsThem() throws Exception {
    CollectingSink windows = new CollectingSink(test + "windows");
    CollectingSink dead = new CollectingSink(test + "dead");
    Plan plan =
        plan(
            List.of(valid(), once(), perMinute()),
            List.of(output("windows", windows, "per_minute", "")),
            Optional.of(dead),
            query("per_minute", true, Mode.APPEND, List.of("in", "valid"), "windows"));
    lines.add(at("a", "00:00:10"), at("b", "00:00:20"), at("a", "00:00:11"), "broken");
    run(plan);
    lines.add(at("c", "00:05:00"), at("b", "00:00:30"));
    run(plan);
    lines.add(at("d", "00:01:00"), at("e", "00:04:50"), at("e", "00:04:51"), at("f", "00:04:00"));
    run(plan);

    Account account = audit(plan).total().orElseThrow();
    assertThat(account.states())
        .containsExactly(
            new Account.State("once", 9, 4, 3, 2, null, true),
            new Account.State("per_minute", 4, 4, 0, 0, null, true));
    assertThat(account.intakes())
        .contains(new Account.Intake("in", 10, 9, 1, 0), new Account.Intake("valid", 9, 9, 0, 0));
    assertThat(dropped).as("dropped by Spark").isEqualTo(account.late());
    assertThat(windows.rows()).hasSize(1);
    assertThat(windows.rows().get(0).getLong(2)).isEqualTo(2);
  }

  @Test
  void countsRowsThatAreLateForAWindowBehindAStepThatTakesAll() throws Exception {
    CollectingSink windows = new CollectingSink(test);
    DedupeStep.Settings numbered =
        new DedupeStep.Settings(List.of("id"), Optional.empty(), Optional.of("v"), false);
    Plan plan =
        plan(
            List.of(stage("once", new DedupeStep(numbered), "in"), perMinute()),
            List.of(output("windows", windows, "per_minute", "")),
            Optional.empty(),
            query("per_minute", true, Mode.APPEND, List.of(), "windows"));
    lines.add(at("a", "00:00:10"), at("b", "00:05:00"));
    run(plan);
    // Late for the window, a repeat of another, and on time.
    lines.add(at("c", "00:00:20"), at("a", "00:00:30"), at("d", "00:05:10"));
    run(plan);

    Account account = audit(plan).total().orElseThrow();
    assertThat(account.states())
        .containsExactly(
            new Account.State("once", 5, 4, 0, 1, null, false),
            new Account.State("per_minute", 4, 3, 1, 0, null, true));
    assertThat(dropped).as("dropped by Spark").isEqualTo(1);
    assertThat(windows.rows()).hasSize(1);
  }

  @Test
  void aRowIsLateWhereItsLastWindowIsClosed() {
    CollectingSink windows = new CollectingSink(test);
    WindowStep.Settings hopping =
        new WindowStep.Settings(
            "t",
            Optional.of(Duration.ofMinutes(1)),
            Optional.of(Duration.ofMinutes(2)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Map.of("rows", "count(1)"));
    Plan plan =
        plan(
            List.of(stage("windows", new WindowStep(hopping), "in")),
            List.of(output("out", windows, "windows", "")),
            Optional.empty(),
            query("windows", true, Mode.APPEND, List.of(), "out"));
    lines.add(at("a", "00:05:00"));
    run(plan);
    lines.add(at("b", "00:03:59"), at("c", "00:03:00"), at("d", "00:02:59"), row("e", 1));
    run(plan);

    assertThat(audit(plan).total().orElseThrow().states())
        .as("with the windows of minutes 3, 4 and 5 open")
        .containsExactly(new Account.State("windows", 5, 3, 2, 0, 3L, true));
  }

  @Test
  void saysOfAStepWithStateWhatItHoldsAndWhetherItsRowsWereCounted() {
    Account.State lost = new Account.State("windows", 5, 3, 1, 0, 7L, true);
    assertThat(lost.balanced()).isFalse();
    assertThat(lost.equation()).isEqualTo("passed 5, taken 3 + late 1 + deduplicated 0, held 7");

    Account.State free = new Account.State("windows", 5, 5, 0, 0, null, false);
    assertThat(free.balanced()).isTrue();
    assertThat(free.equation())
        .isEqualTo("passed 5, taken 5 + late 0 + deduplicated 0, taken not counted by itself");
    assertThat(lost.plus(free).counted()).isFalse();
  }

  /** Says that it passes every row on, and does not. */
  private record Leaky() implements Transform {
    @Override
    public Effect effect() {
      return Effect.SIFTS;
    }

    @Override
    public Dataset<Row> apply(Dataset<Row> rows) {
      return rows.where("id <> 'b'");
    }
  }

  @Test
  void stopsWhereAStepLosesARow() {
    Plan plan =
        plan(
            List.of(stage("leaky", new Leaky(), "in")),
            List.of(output("all", new CollectingSink(test), "leaky", "")),
            Optional.empty(),
            query("in", false, Mode.APPEND, List.of(), "all"));
    lines.add(row("a", 1), row("b", 2));

    assertThatThrownBy(() -> run(plan))
        .isInstanceOf(JobFailedException.class)
        .hasMessageStartingWith(
            "Query 'in' stopped: batch 0: Cannot account for every row that query in read: leaky:"
                + " read 2, passed 1 + dead 0 + dropped 0. The sinks have the batch.");
    assertThat(audit(plan).holds()).isFalse();
    assertThat(audit(plan).total().orElseThrow().unbalanced()).isEqualTo(1);
  }

  /** Leaves out a row in each task, and tells nobody. */
  private record Losing(CollectingSink rows) implements RowSink<CollectingSink.Rows> {
    @Override
    public Guarantee guarantee(Writing how) {
      return Guarantee.EXACTLY_ONCE;
    }

    @Override
    public Fence<CollectingSink.Rows> start(Identity who, Writing how, StructType columns) {
      return rows.start(who, how, columns);
    }

    @Override
    public RowWriter<CollectingSink.Rows> writer(Attempt attempt) {
      RowWriter<CollectingSink.Rows> writer = rows.writer(attempt);
      return new RowWriter<>() {
        private boolean lost;

        @Override
        public void write(InternalRow row) {
          if (lost) {
            writer.write(row);
          }
          lost = true;
        }

        @Override
        public CollectingSink.Rows finish() {
          return writer.finish();
        }

        @Override
        public void close() {
          writer.close();
        }
      };
    }
  }

  @Test
  void stopsWhereASinkLosesARowUnlessTheJobWantsAWarning() {
    Losing losing = new Losing(new CollectingSink(test));
    Plan strict = simple(losing);
    lines.add(row("a", 1), row("b", 2), row("c", 3));

    assertThatThrownBy(() -> run(strict))
        .hasMessageContaining("all: arrived 3, written 2 + rejected 0 + already there 0")
        .hasMessageContaining("audit: warn lets it go on");

    Plan lenient =
        new Plan(
            strict.job(),
            strict.ledger(),
            strict.spark(),
            strict.checkpoint(),
            strict.inputs(),
            strict.stages(),
            strict.outputs(),
            strict.deadLetters(),
            strict.queries(),
            strict.modes(),
            Plan.Audit.WARN);
    lines.add(row("d", 4), row("e", 5));
    run(lenient);

    assertThat(losing.rows().rows()).hasSize(3);
    assertThat(audit(lenient).accounts()).extracting(Account::unbalanced).containsExactly(0L, 1L);
  }

  private Plan simple(Sink sink) {
    return plan(
        List.of(),
        List.of(output("all", sink, "in", "")),
        Optional.empty(),
        query("in", false, Mode.APPEND, List.of(), "all"));
  }

  private static Plan.Stage valid() {
    ValidateStep step =
        new ValidateStep(
            new ValidateStep.Settings(
                List.of(
                    new ValidateStep.Rule("positive", "v > -1", ValidateStep.Fate.DEAD_LETTER),
                    new ValidateStep.Rule("some", "v <> 0", ValidateStep.Fate.DROP))));
    return stage("valid", step.named("valid"), "in");
  }

  private static Plan.Stage large() {
    return stage(
        "large",
        new SqlStep(new SqlStep.Settings("select id, v from valid where v > 10", false)),
        "valid");
  }

  private static Plan.Stage once() {
    DedupeStep.Settings settings =
        new DedupeStep.Settings(
            List.of("id"), Optional.of(Duration.ofMinutes(10)), Optional.empty(), false);
    return stage("once", new DedupeStep(settings), "valid");
  }

  private static Plan.Stage perMinute() {
    WindowStep.Settings settings =
        new WindowStep.Settings(
            "t",
            Optional.of(Duration.ofMinutes(1)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Map.of("rows", "count(1)"));
    return stage("per_minute", new WindowStep(settings), "once");
  }

  private static Plan.Stage stage(String name, Step step, String from) {
    return new Plan.Stage(name, AT, step, List.of(from), Optional.empty());
  }

  private static String row(String id, int v) {
    return "{\"id\":\"" + id + "\",\"v\":" + v + "}";
  }

  private static String at(String id, String time) {
    return "{\"id\":\"" + id + "\",\"v\":1,\"t\":\"2026-01-01T" + time + "Z\"}";
  }

  private Plan plan(
      List<Plan.Stage> stages, List<Plan.Output> outputs, Optional<Sink> dead, Plan.Query query) {
    JsonDecoder json =
        new JsonDecoder(
            new JsonDecoder.Settings(
                Optional.of(FIELDS), Optional.empty(), Tombstones.DEAD_LETTER));
    Step watermark =
        new WatermarkStep(
            new WatermarkStep.Settings(
                "t",
                Duration.ofSeconds(10),
                Late.DROP,
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
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
                Optional.of(json),
                query.stateful() ? Optional.of(watermark) : Optional.empty(),
                Optional.empty())),
        stages,
        outputs,
        dead.map(sink -> output("dead_letters", sink, "", "")),
        List.of(query),
        Map.of(),
        Plan.Audit.STOP);
  }

  private static Plan.Query query(
      String root, boolean stateful, Mode mode, List<String> tags, String... outputs) {
    return new Plan.Query(root, root, stateful, Arrays.asList(outputs), tags, mode, ONCE);
  }

  private static Plan.Output output(String name, Sink sink, String from, String when) {
    return new Plan.Output(
        name,
        AT,
        sink,
        from,
        Optional.of(when).filter(text -> !text.isEmpty()),
        new Writing(Mode.APPEND, Write.APPEND),
        Guarantee.EXACTLY_ONCE,
        ONCE);
  }

  private static Audit audit(Plan plan) {
    return Audit.of(plan, Sessions::spark).get(0);
  }

  private void run(Plan plan) {
    try (RunningJob job = new Launcher(Sessions.spark()).launch(plan)) {
      job.await();
      List<StreamingQuery> queries = new ArrayList<>(job.queries().values());
      queries.forEach(
          query ->
              Arrays.stream(query.recentProgress())
                  .flatMap(progress -> Arrays.stream(progress.stateOperators()))
                  .forEach(operator -> dropped += operator.numRowsDroppedByWatermark()));
    }
  }

  /** Takes a batch's commit away, as if the driver had died before it. */
  private void forget(String query, long batch) throws IOException {
    Path commits = folder.resolve("checkpoints").resolve(query).resolve("commits");
    Files.delete(commits.resolve(Long.toString(batch)));
    Files.delete(commits.resolve("." + batch + ".crc"));
  }
}
