package io.millrace.sinks.kafka;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Asks the brokers for the topic before a query starts, so that the answer is one sentence. */
final class TopicCheck {
  private static final int SECONDS = 20;

  private TopicCheck() {}

  static void run(KafkaSink.Settings settings) {
    Map<String, Object> properties = Producers.admin(settings.client());
    try (Admin admin = Admin.create(properties)) {
      admin
          .describeTopics(List.of(settings.topic()))
          .allTopicNames()
          .get(SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        throw new IllegalStateException(
            "Unknown topic "
                + settings.topic()
                + " at "
                + settings.servers()
                + ". Create it before the job starts",
            e);
      }
      throw unreachable(settings, e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException | KafkaException e) {
      throw unreachable(settings, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Cannot check topic " + settings.topic() + ": stopped", e);
    }
  }

  private static IllegalStateException unreachable(KafkaSink.Settings settings, Throwable why) {
    Throwable root = why.getCause() == null ? why : why.getCause();
    return new IllegalStateException(
        "Cannot reach topic "
            + settings.topic()
            + " at "
            + settings.servers()
            + ": "
            + root.getMessage()
            + ". Check servers, security and that a broker runs there",
        why);
  }
}
