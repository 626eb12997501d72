package io.millrace.engine.spec;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the known word that a mistyped one was meant to be. */
public final class Nearest {
  private Nearest() {}

  /** The known word with the fewest edits between, empty if none is close. */
  public static Optional<String> to(String word, Collection<String> known) {
    return within(Math.max(1, word.length() / 3), word, known);
  }

  /** What a sentence about an unknown word ends with: the word that was meant; empty if none is. */
  public static String hint(String word, Collection<String> known) {
    return to(word, known).map(near -> ". Did you mean '" + near + "'?").orElse("");
  }

  /** The known word with the fewest edits between, empty if there are more than this many. */
  public static Optional<String> within(int limit, String word, Collection<String> known) {
    return known.stream()
        .filter(other -> Math.abs(word.length() - other.length()) <= limit)
        .filter(other -> distance(word, other) <= limit)
        .min(
            Comparator.comparingInt((String other) -> distance(word, other))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
  static int distance(String from, String to) {
    int[][] edits = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        edits[i][j] = i == 0 || j == 0 ? i + j : cheapest(edits, from, to, i, j);
      }
    }
    return edits[from.length()][to.length()];
  }

  private static int cheapest(int[][] edits, String from, String to, int i, int j) {
    boolean same = from.charAt(i - 1) == to.charAt(j - 1);
    int least = Math.min(edits[i - 1][j], edits[i][j - 1]) + 1;
    least = Math.min(least, edits[i - 1][j - 1] + (same ? 0 : 1));
    boolean swapped =
        i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1);
    return swapped ? Math.min(least, edits[i - 2][j - 2] + 1) : least;
  }
}
