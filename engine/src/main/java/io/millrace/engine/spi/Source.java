package io.millrace.engine.spi;

import java.io.Serializable;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Opens a stream, or reads what is there now. A source whose payload can be decoded has the column
 * {@link Columns#VALUE}; one that knows where its rows come from has {@link Columns#SOURCE}.
 */
public interface Source extends Serializable {
  /** The stream. Called once per query start. */
  Dataset<Row> open(SparkSession spark);

  /**
   * All rows that are there now, as a table with the same columns.
   *
   * @throws UnsupportedOperationException with a sentence, if the source has no end
   */
  Dataset<Row> read(SparkSession spark);

  /** The columns of both, if they are known before Spark runs. */
  Optional<StructType> schema();

  /** Whether it parses rows by itself, and so may tag some in {@link Columns#DEAD}. */
  default boolean decodes() {
    return false;
  }

  /**
   * Why rows of one of its partitions may come in another order, or through several tasks of a
   * batch; empty if one task reads them, in their order, batch after batch.
   */
  default Optional<String> disorder() {
    return Optional.of("it hands out rows in any order");
  }

  /** The topic that all its payloads are from, if it reads one. */
  default Optional<String> topic() {
    return Optional.empty();
  }

  /**
   * How a job reads it that runs as DStreams; empty if it cannot.
   *
   * @throws IllegalArgumentException with a sentence, if its settings are in the way
   */
  default Optional<Feed> feed() {
    return Optional.empty();
  }

  /**
   * Why a query in real time cannot read it, a clause, and a sentence that says what would work;
   * empty if its tasks wait for rows.
   */
  default Optional<String> notInRealTime() {
    return Optional.of("hands out rows batch by batch. Read from kafka");
  }

  /** Whether it hands out the same rows again after a crash. */
  default boolean replays() {
    return true;
  }
}
