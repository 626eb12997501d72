package io.millrace.models;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Stream;

/** The bins of one column as its training had them; rows that come now are counted in the same. */
sealed interface Bins extends Serializable permits NumberBins, CategoryBins {
  /** The shares of rows that a population stability index is customarily taken over. */
  int PARTS = 10;

  String column();

  /** Rows of the training in each bin. */
  List<Long> learned();

  /** Rows of the training without a value. */
  long learnedNulls();

  /**
   * The bins in groups that are told and drawn, and that a population stability index is taken
   * over: the number of the bin behind each group.
   */
  List<Integer> ends();

  /** What values a group has, as a person writes it. */
  String values(int group);

  /** A bin for rows with a value of which the training had none one by one; -1 for numbers. */
  int others();

  /** Places for counts: that of the nulls first, and one for each bin. */
  default int places() {
    return learned().size() + 1;
  }

  /** All columns of a profile that rows come with, and then its scores. */
  static List<Bins> of(Profile profile) {
    return Stream.of(
            profile.numbers().stream().map(NumberBins::new),
            profile.categories().stream().map(CategoryBins::new),
            profile.scores().stream().map(NumberBins::new))
        .<Bins>flatMap(each -> each)
        .toList();
  }
}
