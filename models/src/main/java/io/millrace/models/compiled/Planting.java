package io.millrace.models.compiled;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/** Lays trees out for a {@link Forest}. */
final class Planting {
  /** A rank that no bin is above. */
  private static final int ALL_LEFT = Integer.MAX_VALUE;

  /** A rank that every bin is above, as every value is for a threshold that is none. */
  private static final int ALL_RIGHT = -1;

  private final Nodes source;
  private final Map<Look, Bin> bins;
  private final int[] nodes;
  private final int[] leaves;
  private final List<long[]> sets = new ArrayList<>();
  private int words;
  private int size;

  /** What nodes look at: a feature by thresholds, or by so many categories. */
  private record Look(int feature, int categories) implements Comparable<Look> {
    @Override
    public int compareTo(Look other) {
      return Comparator.comparingInt(Look::feature)
          .thenComparingInt(Look::categories)
          .compare(this, other);
    }
  }

  // The array is read, never compared.
  @SuppressWarnings("ArrayRecordComponent")
  private record Bin(int place, double[] thresholds) {
    int words(Look look) {
      return Math.max(thresholds.length, look.categories()) / Long.SIZE + 1;
    }
  }

  private Planting(Nodes source) {
    this.source = source;
    this.bins = bins();
    this.nodes = new int[source.features().length * Forest.WIDTH];
    this.leaves = new int[source.features().length];
    int longest =
        bins.entrySet().stream().mapToInt(b -> b.getValue().words(b.getKey())).max().orElse(1);
    int unused = set(new long[longest]);
  }

  /** The forest of these trees. */
  static Forest of(int[] roots, Nodes nodes) {
    Planting planting = new Planting(nodes);
    int[] planted = Arrays.stream(roots).map(planting::tree).toArray();
    return planting.forest(planted);
  }

  private Map<Look, Bin> bins() {
    Map<Look, TreeSet<Double>> found = new TreeMap<>();
    for (int node = 0; node < source.features().length; node++) {
      if (source.features()[node] >= 0) {
        TreeSet<Double> thresholds = found.computeIfAbsent(look(node), key -> new TreeSet<>());
        if (!categorical(node) && !Double.isNaN(threshold(node))) {
          thresholds.add(threshold(node));
        }
      }
    }
    Map<Look, Bin> all = new TreeMap<>();
    found.forEach(
        (look, thresholds) ->
            all.put(
                look,
                new Bin(
                    all.size(), thresholds.stream().mapToDouble(Double::doubleValue).toArray())));
    return all;
  }

  private Look look(int node) {
    int categories = categorical(node) ? (int) source.thresholds()[node] : Bins.NO_CATEGORIES;
    return new Look(source.features()[node], categories);
  }

  private boolean categorical(int node) {
    return source.sets()[node] != Nodes.NO_SET;
  }

  /** Minus zero is as great as zero. */
  private double threshold(int node) {
    return source.thresholds()[node] + 0.0;
  }

  private int tree(int root) {
    int place = room(1);
    plant(root, place);
    return place;
  }

  private int room(int count) {
    int place = size;
    size += count * Forest.WIDTH;
    return place;
  }

  private void plant(int node, int place) {
    if (source.features()[node] < 0) {
      leaves[place / Forest.WIDTH] = ~source.features()[node];
      put(place, 0, ALL_LEFT, 0, place);
    } else {
      int child = room(2);
      Bin bin = Objects.requireNonNull(bins.get(look(node)));
      put(place, bin.place(), rank(node, bin), categorical(node) ? set(right(node)) : 0, child);
      plant(node + 1, child);
      plant(source.right()[node], child + Forest.WIDTH);
    }
  }

  private void put(int place, int... numbers) {
    System.arraycopy(numbers, 0, nodes, place, numbers.length);
  }

  private int rank(int node, Bin bin) {
    if (categorical(node)) {
      return ALL_LEFT;
    }
    return Double.isNaN(threshold(node))
        ? ALL_RIGHT
        : Arrays.binarySearch(bin.thresholds(), threshold(node));
  }

  /** A bit for each category that goes right, and one for all others if they do. */
  private long[] right(int node) {
    int categories = (int) source.thresholds()[node];
    long[] right = new long[categories / Long.SIZE + 1];
    for (int category = 0; category <= categories; category++) {
      if (!source.left(source.sets()[node] + category)) {
        right[category / Long.SIZE] |= 1L << category;
      }
    }
    return right;
  }

  private int set(long[] bits) {
    int place = words;
    sets.add(bits);
    words += bits.length;
    return place;
  }

  private Forest forest(int[] roots) {
    return new Forest(
        new Bins(
            bins.keySet().stream().mapToInt(Look::feature).toArray(),
            bins.values().stream().map(Bin::thresholds).toArray(double[][]::new),
            bins.keySet().stream().mapToInt(Look::categories).toArray()),
        roots,
        nodes,
        leaves,
        sets.stream().flatMapToLong(Arrays::stream).toArray());
  }
}
