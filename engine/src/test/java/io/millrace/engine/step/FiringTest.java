package io.millrace.engine.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.fold.Aggregation;
import io.millrace.engine.fold.Firing;
import io.millrace.engine.fold.Fold;
import io.millrace.engine.fold.Folding;
import io.millrace.engine.fold.Now;
import io.millrace.engine.fold.Panes;
import io.millrace.engine.fold.Sessions;
import io.millrace.engine.fold.Span;
import io.millrace.engine.fold.WindowResult;
import io.millrace.engine.fold.Windows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When windows give results, by a clock of batches that the test moves. Times are in seconds. */
class FiringTest {
  private static final long SECOND = 1_000_000;

  /** What each row has as v: where a window on the clock ends. */
  private static final long END = 100 * SECOND;

  private static final StructType KEY = new StructType().add("k", DataTypes.StringType);

  /** What windows are of: rows, the columns of them that are told, and aggregates over these. */
  private record Over(LogicalPlan rows, Aggregates aggregates) {
    static Over of(LogicalPlan rows, Map<String, String> aggregates) {
      return new Over(rows, Aggregates.of(rows, aggregates));
    }

    StructType types() {
      StructType types =
          new StructType().add("_time", DataTypes.LongType).add("_place", DataTypes.LongType);
      for (Keyed.Told column : aggregates.told()) {
        types = types.add(column.name(), column.type());
      }
      return types;
    }

    Aggregation aggregation() {
      return aggregates.over(types(), aggregates.told());
    }

    WindowResult result(Firing firing) {
      Given gives = new Given(WindowResult.SPAN).with("k", DataTypes.StringType);
      return new WindowResult(
          1,
          aggregates.types().length(),
          gives.with(aggregates.types()).with(firing.columns()).columns());
    }

    /** All rows that have a time, as a fold is told them. */
    List<UnsafeRow> told() {
      Attribute time = Catalyst.known(rows, "time", "t");
      List<NamedExpression> columns = new ArrayList<>();
      columns.add(Catalyst.as("_time", Catalyst.call("unix_micros", time)));
      columns.add(Catalyst.as("_place", Catalyst.whole(0)));
      aggregates.told().forEach(column -> columns.add(column.known().orElseThrow()));
      return Stream.of(
              org.apache.spark.sql.classic.Dataset.ofRows(
                      Tables.spark(), Catalyst.project(columns, rows))
                  .queryExecution()
                  .executedPlan()
                  .executeCollect())
          .map(row -> ((UnsafeRow) row).copy())
          .filter(row -> !row.isNullAt(Fold.TIME))
          .toList();
    }
  }

  private static Over counting() {
    return Over.of(
        Tables.table("rows", "select 'a' as k, timestamp_seconds(1) as t, 1L as v").plan(),
        Map.of("n", "count(v)"));
  }

  /** A fold of one key, from batch to batch. */
  private static final class Fed {
    private final Fold fold;
    private final WindowResult result;
    private byte @Nullable [] memory;
    private OptionalLong due = OptionalLong.empty();

    Fed(Fold fold, WindowResult result) {
      this.fold = fold;
      this.result = result;
    }

    /** What comes of rows in a batch, then of the watermark. */
    List<String> batch(long now, long watermark, long... times) {
      UnsafeProjection packing =
          UnsafeProjection.create(
              new StructType()
                  .add("_time", DataTypes.LongType)
                  .add("_place", DataTypes.LongType)
                  .add("v", DataTypes.LongType));
      return told(
              new Now(now * SECOND, watermark * SECOND),
              LongStream.of(times)
                  .mapToObj(
                      time ->
                          packing
                              .apply(new GenericInternalRow(new Object[] {time * SECOND, 0L, END}))
                              .copy())
                  .toList())
          .stream()
          .map(this::text)
          .toList();
    }

    List<InternalRow> told(Now now, List<UnsafeRow> rows) {
      List<InternalRow> out = new ArrayList<>();
      InternalRow key = new GenericInternalRow(new Object[] {UTF8String.fromString("a")});
      if (!rows.isEmpty()) {
        Folding folding = fold.open();
        folding.begin(UnsafeProjection.create(KEY).apply(key).copy(), memory);
        rows.forEach(row -> folding.row(row, out::add));
        folding.batch(now, out::add);
        memory = folding.end();
      }
      Folding folding = fold.open();
      folding.begin(UnsafeProjection.create(KEY).apply(key).copy(), memory);
      while (folding.alarm().orElse(Long.MAX_VALUE) <= now.watermark()) {
        folding.alarmed(out::add);
      }
      folding.batch(now, out::add);
      due = folding.due();
      memory = folding.end();
      return out;
    }

