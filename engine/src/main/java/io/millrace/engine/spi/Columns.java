package io.millrace.engine.spi;

/**
 * Names of the columns that the toolkit adds to a row. Names that start with an underscore are its
 * own; of these a job may read {@code _source} only.
 */
public final class Columns {
  /**
   * Where a row came from, a struct: {@code topic, partition, offset, timestamp, key} of a Kafka
   * record, {@code file, timestamp} of a file. A source without coordinates has no such column.
   */
  public static final String SOURCE = "_source";

  /**
   * Why a row is a dead letter: {@code struct<source: string, step: string, rule: string, reason:
   * string>}, null while it is none.
   */
  public static final String DEAD = "_dead";

  /** The bytes that a row was decoded from, binary. */
  public static final String RAW = "_raw";

  /** The undecoded payload of a source that can be decoded, binary or string. */
  public static final String VALUE = "value";

  /**
   * In the metadata of a column that a function makes of rows of its own: the numbers of the
   * columns that it rests on.
   */
  public static final String READS = "millrace.reads";

  private Columns() {}
}
