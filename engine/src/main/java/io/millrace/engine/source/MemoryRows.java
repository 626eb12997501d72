package io.millrace.engine.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.apache.spark.sql.execution.streaming.runtime.MemoryStreamBaseClass;
import org.apache.spark.sql.execution.streaming.runtime.MemoryStreamInputPartition;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The rows behind a memory source, one set for each name and JVM. They are kept, so a stream that
 * starts again on its checkpoint goes on, and a lost commit is replayed.
 */
public final class MemoryRows {
  private static final Map<String, MemoryRows> ALL = new ConcurrentHashMap<>();

  private final String name;
  private final List<List<Row>> added = new ArrayList<>();
  private final List<Kept> streams = new ArrayList<>();
  private final AtomicLong handedOut = new AtomicLong();

  private MemoryRows(String name) {
    this.name = name;
  }

  /** The rows of this name, none at first. */
  public static MemoryRows named(String name) {
    return ALL.computeIfAbsent(name, MemoryRows::new);
  }

  /** Adds rows that become visible at once, before or after a stream has started. */
  public synchronized void add(Row... rows) {
    List<Row> together = List.of(rows);
    added.add(together);
    streams.forEach(stream -> stream.addData(CollectionConverters.asScala(together)));
  }

  /** How many rows streams have read from here, repeated reads counted again. */
  public long handedOut() {
    return handedOut.get();
  }

  synchronized List<Row> all() {
    return first(added.size());
  }

  /** The rows of so many additions. */
  synchronized List<Row> first(int additions) {
    return added.stream().limit(additions).flatMap(List::stream).toList();
  }

  synchronized int additions() {
    return added.size();
  }

  synchronized Dataset<Row> stream(SparkSession spark, StructType columns) {
    Kept stream = new Kept(name, streams.size(), spark, Encoders.row(columns));
    added.forEach(rows -> stream.addData(CollectionConverters.asScala(rows)));
    streams.add(stream);
    return stream.toDF();
  }

  /** Spark's own stream in memory, that forgets nothing and counts. */
  private static final class Kept extends MemoryStreamBaseClass<Row> {
    private final String name;

    private Kept(String name, int id, SparkSession spark, Encoder<Row> encoder) {
      super(id, spark, Option.empty(), encoder);
      this.name = name;
    }

    @Override
    public void commit(Offset end) {
      // Rows stay for a replay.
    }

    @Override
    public PartitionReaderFactory createReaderFactory() {
      return new Readers(name);
    }
  }

  private record Readers(String name) implements PartitionReaderFactory {
    @Override
    public PartitionReader<InternalRow> createReader(InputPartition partition) {
      return new Reader((MemoryStreamInputPartition) partition, named(name).handedOut);
    }
  }

  private static final class Reader implements PartitionReader<InternalRow> {
    private final MemoryStreamInputPartition partition;
    private final AtomicLong handedOut;
    private int next;

    private Reader(MemoryStreamInputPartition partition, AtomicLong handedOut) {
      this.partition = partition;
      this.handedOut = handedOut;
    }

    @Override
    public boolean next() {
      if (next == partition.records().length) {
        return false;
      }
      next++;
      handedOut.incrementAndGet();
      return true;
    }

    @Override
    public InternalRow get() {
      return partition.records()[next - 1];
    }

    @Override
    public void close() {}
  }
}
