package io.millrace.sinks.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchFence;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.FencedSink;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Ledgered;
import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.StreamSink;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.Sessions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * What every sink keeps, measured by the guarantee that it states. A test of a sink extends it, and
 * says how to write to a target of its own and how a plain client reads that.
 */
public abstract class SinkContract {
  private final String target = "contract_" + UUID.randomUUID().toString().substring(0, 8);
  private final Identity who = new Identity(target, "sink", "query", UUID.randomUUID());

  /** A sink to a target that belongs to this name; rows have the key {@code id}. */
  protected abstract Sink sink(String target);

  /** What a plain client finds in it: the values of each row as texts, without those of NULLs. */
  protected abstract List<Map<String, String>> read(String target);

  protected Writing how() {
    return Batches.APPEND;
  }

  /** The columns of {@link Extremes#rare} that the sink refuses. */
  protected Set<String> refuses() {
    return Set.of();
  }

  /** Those that it refuses in words of another. */
  protected Set<String> leaves() {
    return Set.of();
  }

  /** Whether a client can tell zero from negative zero. */
  protected boolean signsZero() {
    return true;
  }

  /** Whether numbers may have no end. */
  protected boolean endless() {
    return true;
  }

  private boolean repeats() {
    return sink(target).guarantee(how()) == Guarantee.AT_LEAST_ONCE;
  }

  private void write(long batch, Dataset<Row> rows) {
    write(sink(target), who, batch, rows);
  }

  private void write(Sink sink, Identity writer, long batch, Dataset<Row> rows) {
    if (sink instanceof RowSink<?> tasks) {
      Batches.run(tasks, writer, how(), batch, rows);
    } else {
      batches(sink).check(Sessions.spark(), how(), rows.schema());
      batches(sink).write(new Batch(writer, how(), batch, rows));
    }
  }

  private static BatchSink batches(Sink sink) {
    return sink instanceof StreamSink stream ? stream.batched() : (BatchSink) sink;
  }

  private List<Long> ids() {
    return read(target).stream().map(row -> Long.valueOf(row.get("id"))).sorted().toList();
  }

  private static Dataset<Row> numbers(int from, int to) {
    return Batches.sql("select id from range(%d, %d, 1, 2)".formatted(from, to));
  }

  private static List<Long> times(boolean twice, long from, long to) {
    return LongStream.range(from, to)
        .flatMap(id -> LongStream.of(id, id).limit(twice ? 2 : 1))
        .boxed()
        .toList();
  }

  @Test
  protected final void hasABatchThatComesAgainAsOftenAsItPromises() {
    write(0, numbers(0, 3));
    write(0, numbers(0, 3));
    write(1, numbers(0, 0));
    write(2, numbers(3, 5));

    List<Long> expected = new ArrayList<>(times(repeats(), 0, 3));
    expected.addAll(List.of(3L, 4L));
    assertThat(ids()).isEqualTo(expected);
    if (sink(target) instanceof Ledgered ledger) {
      assertThat(ledger.held(Sessions.spark(), who).orElseThrow().batch()).isEqualTo(2);
    }
  }

  @Test
  protected final void hasAnEmptyBatch() {
    write(0, numbers(0, 2));
    write(1, numbers(0, 0));

    assertThat(ids()).containsExactly(0L, 1L);
    if (sink(target) instanceof Ledgered ledger) {
      assertThat(ledger.held(Sessions.spark(), who).orElseThrow().batch()).isEqualTo(1);
    }
  }

  @Test
  protected final void hasAllOfABatchThatFailedHalfWayWhenItComesAgain() {
    write(0, numbers(0, 1));
    Dataset<Row> failing =
        Batches.sql("select if(id = 4, raise_error('boom'), id) id from range(1, 5, 1, 2)");
    assertThatThrownBy(() -> write(1, failing)).hasStackTraceContaining("boom");
    if (sink(target).guarantee(how()) == Guarantee.EXACTLY_ONCE) {
      assertThat(ids()).containsExactly(0L);
    }

    write(1, numbers(1, 5));
    if (repeats()) {
      assertThat(ids()).contains(0L, 1L, 2L, 3L, 4L);
    } else {
      assertThat(ids()).containsExactly(0L, 1L, 2L, 3L, 4L);
    }
  }

  @Test
  protected final void countsOneOfTwoAttemptsOrRefusesBoth() {
    Assumptions.assumeTrue(sink(target) instanceof RowSink);
    Throwable refused = catchThrowable(() -> twice((RowSink<?>) sink(target)));

    if (refused != null) {
      assertThat(ids()).isEmpty();
    } else {
      assertThat(ids()).isEqualTo(times(repeats(), 0, 4));
    }
  }

