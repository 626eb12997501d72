package io.millrace.engine.source;

import io.millrace.engine.spi.KafkaClient;
import io.millrace.engine.spi.KafkaFault;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.apache.spark.sql.connector.read.streaming.PartitionOffset;
import org.apache.spark.sql.connector.read.streaming.ReadLimit;
import org.apache.spark.sql.connector.read.streaming.ReportsSourceMetrics;
import org.apache.spark.sql.connector.read.streaming.SupportsRealTimeMode;
import org.apache.spark.sql.connector.read.streaming.SupportsTriggerAvailableNow;
import org.apache.spark.sql.kafka010.KafkaMicroBatchStream;
import org.jspecify.annotations.Nullable;

/**
 * Spark's own Kafka stream. Spark 4.1.0 fails where it reports how far a batch is behind before
 * anybody has asked for the latest offsets: after a crash, at the batch that comes again. Here such
 * a batch reports nothing. And where Kafka does not answer, here a sentence says which one.
 */
final class KafkaBatches
    implements MicroBatchStream,
        SupportsRealTimeMode,
        SupportsTriggerAvailableNow,
        ReportsSourceMetrics {
  private final KafkaMicroBatchStream kafka;
  private final KafkaClient client;
  private volatile boolean asked;
  private volatile boolean realTime;

  KafkaBatches(MicroBatchStream kafka, KafkaClient client) {
    this.kafka = (KafkaMicroBatchStream) kafka;
    this.client = client;
  }

  @Override
  public Map<String, String> metrics(Optional<Offset> consumed) {
    return asked ? kafka.metrics(consumed) : Map.of();
  }

  @Override
  public Offset latestOffset(Offset start, ReadLimit limit) {
    Offset latest = ask(() -> kafka.latestOffset(start, limit));
    asked = true;
    return latest;
  }

  @Override
  public @Nullable Offset reportLatestOffset() {
    return asked ? kafka.reportLatestOffset() : null;
  }

  @Override
  public Offset latestOffset() {
    return kafka.latestOffset();
  }

  @Override
  public ReadLimit getDefaultReadLimit() {
    return kafka.getDefaultReadLimit();
  }

  @Override
  public void prepareForTriggerAvailableNow() {
    kafka.prepareForTriggerAvailableNow();
  }

  @Override
  public Offset initialOffset() {
    return ask(kafka::initialOffset);
  }

  @Override
  public Offset deserializeOffset(String json) {
    return kafka.deserializeOffset(json);
  }

  @Override
  public InputPartition[] planInputPartitions(Offset start, Offset end) {
    return ask(() -> kafka.planInputPartitions(start, end));
  }

  @Override
  public void prepareForRealTimeMode() {
    realTime = true;
    kafka.prepareForRealTimeMode();
  }

  @Override
  public InputPartition[] planInputPartitions(Offset start) {
    return ask(() -> kafka.planInputPartitions(start));
  }

  @Override
  public Offset mergeOffsets(PartitionOffset[] offsets) {
    return kafka.mergeOffsets(offsets);
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    PartitionReaderFactory readers = kafka.createReaderFactory();
    return realTime ? new KafkaWaiting(readers) : readers;
  }

  @Override
  public void commit(Offset end) {
    kafka.commit(end);
  }

  @Override
  public void stop() {
    kafka.stop();
  }

  /** Scala throws checked exceptions, such as that of a future, without declaring them. */
  private <T> T ask(Supplier<T> question) {
    try {
      return question.get();
    } catch (Exception e) {
      boolean answer = e instanceof ExecutionException || e instanceof KafkaException;
      if (answer && !(e instanceof InterruptException)) {
        throw new IllegalStateException(KafkaFault.sentence(client, "the latest offsets", e), e);
      }
      throw e;
    }
  }

  @Override
  public String toString() {
    return kafka.toString();
  }
}