    private String text(InternalRow row) {
      int at = 3 + result.results();
      String more = row.numFields() > at + 2 ? " " + row.getUTF8String(at + 2) : "";
      return "%d..%d %d %s %d%s"
          .formatted(
              row.getLong(0) / SECOND,
              row.getLong(1) / SECOND,
              row.getLong(3),
              row.getUTF8String(at),
              row.getLong(at + 1),
              more);
    }

    boolean empty() {
      return memory == null;
    }
  }

  private static Firing firing(long rows, long every, long late, Firing.Panes panes) {
    return new Firing(rows, every * SECOND, late * SECOND, panes);
  }

  /** A session of 10 s. */
  private static Fed sessions(Firing firing) {
    Over over = counting();
    WindowResult result = over.result(firing);
    return new Fed(new Sessions(over.aggregation(), result, firing, 10 * SECOND), result);
  }

  /** The window from 0 to 100. */
  private static Fed pane(Firing firing) {
    Over over = counting();
    WindowResult result = over.result(firing);
    return new Fed(new Panes(over.aggregation(), result, firing, 2, END), result);
  }

  @Test
  void firesEarlyOnceItsTimeIsThereWithRowsAndWithout() {
    Fed window = pane(firing(0, 60, 0, Firing.Panes.ACCUMULATE));
    assertThat(window.batch(1_000, 0, 1)).isEmpty();
    assertThat(window.due).hasValue(1_060 * SECOND);
    assertThat(window.batch(1_059, 0, 2)).isEmpty();
    assertThat(window.batch(1_060, 0)).containsExactly("0..100 2 early 1");
    assertThat(window.due).as("of nothing new").isEmpty();
    assertThat(window.batch(1_200, 0)).isEmpty();
    assertThat(window.batch(1_300, 0, 3)).containsExactly("0..100 3 early 2");
    assertThat(window.batch(1_301, 0, 4)).isEmpty();
    assertThat(window.due).hasValue(1_360 * SECOND);
    assertThat(window.batch(1_302, 100)).containsExactly("0..100 4 on-time 3");
    assertThat(window.empty()).isTrue();
  }

  @Test
  void countsFromTheLastResultAlsoWhereThatCameByRows() {
    Fed window = pane(firing(2, 60, 0, Firing.Panes.DISCARD));
    assertThat(window.batch(1_000, 0, 1)).isEmpty();
    assertThat(window.batch(1_050, 0, 2, 3)).containsExactly("0..100 2 early 1");
    assertThat(window.due).hasValue(1_110 * SECOND);
    assertThat(window.batch(1_109, 0)).isEmpty();
    assertThat(window.batch(1_110, 0)).containsExactly("0..100 1 early 2");
  }

  @Test
  void isNotEarlyWhereTheEndIsPassed() {
    Fed window = pane(firing(0, 60, 0, Firing.Panes.ACCUMULATE));
    assertThat(window.batch(1_000, 0, 1)).isEmpty();
    assertThat(window.batch(1_100, 100, 2)).containsExactly("0..100 2 on-time 1");
  }

  @Test
  void takesBackEachSessionThatARowMakesOneWithAnother() {
    Fed key = sessions(firing(0, 60, 0, Firing.Panes.RETRACT));
    assertThat(key.batch(1_000, 95, 100, 115)).isEmpty();
    assertThat(key.batch(1_060, 95))
        .containsExactly("100..110 1 early 1 insert", "115..125 1 early 1 insert");
    assertThat(key.batch(1_061, 95, 107)).isEmpty();
    assertThat(key.due).hasValue(1_120 * SECOND);
    assertThat(key.batch(1_120, 96))
        .containsExactly(
            "100..110 1 early 2 delete", "115..125 1 early 3 delete", "100..125 3 early 4 insert");
    assertThat(key.batch(1_121, 97, 98)).isEmpty();
    assertThat(key.batch(1_122, 125))
        .as("which began sooner than it said")
        .containsExactly("100..125 3 early 5 delete", "98..125 4 on-time 6 insert");
    assertThat(key.empty()).isTrue();
  }

  @Test
  void takesBackAnEndBeforeTheWatermarkPassesIt() {
    Fed key = sessions(firing(0, 60, 0, Firing.Panes.RETRACT));
    assertThat(key.batch(1_000, 95, 100)).isEmpty();
    assertThat(key.batch(1_060, 95)).containsExactly("100..110 1 early 1 insert");
    assertThat(key.batch(1_061, 100, 109)).isEmpty();
    assertThat(key.batch(1_062, 111))
        .containsExactly("100..110 1 early 2 delete", "100..119 2 early 3 insert");
  }

  @Test
  void givesEachRowOnceWhereSessionsDiscard() {
    Fed key = sessions(firing(0, 60, 5, Firing.Panes.DISCARD));
    assertThat(key.batch(1_000, 95, 100, 115)).isEmpty();
    assertThat(key.batch(1_060, 95, 116))
        .containsExactly("100..110 1 early 1", "115..126 2 early 1");
    assertThat(key.batch(1_061, 95, 107, 108)).isEmpty();
    assertThat(key.batch(1_062, 126)).containsExactly("100..126 2 on-time 2");
    assertThat(key.batch(1_063, 126, 112)).containsExactly("100..126 1 late 3");
    assertThat(key.batch(1_064, 131)).isEmpty();
    assertThat(key.empty()).isTrue();
  }

