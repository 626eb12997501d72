package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Step;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.step.ValidateStep;
import io.millrace.engine.testing.CollectingBatchSink;
import io.millrace.engine.testing.CollectingSink;
import io.millrace.engine.testing.LineFolder;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

class NoticesTest {
  private static final Position AT = Position.JAVA;
  private static final Plan.Trigger ONCE = new Plan.Trigger.AvailableNow();
  private static final Step SHORT =
      new ValidateStep(
              new ValidateStep.Settings(
                  List.of(
                      new ValidateStep.Rule("brief", "length(value) < 3", ValidateStep.Fate.WARN))))
          .named("valid");

  private final Logger logger = (Logger) LogManager.getLogger(Notices.class);
  private final Log log = new Log();
  private Path folder = Path.of("");
  private LineFolder lines = new LineFolder("");
  private String test = "";

  /** Keeps what is logged. */
  private static final class Log extends AbstractAppender {
    private final List<String> told = new CopyOnWriteArrayList<>();

    Log() {
      super("told", null, null, false, Property.EMPTY_ARRAY);
      start();
    }

    @Override
    public void append(LogEvent event) {
      told.add(event.getMessage().getFormattedMessage());
    }
  }

  @BeforeEach
  void setUp(TestInfo info, @TempDir Path folder) throws IOException {
    this.folder = folder;
    test = info.getDisplayName();
    lines = new LineFolder(Files.createDirectory(folder.resolve("in")).toString());
    logger.addAppender(log);
  }

  @AfterEach
  void stopListening() {
    logger.removeAppender(log);
  }

  @Test
  void saysOncePerBatchHowManyRowsBreakARuleAndWhereTheFirstCameFrom() {
    Plan plan =
        plan(
            output("rows", new CollectingSink(test + "rows"), "valid"),
            output("batches", new CollectingBatchSink(test + "batches"), "valid"));
    IntStream.range(0, 4).forEach(file -> lines.add("a", "bbb", "cccc", "ddddd"));
    run(plan);
    lines.add("a");
    run(plan);
    lines.add("bbb", "c");
    run(plan);

    assertThat(log.told).hasSize(2);
    assertThat(log.told.get(0))
        .startsWith(
            "Query in, batch 0: 12 row(s) break rule brief of step valid and go on: expected"
                + " length(value) < 3. The first came from: file file:/")
        .satisfies(said -> assertThat(said.split("; ", -1)).hasSize(3));
    assertThat(log.told.get(1))
        .startsWith("Query in, batch 2: 1 row(s) break rule brief")
        .contains("They came from: file file:/")
        .doesNotContain("; ");
  }

  @Test
  void hearsAStepThatRunsInsideTheTaskOfARowSink() {
    lines.add("a", "bbb");
    run(
        plan(
            output("all", new CollectingSink(test + "all"), "in"),
            output("checked", new CollectingSink(test + "checked"), "valid")));

    assertThat(log.told).hasSize(1).allMatch(said -> said.contains("1 row(s) break rule brief"));
  }

  @Test
  void hearsAStepAboveABatchSinkAlone() {
    lines.add("a", "bbb");
    run(
        plan(
            output("all", new CollectingSink(test + "all"), "in"),
            output("checked", new CollectingBatchSink(test + "checked"), "valid")));

    assertThat(log.told).hasSize(1).allMatch(said -> said.contains("1 row(s) break rule brief"));
  }

  private Plan plan(Plan.Output... outputs) {
    List<String> names = List.of(outputs).stream().map(Plan.Output::name).toList();
    return new Plan(
        "job",
        "job",
        Map.of(),
        folder.resolve("checkpoints").toString(),
        List.of(
            new Plan.Input("in", AT, lines, Optional.empty(), Optional.empty(), Optional.empty())),
        List.of(new Plan.Stage("valid", AT, SHORT, List.of("in"), Optional.empty())),
        List.of(outputs),
        Optional.empty(),
        List.of(new Plan.Query("in", "in", false, names, List.of(), Mode.APPEND, ONCE)),
        Map.of(),
        Plan.Audit.STOP);
  }

  private static Plan.Output output(String name, Sink sink, String from) {
    return new Plan.Output(
        name,
        AT,
        sink,
        from,
        Optional.empty(),
        new Writing(Mode.APPEND, Write.APPEND),
        Guarantee.EXACTLY_ONCE,
        ONCE);
  }

  private static void run(Plan plan) {
    try (RunningJob job = new Launcher(Sessions.spark()).launch(plan)) {
      job.await();
    }
  }
}
