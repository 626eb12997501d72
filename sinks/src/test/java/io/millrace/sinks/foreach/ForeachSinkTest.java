package io.millrace.sinks.foreach;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.UPSERT;
import static io.millrace.sinks.testing.Batches.batch;
import static io.millrace.sinks.testing.Batches.query;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.Guarantee;
import io.millrace.sinks.testing.Batches;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ForeachSinkTest {
  private static final List<String> SEEN = new CopyOnWriteArrayList<>();

  /** Writes down what it is told. */
  public static final class Recorder implements RowHandler {
    private String prefix = "";

    @Override
    public void open(Task task) {
      prefix = task.settings().getOrDefault("prefix", "") + task.batch() + ":";
    }

    @Override
    public void process(Row row) {
      if (Objects.equals(row.getAs("word"), "bad")) {
        throw new IllegalArgumentException("a bad word");
      }
      SEEN.add(prefix + row.getAs("word"));
    }

    @Override
    public void close(@Nullable Throwable failure) {
      SEEN.add("closed after " + (failure == null ? "all" : failure.getMessage()));
    }
  }

  /** Counts the rows of a batch. */
  public static final class Counter implements BatchHandler {
    @Override
    public void write(Batch batch, Map<String, String> settings) throws Exception {
      if (settings.containsKey("fail")) {
        throw new java.io.IOException("no room");
      }
      SEEN.add(batch.who().query() + " " + batch.id() + " " + batch.rows().count());
    }
  }

  /** Cannot be made. */
  public static final class NeedsMore implements RowHandler {
    public NeedsMore(String more) {
      SEEN.add(more);
    }

    @Override
    public void process(Row row) {}
  }

  static final class Hidden implements RowHandler {
    @Override
    public void process(Row row) {}
  }

  private static ForeachSink sink(Class<?> handler) {
    return new ForeachSink(new ForeachSink.Settings(handler.getName(), Map.of("prefix", "p")));
  }

  @BeforeEach
  void forget() {
    SEEN.clear();
  }

  @Test
  void handsEachRowToTheClass() {
    List<ForeachSink.Handled> receipts =
        Batches.run(
            sink(Recorder.class),
            query(),
            APPEND,
            4,
            sql("select * from values ('a'), ('b') as t(word)").coalesce(1));

    assertThat(SEEN).containsExactly("p4:a", "p4:b", "closed after all");
    assertThat(receipts).containsExactly(new ForeachSink.Handled(2));
  }

  @Test
  void closesTheClassOnceWithTheFailureAndFailsTheTask() {
    assertThatThrownBy(
            () ->
                Batches.run(
                    sink(Recorder.class),
                    query(),
                    APPEND,
                    0,
                    sql("select * from values ('a'), ('bad') as t(word)").coalesce(1)))
        .hasStackTraceContaining(
            "Cannot process a row in " + Recorder.class.getName() + ": a bad word");
    assertThat(SEEN).containsExactly("p0:a", "closed after a bad word");
  }

  @Test
  void closesTheClassWhenTheTaskEndsElsewhere() {
    ForeachSink sink = sink(Recorder.class);
    assertThatThrownBy(
            () ->
                Batches.run(
                    sink,
                    query(),
                    APPEND,
                    0,
                    sql("select if(id = 0, raise_error('boom'), 'a') word from range(1)")
                        .coalesce(1)))
        .hasStackTraceContaining("boom");
    assertThat(SEEN).containsExactly("closed after The task ended early, elsewhere");
  }

  @Test
  void handsEachBatchToTheClass() {
    ForeachBatchSink sink =
        new ForeachBatchSink(new ForeachBatchSink.Settings(Counter.class.getName(), Map.of()));
    sink.write(batch(query(), 9, sql("select id from range(3)")));

    assertThat(SEEN).containsExactly("query 9 3");
    assertThat(sink.guarantee(APPEND)).isEqualTo(Guarantee.AT_LEAST_ONCE);
  }

  @Test
  void saysWhichBatchAndClassFailed() {
    ForeachBatchSink sink =
        new ForeachBatchSink(
            new ForeachBatchSink.Settings(Counter.class.getName(), Map.of("fail", "yes")));
    assertThatThrownBy(() -> sink.write(batch(query(), 9, sql("select 1"))))
        .hasMessage("Cannot write batch 9 in " + Counter.class.getName() + ": no room");
  }

  @Test
  void saysAtOnceWhatIsWrongWithAClass() {
    assertThatThrownBy(() -> new ForeachSink.Settings("com.example.Nope", Map.of()))
        .hasMessage("Unknown class com.example.Nope. Put its jar on the class path of the job");
    assertThatThrownBy(() -> sink(Counter.class))
        .hasMessage(
            "Expected a class that implements io.millrace.sinks.foreach.RowHandler, found "
                + Counter.class.getName());
    assertThatThrownBy(() -> sink(RowHandler.class))
        .hasMessageStartingWith("Expected a class that one can make an object of, found abstract");
    assertThatThrownBy(() -> sink(Hidden.class))
        .hasMessage("Needs a public class, found " + Hidden.class.getName());
    assertThatThrownBy(() -> sink(NeedsMore.class))
        .hasMessage(
            "Needs a public constructor without arguments in "
                + NeedsMore.class.getName()
                + ". Add one");
    assertThatThrownBy(() -> sink(Recorder.class).guarantee(UPSERT))
        .hasMessageStartingWith("Cannot upsert through a class");
  }
}
