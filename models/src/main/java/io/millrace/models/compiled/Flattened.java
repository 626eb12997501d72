package io.millrace.models.compiled;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.tree.DecisionTreeModel;
import org.apache.spark.ml.tree.LeafNode;
import org.apache.spark.ml.tree.Node;

/**
 * Trees of Spark's as plain arrays.
 *
 * @param leaves of all trees, each from left to right
 */
record Flattened(Trees trees, List<LeafNode> leaves) {
  static Flattened of(DecisionTreeModel... models) {
    List<Node> roots = Stream.of(models).map(DecisionTreeModel::rootNode).toList();
    Flattening flattening =
        new Flattening(roots.stream().mapToInt(root -> 1 + root.numDescendants()).sum());
    int[] firsts = roots.stream().mapToInt(flattening::add).toArray();
    return new Flattened(trees(firsts, flattening.nodes()), flattening.leaves());
  }

  private static Trees trees(int[] roots, Nodes nodes) {
    int[] features =
        Arrays.stream(nodes.features())
            .filter(feature -> feature >= 0)
            .distinct()
            .sorted()
            .toArray();
    return new Trees(roots, nodes, features, Planting.of(roots, packed(nodes, features)));
  }

  private static Nodes packed(Nodes nodes, int[] features) {
    int[] places =
        Arrays.stream(nodes.features())
            .map(feature -> feature >= 0 ? Arrays.binarySearch(features, feature) : feature)
            .toArray();
    return new Nodes(places, nodes.thresholds(), nodes.right(), nodes.sets(), nodes.left());
  }

  /** What each leaf predicts. */
  double[] predictions() {
    return leaves.stream().mapToDouble(LeafNode::prediction).toArray();
  }

  /** The variance of each leaf. */
  double[] variances() {
    return leaves.stream().mapToDouble(leaf -> leaf.impurityStats().calculate()).toArray();
  }

  /** How many rows of each class each leaf has seen, one leaf after the other. */
  double[] counts() {
    return leaves.stream().flatMapToDouble(leaf -> Arrays.stream(counts(leaf))).toArray();
  }

  /** The same, as shares of all that the leaf has seen. */
  double[] shares() {
    return leaves.stream().flatMapToDouble(leaf -> Arrays.stream(shares(counts(leaf)))).toArray();
  }

  private static double[] counts(LeafNode leaf) {
    return leaf.impurityStats().stats();
  }

  private static double[] shares(double[] counts) {
    double total = Sums.of(counts);
    return total == 0
        ? new double[counts.length]
        : Arrays.stream(counts).map(count -> count / total).toArray();
  }
}
