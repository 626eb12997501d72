package io.millrace.models;

import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.apache.spark.sql.Row;

/** Counts of columns of doubles between given edges, with their means (Welford, Chan). */
final class Tally implements Serializable {
  private static final long serialVersionUID = 1;

  private final double[][] edges;
  private final long[][] counts;
  private final long[] nulls;
  private final long[] finite;
  private final double[] means;
  private final double[] squares;
  private long rows;

  private Tally(double[][] edges) {
    this.edges = edges;
    this.counts =
        Arrays.stream(edges).map(each -> new long[each.length + 1]).toArray(long[][]::new);
    this.nulls = new long[edges.length];
    this.finite = new long[edges.length];
    this.means = new double[edges.length];
    this.squares = new double[edges.length];
  }

  /** Nothing counted yet. */
  static Tally of(double[][] edges) {
    return new Tally(edges);
  }

  Tally add(Row row) {
    rows++;
    for (int i = 0; i < edges.length; i++) {
      if (row.isNullAt(i)) {
        nulls[i]++;
      } else {
        add(i, row.getDouble(i));
      }
    }
    return this;
  }

  private void add(int column, double value) {
    counts[column][bin(edges[column], value)]++;
    if (Double.isFinite(value)) {
      double delta = value - means[column];
      means[column] += delta / ++finite[column];
      squares[column] += delta * (value - means[column]);
    }
  }

  /** The number of edges below a value. */
  static int bin(double[] edges, double value) {
    int found = Arrays.binarySearch(edges, value);
    return found >= 0 ? found : -found - 1;
  }

  Tally merge(Tally other) {
    rows += other.rows;
    for (int i = 0; i < edges.length; i++) {
      for (int j = 0; j < counts[i].length; j++) {
        counts[i][j] += other.counts[i][j];
      }
      nulls[i] += other.nulls[i];
      merge(i, other);
    }
    return this;
  }

  private void merge(int column, Tally other) {
    long all = finite[column] + other.finite[column];
    if (all > 0) {
      double delta = other.means[column] - means[column];
      double share = (double) other.finite[column] / all;
      squares[column] += other.squares[column] + delta * delta * finite[column] * share;
      means[column] += delta * share;
      finite[column] = all;
    }
  }

  /** What was counted of a column. */
  Profile.Numbers numbers(int column, String name) {
    return new Profile.Numbers(
        name,
        rows,
        nulls[column],
        DoubleStream.of(edges[column]).boxed().toList(),
        LongStream.of(counts[column]).boxed().toList(),
        means[column],
        finite[column] < 2 ? 0 : Math.sqrt(squares[column] / (finite[column] - 1)));
  }
}
