package io.millrace.models;

import io.millrace.engine.spi.Doc;
import java.io.Serializable;
import java.util.List;

/** A model that scores a stable share of the keys in place of the main one. */
public record Rival(
    @Doc("Folder of the model's versions, or of one version") String model,
    @Doc("Share of the keys that it scores, such as 5%") String share,
    @Doc("Columns of the key: rows that have them in common are scored by the same model")
        List<String> by)
    implements Serializable {
  /** Keys are told apart by so many parts. */
  static final int PARTS = 1_000_000;

  private static final String EXAMPLE = "5%";

  public Rival {
    by = List.copyOf(by);
    if (by.isEmpty()) {
      throw new IllegalArgumentException("Missing by, the columns of the key, such as [user_id]");
    }
    double unused = Shares.of(share, EXAMPLE);
  }

  /** Of how many of {@link #PARTS} it scores the keys. */
  long parts() {
    return Math.round(Shares.of(share, EXAMPLE) * PARTS);
  }
}
