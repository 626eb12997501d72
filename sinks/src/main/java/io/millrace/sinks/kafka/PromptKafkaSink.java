package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.KafkaClient;
import io.millrace.engine.spi.Order;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Writing;
import io.millrace.sinks.encode.HandingOn;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.types.StructType;

/**
 * Sends each row at once, where {@link KafkaSink} waits for others to send it with. A task ends
 * only when the broker has acknowledged all its records.
 */
record PromptKafkaSink(KafkaSink.Settings settings) implements RowSink<KafkaReceipt> {
  @Override
  public Guarantee guarantee(Writing how) {
    return new KafkaSink(settings).guarantee(how);
  }

  @Override
  public Order order(Writing how) {
    return settings.order();
  }

  @Override
  public RowSink<?> inRealTime(Writing how) {
    return this;
  }

  @Override
  public Fence<KafkaReceipt> start(Identity who, Writing how, StructType rows) {
    Layout.prepare(settings, rows);
    int unused = TopicCheck.run(settings);
    return new HandingOn<>(who, how, KafkaReceipt::rejects);
  }

  @Override
  public RowWriter<KafkaReceipt> writer(Attempt attempt) {
    return new KafkaWriter(new SharedOutlet(Producers.shared(client())), settings, attempt);
  }

  /** A job that states how long records wait for others has its way. */
  private KafkaClient client() {
    Map<String, String> properties = new LinkedHashMap<>(settings.properties());
    properties.putIfAbsent("linger.ms", "0");
    return new KafkaClient(settings.servers(), settings.security(), properties);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
