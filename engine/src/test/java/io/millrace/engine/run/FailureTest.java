package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchSink;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.errors.QueryExecutionErrors;
import org.apache.spark.sql.streaming.StreamingQuery;
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
        private long rows;

        @Override
        public void write(InternalRow row) {
          rows++;
          failAt(Fault.ROW);
          if (fault == Fault.SENTENCE) {
            throw new IllegalStateException(
                "Cannot store 77 in n. Use a wider column",
                new IllegalArgumentException("out of range"));
          }
        }

        @Override
        public Count finish() {
          return new Count(rows);
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
  void whoFindsANoteOfTheCheckpointWrittenMeanwhileHasBeenReplaced(@TempDir Path checkpoint)
      throws IOException {
    Path notes = Files.createDirectories(checkpoint.resolve("in/commits"));
    Path note = notes.resolve("31");
    Throwable late =
        QueryExecutionErrors.multiStreamingQueriesUsingPathConcurrentlyError(
            notes.toString(),
            new FileAlreadyExistsException("Rename destination " + note + " already exists."));
    assertThat(CheckpointFault.in(late, checkpoint.toString(), new Configuration()))
        .hasValueSatisfying(
            left -> assertThat(left).startsWith("Cannot go on from the checkpoint file " + note));

    Files.writeString(note, "{}");
    assertThat(CheckpointFault.in(late, checkpoint.toString(), new Configuration()))
        .contains(
            "Cannot go on: fenced by another start of this job, which has written to the same"
                + " checkpoint. Let that one run");
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

  /** A sink that waits inside its batch until it is let go. */
  private record Slow(CountDownLatch begun, CountDownLatch go) implements BatchSink {
    @Override
    public Guarantee guarantee(Writing how) {
      return Guarantee.AT_LEAST_ONCE;
    }

    @Override
    public void write(Batch batch) {
      begun.countDown();
      try {
        if (!go.await(60, TimeUnit.SECONDS)) {
          throw new IllegalStateException("nobody let the sink go");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("cut off", e);
      }
      SEEN.add("batch " + batch.id() + " of " + batch.rows().count());
    }
  }

  @Test
  void aJobThatDrainsStillAnswersAndASecondStartIsToldToWait() throws Exception {
    Slow slow = new Slow(new CountDownLatch(1), new CountDownLatch(1));
    RunningJob job = new Launcher(Sessions.spark()).launch(plan(List.of(output("slow", slow))));
    assertThat(slow.begun().await(60, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<Void> closing = CompletableFuture.runAsync(job::close);
    try {
      // What closes holds its own lock only: whoever asks for the queries gets them.
      Map<String, StreamingQuery> queries =
          CompletableFuture.supplyAsync(job::queries).get(20, TimeUnit.SECONDS);
      assertThat(queries.values()).hasSize(1).allMatch(StreamingQuery::isActive);
      assertThatThrownBy(() -> run(Fault.NONE, Map.of()))
          .isInstanceOf(JobFailedException.class)
          .hasMessage(
              "Cannot start query 'in': Cannot start on the checkpoint "
                  + folder.resolve("checkpoints").resolve("in")
                  + ": the query of another start is still at work on it. Wait until that job is"
                  + " closed, which takes as long as its running batch");
      assertThat(closing).isNotDone();
    } finally {
      slow.go().countDown();
    }
    closing.get(60, TimeUnit.SECONDS);

    assertThat(SEEN).containsExactly("batch 0 of 2");
    try (RunningJob again =
        new Launcher(Sessions.spark()).launch(plan(List.of(output("slow", slow))))) {
      again.await();
    }
    assertThat(SEEN).containsExactly("batch 0 of 2");
  }

  @Test
  void aJobWhoseBatchAnotherStartHasDoneSaysThatItIsFenced() throws Exception {
    Slow slow = new Slow(new CountDownLatch(1), new CountDownLatch(1));
    try (RunningJob job = new Launcher(Sessions.spark()).launch(plan(List.of(output("s", slow))))) {
      assertThat(slow.begun().await(60, TimeUnit.SECONDS)).isTrue();
      Path commits = Files.createDirectories(folder.resolve("checkpoints/in/commits"));
      Files.writeString(commits.resolve("0"), "v1\n{\"nextBatchWatermarkMs\":0}");
      slow.go().countDown();

      assertThatThrownBy(job::await)
          .isInstanceOf(JobFailedException.class)
          .hasMessage(
              "Query 'in' stopped: Cannot go on: fenced by another start of this job, which has"
                  + " written to the same checkpoint. Let that one run");
    }
  }

  private void run(Fault fault, Map<String, String> spark) {
    try (RunningJob job = new Launcher(Sessions.spark()).launch(plan(fault, spark))) {
      job.await();
    }
  }

  private Plan plan(Fault fault, Map<String, String> spark) {
    return plan(
        List.of(
            output("first", new Told("first", Fault.NONE)),
            output("second", new Told("second", fault))),
        spark);
  }

  private Plan plan(List<Plan.Output> outputs) {
    return plan(outputs, Map.of());
  }

  private Plan plan(List<Plan.Output> outputs, Map<String, String> spark) {
    List<String> names = outputs.stream().map(Plan.Output::name).toList();
    return new Plan(
        "job",
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
                Optional.empty())),
        List.of(),
        outputs,
        Optional.empty(),
        List.of(new Plan.Query("in", "in", false, names, List.of(), Mode.APPEND, ONCE)),
        Map.of(),
        Plan.Audit.STOP);
  }

  private static Plan.Output output(String name, Sink sink) {
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
