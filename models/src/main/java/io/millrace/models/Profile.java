package io.millrace.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the values looked that a model learned from, to tell later whether others look alike.
 *
 * @param format of this file; readers refuse one that they do not know
 * @param numbers the numeric inputs, as the training rows had them
 * @param categories the inputs that are text or true and false, as the training rows had them
 * @param scores what the model said of the rows that were held out
 */
public record Profile(
    int format, List<Numbers> numbers, List<Categories> categories, List<Numbers> scores) {
  /** The format that this version writes. */
  static final int FORMAT = 1;

  /** Bytes that it may have. */
  static final int MOST = 64 << 20;

  /** What the file is called in the folder of a version. */
  public static final String FILE = "profile.json";

  /** How many values of a column of categories are counted one by one. */
  static final int MOST_CATEGORIES = 100;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  public Profile {
    numbers = List.copyOf(numbers);
    categories = List.copyOf(categories);
    scores = List.copyOf(scores);
  }

  /**
   * A column of numbers. NaN counts as null.
   *
   * @param column its name; of a score {@code prediction}, or {@code probability[1]}
   * @param rows all rows, those with a null among them
   * @param edges quantiles from 1% to 99%, ascending and each once
   * @param counts one more than edges: bin i has the values {@code edges[i-1] < v <= edges[i]}
   * @param mean of the finite values; 0 where there is none
   * @param deviation of the finite values, the standard one; 0 where there are fewer than two
   */
  public record Numbers(
      String column,
      long rows,
      long nulls,
      List<Double> edges,
      List<Long> counts,
      double mean,
      double deviation)
      implements Serializable {
    public Numbers {
      edges = List.copyOf(edges);
      counts = List.copyOf(counts);
      if (counts.size() != edges.size() + 1) {
        throw new IllegalArgumentException(
            "Expected one count more than edges of the column "
                + column
                + ", found "
                + counts.size()
                + " counts and "
                + edges.size()
                + " edges");
      }
    }
  }

  /**
   * A column of categories.
   *
   * @param counts of its most frequent values, the most frequent one first
   * @param others how many rows have another value
   */
  public record Categories(String column, long nulls, Map<String, Long> counts, long others)
      implements Serializable {
    public Categories {
      counts = Collections.unmodifiableMap(new LinkedHashMap<>(counts));
    }
  }

  /** Says that a version has none. */
  static IllegalArgumentException missing(StoredModel model) {
    return new IllegalArgumentException(
        "Cannot measure drift against version "
            + model.manifest().version()
            + " of the model "
            + model.manifest().model()
            + ": it has no "
            + FILE
            + ". Train the model again with millrace train");
  }

  /** The content of its file. */
  public byte[] json() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("Cannot write the profile of a model", e);
    }
  }

  /**
   * The profile in these bytes, which lie at {@code where}.
   *
   * @throws IllegalArgumentException with a sentence, if there is none in them
   */
  public static Profile of(byte[] json, String where) {
    Profile profile;
    try {
      profile = JSON.readValue(json, Profile.class);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Cannot read " + where + ": it is no profile. Train the model again", e);
    }
    if (profile == null || profile.format() != FORMAT) {
      throw new IllegalArgumentException(
          "Cannot read "
              + where
              + ": expected format "
              + FORMAT
              + ", found "
              + (profile == null ? "nothing" : profile.format())
              + ". Use the version of Millrace that wrote it, or train the model again");
    }
    return profile;
  }
}
