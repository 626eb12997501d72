package io.millrace.engine.spi;

import java.util.Locale;

/** What a sink does with a row. */
public enum Write {
  APPEND,
  UPSERT,
  MERGE,
  DELETE;

  /** As a sentence says it, such as {@code upsert}. */
  public String verb() {
    return name().toLowerCase(Locale.ROOT);
  }
}
