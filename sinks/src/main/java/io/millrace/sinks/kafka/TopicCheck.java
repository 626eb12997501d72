package io.millrace.sinks.kafka;

import io.millrace.engine.spi.KafkaFault;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Asks the brokers for the topic before a query starts, so that the answer is one sentence. */
final class TopicCheck {
  private TopicCheck() {}

  /** How many brokers keep each record of the topic. */
  static int run(KafkaSink.Settings settings) {
    return describe(settings).partitions().get(0).replicas().size();
  }

  /** How many partitions the topic has now. */
  static int partitions(KafkaSink.Settings settings) {
    return describe(settings).partitions().size();
  }

  private static TopicDescription describe(KafkaSink.Settings settings) {
    try (Admin admin = Admin.create(settings.client().asking())) {
      return admin
          .describeTopics(List.of(settings.topic()))
          .topicNameValues()
          .values()
          .iterator()
          .next()
          .get();
    } catch (ExecutionException | KafkaException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        throw new IllegalStateException(
            "Unknown topic "
                + settings.topic()
                + " at "
                + settings.servers()
                + ". Create it before the job starts",
            e);
      }
      throw new IllegalStateException(
          KafkaFault.sentence(settings.client(), "topic " + settings.topic(), e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Cannot check topic " + settings.topic() + ": stopped", e);
    }
  }
}
