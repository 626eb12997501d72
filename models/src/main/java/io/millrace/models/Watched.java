package io.millrace.models;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/**
 * Columns that are watched, each with its places among the counts, one behind the other.
 *
 * @param columns those that rows have
 * @param scores those that a step adds, of which the counts lie behind
 */
record Watched(List<WatchedColumn> columns, List<WatchedScore> scores) implements Serializable {
  Watched {
    columns = List.copyOf(columns);
    scores = List.copyOf(scores);
  }

  /**
   * A column.
   *
   * @param ordinal its number in the rows
   */
  record WatchedColumn(Bins bins, int ordinal, DataType type) implements Serializable {}

  /**
   * A score of the model.
   *
   * @param output its number among the outputs of the step
   * @param index of its place where the output is an array, else -1
   */
  record WatchedScore(NumberBins bins, int output, int index) implements Serializable {}

  private List<Bins> all() {
    return Stream.concat(
            columns.stream().map(WatchedColumn::bins), scores.stream().map(WatchedScore::bins))
        .toList();
  }

  /** Counts of all of them. */
  int places() {
    return all().stream().mapToInt(Bins::places).sum();
  }

  /** How many rows were counted. */
  long rows(long[] counts) {
    return Arrays.stream(counts, 0, all().get(0).places()).sum();
  }

  /** What counts the columns, in one task. */
  ColumnCounter[] open() {
    ColumnCounter[] counters = new ColumnCounter[columns.size()];
    int first = 0;
    for (int i = 0; i < counters.length; i++) {
      WatchedColumn column = columns.get(i);
      counters[i] = ColumnCounter.of(column.bins(), column.ordinal(), column.type(), first);
      first += column.bins().places();
    }
    return counters;
  }

  /** What counts say. */
  List<Drift> measured(long[] counts) {
    List<Drift> drifts = new ArrayList<>();
    int first = 0;
    for (Bins bins : all()) {
      int end = first + bins.places();
      drifts.add(Drift.measured(bins, Arrays.copyOfRange(counts, first, end)));
      first = end;
    }
    return drifts;
  }

  /** Reads rows once, whose columns are those of the bins in order. */
  static List<Drift> count(List<Bins> bins, Dataset<Row> rows) {
    StructField[] fields = rows.schema().fields();
    Watched watched =
        new Watched(
            IntStream.range(0, fields.length)
                .mapToObj(i -> new WatchedColumn(bins.get(i), i, fields[i].dataType()))
                .toList(),
            List.of());
    Counts counts =
        rows.queryExecution()
            .toRdd()
            .toJavaRDD()
            .aggregate(
                new Counts(watched),
                (Function2<Counts, InternalRow, Counts>) Counts::add,
                Counts::merge);
    return watched.measured(counts.sums);
  }

  /** Counts in one task, then of all. */
  private static final class Counts implements Serializable {
    private static final long serialVersionUID = 1;

    private final Watched watched;
    private final long[] sums;
    private transient ColumnCounter @Nullable [] counters;

    Counts(Watched watched) {
      this.watched = watched;
      this.sums = new long[watched.places()];
    }

    Counts add(InternalRow row) {
      ColumnCounter[] all = counters;
      if (all == null) {
        all = watched.open();
        counters = all;
      }
      for (ColumnCounter counter : all) {
        counter.count(row, sums);
      }
      return this;
    }

    Counts merge(Counts other) {
      Arrays.setAll(sums, i -> sums[i] + other.sums[i]);
      return this;
    }
  }
}
