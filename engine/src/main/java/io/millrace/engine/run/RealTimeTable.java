package io.millrace.engine.run;

import java.util.Set;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.PhysicalWriteInfo;
import org.apache.spark.sql.connector.write.Write;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.connector.write.streaming.StreamingDataWriterFactory;
import org.apache.spark.sql.connector.write.streaming.StreamingWrite;
import org.apache.spark.sql.internal.connector.SupportsStreamingUpdateAsAppend;
import org.apache.spark.sql.types.StructType;

/** The sinks of one query, as the one table that Spark writes to in real time. */
record RealTimeTable(RealTimeLoop loop, StructType rows) implements SupportsWrite {
  @Override
  public String name() {
    return "the sinks of query " + loop.name();
  }

  @Override
  @SuppressWarnings("deprecation")
  public StructType schema() {
    return rows;
  }

  @Override
  public Set<TableCapability> capabilities() {
    return Set.of(TableCapability.STREAMING_WRITE, TableCapability.ACCEPT_ANY_SCHEMA);
  }

  @Override
  public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
    return new Rows(loop);
  }

  /** A stateless query never changes a row, so that an update is one more row. */
  private record Rows(RealTimeLoop loop) implements SupportsStreamingUpdateAsAppend, Write {
    @Override
    public Write build() {
      return this;
    }

    @Override
    public String description() {
      return "the sinks of query " + loop.name();
    }

    @Override
    public StreamingWrite toStreaming() {
      return new Batches(loop);
    }
  }

  private record Batches(RealTimeLoop loop) implements StreamingWrite {
    @Override
    public String toString() {
      return "the sinks of query " + loop.name();
    }

    @Override
    public StreamingDataWriterFactory createStreamingWriterFactory(PhysicalWriteInfo info) {
      return loop.begin(info.numPartitions());
    }

    @Override
    public boolean useCommitCoordinator() {
      return false;
    }

    @Override
    public void commit(long batch, WriterCommitMessage[] messages) {
      loop.commit(batch, RealTimeTasks.done(messages));
    }

    @Override
    public void abort(long batch, WriterCommitMessage[] messages) {
      loop.abort(batch);
    }
  }
}