  @Test
  void aLateRowOpensASessionAgainThatItMakesLonger() {
    Fed key = sessions(firing(0, 0, 20, Firing.Panes.RETRACT));
    assertThat(key.batch(1_000, 95, 100)).isEmpty();
    assertThat(key.batch(1_001, 112)).containsExactly("100..110 1 on-time 1 insert");
    assertThat(key.batch(1_002, 112, 101))
        .as("that ends behind the watermark as well")
        .containsExactly("100..110 1 on-time 2 delete", "100..111 2 late 3 insert");
    assertThat(key.batch(1_003, 112, 106))
        .containsExactly("100..111 2 late 4 delete", "100..116 3 early 5 insert");
    assertThat(key.batch(1_004, 116))
        .containsExactly("100..116 3 early 6 delete", "100..116 3 on-time 7 insert");
    assertThat(key.batch(1_005, 135)).isEmpty();
    assertThat(key.empty()).isFalse();
    assertThat(key.batch(1_006, 136)).isEmpty();
    assertThat(key.empty()).isTrue();
  }

  @Test
  void countsTheRowsOfASessionAsTheyCome() {
    Fed key = sessions(firing(2, 60, 0, Firing.Panes.DISCARD));
    assertThat(key.batch(1_000, 95, 100, 115, 107))
        .as("two sessions and a row that makes them one")
        .containsExactly("100..125 3 early 1");
    assertThat(key.batch(1_001, 95, 125, 101)).containsExactly();
    assertThat(key.batch(1_002, 95, 102)).containsExactly("100..125 2 early 2");
  }

  @Test
  void ordersRowsOfASessionAndTakesBackWhatItsEndWas() {
    Over over = counting();
    Firing firing = firing(2, 0, 0, Firing.Panes.RETRACT);
    WindowResult result = over.result(firing);
    Fed key =
        new Fed(
            new Windows(
                over.aggregation(),
                result,
                Span.of(Optional.of(Duration.ofSeconds(10))),
                Span.of(Optional.empty()),
                0,
                List.of(firing)),
            result);
    assertThat(key.batch(1_000, 101, 100, 101)).containsExactly("100..111 2 early 1 insert");
    assertThat(key.batch(1_001, 109, 109)).isEmpty();
    assertThat(key.batch(1_002, 112))
        .as("what other steps take for late behind the watermark")
        .containsExactly("100..111 2 early 2 delete", "100..119 3 early 3 insert");
    assertThat(key.batch(1_003, 119))
        .containsExactly("100..119 3 early 4 delete", "100..119 3 on-time 5 insert");
  }

  /** Sessions of rows in any order are those of rows in order, whatever is aggregated. */
  @Test
  void mergesAggregatesOfAllSorts() {
    Over over = Over.of(SlicesTest.rows().plan(), SlicesTest.AGGREGATES);
    Firing firing = firing(0, 0, 0, Firing.Panes.DISCARD);
    WindowResult result = over.result(firing);
    Fold fold = new Sessions(over.aggregation(), result, firing, 150_000);
    List<UnsafeRow> rows = over.told();
    List<UnsafeRow> sorted =
        rows.stream()
            .sorted((one, other) -> Long.compare(one.getLong(Fold.TIME), other.getLong(Fold.TIME)))
            .toList();
    List<UnsafeRow> shuffled = new ArrayList<>(rows);
    Collections.shuffle(shuffled, new Random(7));
    Now end = new Now(0, Long.MAX_VALUE - 1);
    List<InternalRow> expected = new Fed(fold, result).told(end, sorted);
    assertThat(expected.size()).isGreaterThan(10);
    Fed inParts = new Fed(fold, result);
    int half = shuffled.size() / 2;
    assertThat(inParts.told(new Now(0, Long.MIN_VALUE), shuffled.subList(0, half))).isEmpty();
    List<InternalRow> found = inParts.told(end, shuffled.subList(half, shuffled.size()));
    for (int i = 0; i < result.given().length(); i++) {
      assertThat(column(found, result, i))
          .as(result.given().apply(i).name())
          .isEqualTo(column(expected, result, i));
    }
  }

  /** A column of results in the order of their starts. */
  private static List<String> column(List<InternalRow> rows, WindowResult result, int at) {
    DataType type = result.given().apply(at).dataType();
    return rows.stream()
        .sorted(Comparator.comparingLong(row -> row.getLong(0)))
        .map(row -> row.get(at, type))
        .map(value -> String.valueOf(CatalystTypeConverters.convertToScala(value, type)))
        .toList();
  }
}
