package io.millrace.engine.spi;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** How a source is read by a job that runs as DStreams. */
public sealed interface Feed {
  /** Lines that a receiver takes from a socket. What it has not stored is nowhere else. */
  record Lines(String host, int port) implements Feed {}

  /** Files of a folder, each in one batch. */
  non-sealed interface Folder extends Feed, Serializable {
    /** The files that are there now, sorted by name. */
    List<String> files(SparkSession spark);

    /** The rows of some of them, with the columns of {@link Source#open}. */
    Dataset<Row> read(SparkSession spark, List<String> files);

    /** The most files in one batch. */
    Optional<Integer> most();
  }
}
