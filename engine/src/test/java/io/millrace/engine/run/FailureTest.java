package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.LineFolder;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailureTest {
  private static final Plan.Trigger ONCE = new Plan.Trigger.AvailableNow();
  private static final List<String> SEEN = Collections.synchronizedList(new ArrayList<>());

  private Path folder = Path.of("");

  @BeforeEach
  void setUp(@TempDir Path folder) throws IOException {
    this.folder = folder;
    SEEN.clear();
    new LineFolder(Files.createDirectory(folder.resolve("in")).toString()).add("a", "b");
  }

  private enum Fault {
    NONE,
    START,
    ROW,
    COMMIT,
    SENTENCE
  }

  private record Count(long rows) implements Receipt {}

  /** A sink that says what it is asked, and fails where it should. */
  private record Told(String name, Fault fault) implements RowSink<Count> {
    @Override
    public Guarantee guarantee(Writing how) {
      return Guarantee.EXACTLY_ONCE;
    }

    @Override
    public Fence<Count> start(Identity who, Writing how, StructType rows) {
      failAt(Fault.START);
      SEEN.add(name + " starts");
      return new Fence<>() {
        @Override
        public long last() {
          return -1;
        }

        @Override
        public void begin(long batch) {
          SEEN.add(name + " begins");
        }

        @Override
        public void commit(long batch, List<Count> receipts) {
          failAt(Fault.COMMIT);
          SEEN.add(name + " commits");
        }

        @Override
        public void abort(long batch) {
          SEEN.add(name + " aborts");
        }

        @Override
        public void close() {
          SEEN.add(name + " closes");
        }
      };
    }

    private void failAt(Fault place) {
      if (fault == place) {
        throw new IllegalStateException("broken at " + place);
      }
    }

    @Override
    public RowWriter<Count> writer(Attempt attempt) {
      return new RowWriter<>() {
        @Override
        public void write(InternalRow row) {
          failAt(Fault.ROW);
          if (fault == Fault.SENTENCE) {
            throw new IllegalStateException(
                "Cannot store 77 in n. Use a wider column",
                new IllegalArgumentException("out of range"));
          }
        }

        @Override
        public Count finish() {
          return new Count(0);
        }

        @Override
        public void close() {}
      };
    }
  }

  @Test
  void aTaskThatFailsAbortsEverySinkAndNamesItsOwn() {
    assertThatThrownBy(() -> run(Fault.ROW, Map.of()))
        .isInstanceOf(JobFailedException.class)
        .hasMessage("Query 'in' stopped: batch 0, sink 'second': broken at ROW");
    assertThat(SEEN)
        .containsExactly(
            "first starts",
            "second starts",
            "first begins",
            "second begins",
            "first aborts",
            "second aborts",
            "first closes",
            "second closes");
  }

  @Test
  void aSentenceGoesBeforeWhatCausedIt() {
    assertThatThrownBy(() -> run(Fault.SENTENCE, Map.of()))
        .hasMessage(
            "Query 'in' stopped: batch 0, sink 'second': Cannot store 77 in n. Use a wider column");
  }

  @Test
  void aCommitThatFailsAbortsWhatIsNotCommitted() {
    assertThatThrownBy(() -> run(Fault.COMMIT, Map.of()))
        .isInstanceOf(JobFailedException.class)
        .hasMessage("Query 'in' stopped: batch 0, sink 'second': broken at COMMIT");
    assertThat(SEEN)
        .containsSubsequence("first commits", "second aborts", "first closes", "second closes")
        .doesNotContain("first aborts");
  }

  @Test
  void aSinkThatCannotStartLeavesNothingOpen() {
    assertThatThrownBy(() -> run(Fault.START, Map.of()))
        .isInstanceOf(JobFailedException.class)
        .hasMessage("Cannot start query 'in': sink 'second': broken at START");
    assertThat(SEEN).containsExactly("first starts", "first closes");
  }

  @Test
  void oneRunOverTablesClosesAndNamesToo() {
    assertThatThrownBy(
            () ->
                new Launcher(Sessions.spark())
                    .runOnce(plan(Fault.ROW, Map.of()), Launcher.Ends.CLOSED))
        .isInstanceOf(JobFailedException.class)
        .hasMessage("Query 'in' stopped: batch 0, sink 'second': broken at ROW");
    assertThat(SEEN).contains("first aborts", "second aborts", "first closes", "second closes");
  }

  @Test
  void aSettingThatComesTooLateIsRefused() {
    assertThatThrownBy(() -> run(Fault.NONE, Map.of("spark.executor.memory", "7g")))
        .isInstanceOf(JobFailedException.class)
        .hasMessage(
            "Cannot set spark.executor.memory of the job's spark: settings. It is fixed when Spark"
                + " starts: give it to spark-submit as --conf spark.executor.memory=...");
  }

  @Test
  void waitingForNoTimeTellsWhetherTheJobHasEnded() {
    try (RunningJob job = new Launcher(Sessions.spark()).launch(plan(Fault.NONE, Map.of()))) {
      job.await();
      assertThat(job.await(Duration.ZERO)).isTrue();
    }
    assertThat(folder.resolve("checkpoints").resolve("in.plan"))
        .content()
        .startsWith("job job\nsource in = LineFolder[folder=");
  }

  private void run(Fault fault, Map<String, String> spark) {
    try (RunningJob job = new Launcher(Sessions.spark()).launch(plan(fault, spark))) {
      job.await();
    }
  }

  private Plan plan(Fault fault, Map<String, String> spark) {
    return new Plan(
        "job",
        spark,
        folder.resolve("checkpoints").toString(),
        List.of(
            new Plan.Input(
                "in",
                Position.JAVA,
                new LineFolder(folder.resolve("in").toString()),
                Optional.empty(),
                Optional.empty(),
                false)),
        List.of(),
        List.of(output("first", Fault.NONE), output("second", fault)),
        Optional.empty(),
        List.of(
            new Plan.Query(
                "in", "in", false, List.of("first", "second"), List.of(), Mode.APPEND, ONCE)),
        Map.of());
  }

  private static Plan.Output output(String name, Fault fault) {
    Sink sink = new Told(name, fault);
    return new Plan.Output(
        name,
        Position.JAVA,
        sink,
        "in",
        Optional.empty(),
        new Writing(Mode.APPEND, Write.APPEND),
        Guarantee.EXACTLY_ONCE,
        ONCE);
  }
}