  private <R extends Receipt> void twice(RowSink<R> sink) {
    Dataset<Row> rows = numbers(0, 4);
    try (Fence<R> fence = sink.start(who, how(), rows.schema())) {
      fence.begin(0);
      List<R> unused = Batches.tasks(sink, who, how(), 0, rows);
      List<R> winners = Batches.tasks(sink, who, how(), 0, rows);
      try {
        fence.commit(0, winners);
      } catch (RuntimeException e) {
        fence.abort(0);
        throw e;
      }
    }
  }

  @Test
  protected final void keepsAStartOutThatWasReplaced() {
    Sink sink = sink(target);
    Assumptions.assumeTrue(sink instanceof Ledgered);
    Dataset<Row> rows = numbers(0, 2);
    if (sink instanceof RowSink<?> tasks) {
      replaced(tasks, rows);
    } else if (sink instanceof FencedSink fenced) {
      BatchFence before = fenced.start(Sessions.spark(), who, how());
      fenced.start(Sessions.spark(), who, how()).write(new Batch(who, how(), 0, rows));
      assertThatThrownBy(() -> before.write(new Batch(who, how(), 1, rows)))
          .hasMessageContaining("fenced by epoch 2, this start has epoch 1");
    } else {
      write(0, rows);
    }
    assertThat(ids()).containsExactly(0L, 1L);
  }

  private <R extends Receipt> void replaced(RowSink<R> sink, Dataset<Row> rows) {
    try (Fence<R> before = sink.start(who, how(), rows.schema());
        Fence<R> after = sink.start(who, how(), rows.schema())) {
      after.begin(0);
      after.commit(0, Batches.tasks(sink, who, how(), 0, rows));
      assertThatThrownBy(
              () -> {
                before.begin(1);
                before.commit(1, Batches.tasks(sink, who, how(), 1, rows));
              })
          .hasStackTraceContaining("fenced");
    }
  }

  @Test
  protected final void keepsHundredsOfColumns() {
    String columns =
        String.join(
            ", ", IntStream.range(0, 400).mapToObj(at -> "id + " + at + " c" + at).toList());
    write(0, Batches.sql("select id, " + columns + " from range(2)"));

    Map<String, String> row =
        read(target).stream()
            .filter(found -> "1".equals(found.get("id")))
            .findFirst()
            .orElseThrow();
    assertThat(row).hasSize(401).containsEntry("c0", "1").containsEntry("c399", "400");
  }

  @Test
  protected final void keepsTheExtremesOfEveryType() {
    same(Extremes.rows(endless()));
  }

  @Test
  protected final void keepsRareTypesOrSaysWhichColumnItRefuses() {
    same(
        Extremes.rare(
            Extremes.rare().stream()
                .filter(name -> !refuses().contains(name) && !leaves().contains(name))
                .filter(name -> signsZero() || !name.equals("negative_zero"))
                .toList()));
    for (String name : refuses()) {
      Dataset<Row> rows = Extremes.rare(List.of(name));
      assertThat(
              root(
                  catchThrowable(() -> write(sink(target + name), writer(target + name), 0, rows))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("column " + name)
          .hasMessageMatching("(?s)Cannot .*[.] (Cast|Use|Leave|Replace) .*");
    }
  }

  private void same(Dataset<Row> rows) {
    write(0, rows);
    assertThat(plain(rows, read(target))).isEqualTo(plain(rows, Extremes.list(rows)));
  }

  private static Map<Long, Map<String, String>> plain(
      Dataset<Row> rows, List<Map<String, String>> values) {
    Map<Long, Map<String, String>> all = new TreeMap<>();
    values.forEach(row -> all.put(Long.valueOf(row.get("id")), Extremes.plain(rows.schema(), row)));
    return all;
  }

  @Test
  protected final void changesNoTextUnseen() {
    text("concat('a', chr(0), 'b')", "a\u0000b");
    text("cast(X'61FF62' as string)", "a\uFFFD+b");
    text("cast(X'61EDA08062' as string)", "a\uFFFD+b");
  }

  /** A text arrives, what is no text in it as replacement characters, or its row is refused. */
  private void text(String sql, String expected) {
    String place = target + Integer.toHexString(sql.hashCode());
    Throwable refused =
        catchThrowable(
            () -> write(sink(place), writer(place), 0, Batches.sql("select 0L id, " + sql + " v")));
    if (refused == null) {
      assertThat(read(place))
          .singleElement()
          .satisfies(row -> assertThat(row.get("v")).matches(expected));
    } else {
      assertThat(root(refused)).hasMessageMatching("(?s).*(NUL|UTF8).*");
    }
  }

  private static Identity writer(String place) {
    return new Identity(place, "sink", "query", UUID.randomUUID());
  }

  private static @Nullable Throwable root(@Nullable Throwable failure) {
    Throwable root = failure;
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
