package io.millrace.engine.source;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The topics that a source reads, and how many partitions each has. */
record KafkaTopics(Map<String, Integer> partitions) {
  private static final String PATIENCE_MS = "10000";

  /**
   * Asks the broker, so that what is wrong is told before a stream starts.
   *
   * @throws IllegalStateException with a sentence, if there is no broker or no such topic
   */
  static KafkaTopics find(KafkaSource.Settings settings) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("request.timeout.ms", PATIENCE_MS);
    properties.putAll(settings.client().reveal());
    properties.keySet().removeIf(name -> name.startsWith("fetch.") || name.startsWith("max.p"));
    properties.put("default.api.timeout.ms", PATIENCE_MS);
    properties.put("request.timeout.ms", PATIENCE_MS);
    try (Admin admin = Admin.create(properties)) {
      Collection<TopicDescription> found =
          admin.describeTopics(names(admin, settings)).allTopicNames().get().values();
      Map<String, Integer> partitions = new TreeMap<>();
      found.forEach(topic -> partitions.put(topic.name(), topic.partitions().size()));
      return new KafkaTopics(partitions);
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          sentence(settings, java.util.Objects.requireNonNullElse(e.getCause(), e)), e);
    } catch (KafkaException e) {
      throw new IllegalStateException(sentence(settings, e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while asking " + settings.servers(), e);
    }
  }

  private static List<String> names(Admin admin, KafkaSource.Settings settings)
      throws ExecutionException, InterruptedException {
    TreeSet<String> all = new TreeSet<>(admin.listTopics().names().get());
    if (settings.pattern().isPresent()) {
      Pattern pattern = Pattern.compile(settings.pattern().get());
      return all.stream().filter(name -> pattern.matcher(name).matches()).toList();
    }
    for (String topic : settings.topics()) {
      if (!all.contains(topic)) {
        throw new IllegalStateException(
            "Unknown topic %s at %s. Create it first; there are %s"
                .formatted(topic, settings.servers(), all.isEmpty() ? "none" : few(all)));
      }
    }
    return settings.topics();
  }

  private static String few(TreeSet<String> topics) {
    String names = String.join(", ", topics.stream().limit(10).toList());
    return topics.size() > 10 ? names + " and " + (topics.size() - 10) + " more" : names;
  }

  private static String sentence(KafkaSource.Settings settings, Throwable why) {
    String at = settings.servers();
    if (why instanceof UnknownTopicOrPartitionException) {
      return "Unknown topic among " + settings.topics() + " at " + at + ". Create it first";
    }
    if (why instanceof AuthenticationException) {
      return "Cannot log in to Kafka at " + at + ": " + why.getMessage() + ". Check security";
    }
    if (why instanceof AuthorizationException) {
      return "Cannot look at the topics at " + at + ": " + why.getMessage();
    }
    if (why instanceof TimeoutException) {
      return "Cannot reach Kafka at "
          + at
          + " within 10 s. Check that servers is right, that the broker runs, that its advertised"
          + " listeners are reachable from here, and that security fits";
    }
    Throwable root = why;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return "Cannot ask Kafka at " + at + ": " + root.getMessage();
  }
}
