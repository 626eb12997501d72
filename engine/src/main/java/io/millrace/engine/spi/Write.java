package io.millrace.engine.spi;

/** What a sink does with a row. */
public enum Write {
  APPEND,
  UPSERT,
  MERGE,
  DELETE
}
