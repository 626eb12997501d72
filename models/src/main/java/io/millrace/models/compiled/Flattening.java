package io.millrace.models.compiled;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.apache.spark.ml.tree.CategoricalSplit;
import org.apache.spark.ml.tree.ContinuousSplit;
import org.apache.spark.ml.tree.InternalNode;
import org.apache.spark.ml.tree.LeafNode;
import org.apache.spark.ml.tree.Node;

/** Lays trees out, one node after the other. */
final class Flattening {
  private final int[] features;
  private final double[] thresholds;
  private final int[] right;
  private final int[] sets;
  private final BitSet left = new BitSet();
  private final List<LeafNode> leaves = new ArrayList<>();
  private int size;
  private int bits;

  /** For so many nodes in all. */
  Flattening(int nodes) {
    this.features = new int[nodes];
    this.thresholds = new double[nodes];
    this.right = new int[nodes];
    this.sets = new int[nodes];
    Arrays.fill(sets, Nodes.NO_SET);
  }

  /** Lays out all from a node on, and says where that is. */
  int add(Node node) {
    int place = size++;
    if (node instanceof InternalNode inner) {
      split(place, inner);
      add(inner.leftChild());
      right[place] = add(inner.rightChild());
    } else {
      features[place] = ~leaves.size();
      leaves.add((LeafNode) node);
    }
    return place;
  }

  private void split(int place, InternalNode node) {
    features[place] = node.split().featureIndex();
    if (node.split() instanceof CategoricalSplit categorical) {
      thresholds[place] = categorical.numCategories();
      sets[place] = set(categorical);
    } else {
      thresholds[place] = ((ContinuousSplit) node.split()).threshold();
    }
  }

  /** As Spark has it, other values go with the larger half of the categories. */
  private int set(CategoricalSplit split) {
    int start = bits;
    double[] categories = split.leftCategories();
    for (double category : categories) {
      left.set(start + (int) category);
    }
    left.set(start + split.numCategories(), categories.length > split.numCategories() / 2);
    bits += split.numCategories() + 1;
    return start;
  }

  Nodes nodes() {
    long[] words = Arrays.copyOf(left.toLongArray(), bits / Long.SIZE + 1);
    return new Nodes(features, thresholds, right, sets, words);
  }

  List<LeafNode> leaves() {
    return List.copyOf(leaves);
  }
}
