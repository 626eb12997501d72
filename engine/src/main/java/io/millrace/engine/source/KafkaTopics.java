package io.millrace.engine.source;

import io.millrace.engine.spi.KafkaFault;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The topics that a source reads, and how many partitions each has. */
record KafkaTopics(Map<String, Integer> partitions) {
  /**
   * Asks the broker, so that what is wrong is told before a stream starts.
   *
   * @throws IllegalStateException with a sentence, if there is no broker or no such topic
   */
  static KafkaTopics find(KafkaSource.Settings settings) {
    try (Admin admin = Admin.create(settings.client().asking())) {
      Map<String, Integer> partitions = new TreeMap<>();
      for (TopicDescription topic : described(admin, settings)) {
        partitions.put(topic.name(), topic.partitions().size());
      }
      return new KafkaTopics(partitions);
    } catch (ExecutionException | KafkaException e) {
      String topics = settings.pattern().orElseGet(() -> String.join(", ", settings.topics()));
      throw new IllegalStateException(
          KafkaFault.sentence(settings.client(), "topics " + topics, e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while asking " + settings.servers(), e);
    }
  }

  private static Collection<TopicDescription> described(Admin admin, KafkaSource.Settings settings)
      throws ExecutionException, InterruptedException {
    List<String> wanted = settings.topics();
    if (settings.pattern().isPresent()) {
      Pattern pattern = Pattern.compile(settings.pattern().get());
      wanted = known(admin).stream().filter(name -> pattern.matcher(name).matches()).toList();
    }
    try {
      return admin.describeTopics(wanted).allTopicNames().get().values();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        throw unknown(settings, wanted, known(admin));
      }
      throw e;
    }
  }

  private static TreeSet<String> known(Admin admin)
      throws ExecutionException, InterruptedException {
    return new TreeSet<>(admin.listTopics().names().get());
  }

  private static IllegalStateException unknown(
      KafkaSource.Settings settings, List<String> wanted, TreeSet<String> known) {
    String missing = wanted.stream().filter(name -> !known.contains(name)).findFirst().orElse("");
    return new IllegalStateException(
        "Unknown topic %s at %s. Create it first; there are %s"
            .formatted(missing, settings.servers(), known.isEmpty() ? "none" : few(known)));
  }

  private static String few(TreeSet<String> topics) {
    String names = String.join(", ", topics.stream().limit(10).toList());
    return topics.size() > 10 ? names + " and " + (topics.size() - 10) + " more" : names;
  }
}
