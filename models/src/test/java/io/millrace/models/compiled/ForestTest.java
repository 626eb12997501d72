package io.millrace.models.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Trees side by side against the same trees one by one. */
class ForestTest {
  private static final int FEATURES = 5;
  private static final int CATEGORIES = 130;
  private static final double[] THRESHOLDS = {
    -0.0, 0.0, 1.5, -7, Double.NaN, Double.NEGATIVE_INFINITY, Double.MAX_VALUE
  };
  private static final double[] VALUES = {
    -0.0,
    0.0,
    1.5,
    1.6,
    -7,
    63,
    64,
    65,
    129,
    130,
    1e12,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY
  };

  private final Random random = new Random(11);
  private final List<int[]> shapes = new ArrayList<>();
  private final List<Double> thresholds = new ArrayList<>();
  private final BitSet left = new BitSet();
  private int bits;
  private int leaves;

  /** A tree of random shape: of features 0 and 1 by categories, of 1 to 4 by thresholds. */
  private int tree(int depth) {
    int place = shapes.size();
    int[] shape = {~leaves, 0, Nodes.NO_SET};
    shapes.add(shape);
    thresholds.add(0.0);
    if (depth == 0 || random.nextInt(5) == 0) {
      leaves++;
      return place;
    }
    shape[0] = random.nextInt(FEATURES);
    boolean categorical = shape[0] == 0 || (shape[0] == 1 && random.nextBoolean());
    thresholds.set(place, categorical ? CATEGORIES : THRESHOLDS[random.nextInt(THRESHOLDS.length)]);
    if (categorical) {
      shape[2] = set();
    }
    int first = tree(depth - 1);
    shape[1] = tree(depth - 1);
    assertThat(first).isEqualTo(place + 1);
    return place;
  }

  private int set() {
    int start = bits;
    bits += CATEGORIES + 1;
    for (int bit = start; bit < bits; bit++) {
      left.set(bit, random.nextBoolean());
    }
    return start;
  }

  private Nodes nodes() {
    return new Nodes(
        shapes.stream().mapToInt(shape -> shape[0]).toArray(),
        thresholds.stream().mapToDouble(Double::doubleValue).toArray(),
        shapes.stream().mapToInt(shape -> shape[1]).toArray(),
        shapes.stream().mapToInt(shape -> shape[2]).toArray(),
        Arrays.copyOf(left.toLongArray(), bits / Long.SIZE + 1));
  }

  private double value() {
    return random.nextInt(4) == 0
        ? VALUES[random.nextInt(VALUES.length)]
        : random.nextInt(CATEGORIES + 5) - 3;
  }

  @Test
  void endsAtTheLeavesAtWhichEachTreeAloneEnds() {
    int[] roots = new int[37];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = tree(i % 9);
    }
    Nodes nodes = nodes();
    Forest forest = Planting.of(roots, nodes);

    for (int row = 0; row < 5_000; row++) {
      double[] values = random.doubles(FEATURES).map(unused -> value()).toArray();
      int[] expected = Arrays.stream(roots).map(root -> nodes.leaf(root, values)).toArray();
      assertThat(forest.leaves(values)).isEqualTo(expected);
    }
    assertThat(nodes.features()).contains(0, 1, 2, 3, 4);
    assertThat(forest.bins().features()).containsExactly(0, 1, 1, 2, 3, 4);
  }
}
