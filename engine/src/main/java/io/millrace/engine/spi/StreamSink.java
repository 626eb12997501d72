package io.millrace.engine.spi;

import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.DataStreamWriter;

/** Spark writes it by its own streaming sink, where it is the only sink of a stateless query. */
public non-sealed interface StreamSink extends Sink {
  DataStreamWriter<Row> attach(DataStreamWriter<Row> writer);

  /** The same sink a batch at a time: for queries with state or with more sinks than one. */
  BatchSink batched();
}
