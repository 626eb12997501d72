package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.KafkaClient;
import io.millrace.engine.spi.KafkaFault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The topic that remembers what one sink has: of its marks the last committed one counts. Its first
 * partition holds them, in the order of their transactions, whose id is the name of the topic.
 */
record LedgerTopic(KafkaClient client, String name) {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Duration GLANCE = Duration.ofMillis(5);
  private static final String POLICY = "cleanup.policy";

  /** It is decided how the transaction ends, and not yet told to all partitions. */
  private static final Set<TransactionState> ENDING =
      Set.of(TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT);

  /** Small segments: a start reads what the brokers have not compacted yet. */
  private static final Map<String, String> CONFIGS =
      Map.of(POLICY, "compact", "segment.bytes", "4194304", "min.cleanable.dirty.ratio", "0.1");

  /** The topic that the settings name, else one that is named after job and sink. */
  static LedgerTopic of(KafkaSink.Settings settings, Identity who) {
    return new LedgerTopic(
        settings.client(),
        settings.ledger().orElseGet(() -> "millrace-ledger-" + who.job() + "-" + who.sink()));
  }

  TopicPartition partition() {
    return new TopicPartition(name, 0);
  }

  /**
   * Whether the topic is there. If so, every mark that was committed can be read when this returns:
   * the brokers acknowledge a commit before each partition knows of it.
   */
  boolean settled() {
    try (Admin admin = Admin.create(client.asking())) {
      boolean there = isThere(admin);
      if (there) {
        awaitEnd(admin);
      }
      return there;
    } catch (ExecutionException | KafkaException e) {
      throw unknown(e);
    } catch (InterruptedException e) {
      throw stopped(e);
    }
  }

  /**
   * Creates the topic where it is not there.
   *
   * @param replicas how many brokers keep each mark
   * @throws IllegalArgumentException with a sentence, if the topic is there and forgets
   */
  void create(int replicas) {
    try (Admin admin = Admin.create(client.asking())) {
      if (isThere(admin)) {
        check(admin);
      } else {
        create(admin, (short) replicas);
      }
    } catch (ExecutionException | KafkaException e) {
      throw unknown(e);
    } catch (InterruptedException e) {
      throw stopped(e);
    }
  }

  private void awaitEnd(Admin admin) throws ExecutionException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (ENDING.contains(state(admin))) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "Cannot read the ledger topic %s: after %d s the brokers have not ended the last transaction of it. Check that the leader of each partition is there"
                .formatted(name, PATIENCE.toSeconds()));
      }
      Thread.sleep(GLANCE.toMillis());
    }
  }

  private TransactionState state(Admin admin) throws ExecutionException, InterruptedException {
    try {
      return admin.describeTransactions(List.of(name)).description(name).get().state();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TransactionalIdNotFoundException) {
        return TransactionState.EMPTY;
      }
      throw e;
    }
  }

  private boolean isThere(Admin admin) throws ExecutionException, InterruptedException {
    try {
      admin.describeTopics(List.of(name)).allTopicNames().get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw e;
    }
  }

  private void create(Admin admin, short replicas) throws ExecutionException, InterruptedException {
    try {
      admin.createTopics(List.of(new NewTopic(name, 1, replicas).configs(CONFIGS))).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }

  private void check(Admin admin) throws ExecutionException, InterruptedException {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
    Config config =
        Objects.requireNonNull(admin.describeConfigs(List.of(topic)).all().get().get(topic));
    String policy = config.get(POLICY).value();
    if (!policy.equals("compact")) {
      throw new IllegalArgumentException(
          "Cannot keep the ledger in topic %s: its cleanup.policy is %s, by which it forgets. Set it to compact, or name another topic in ledger"
              .formatted(name, policy));
    }
  }

  private IllegalStateException unknown(Exception why) {
    return new IllegalStateException(KafkaFault.sentence(client, "topic " + name, why), why);
  }

  private IllegalStateException stopped(InterruptedException why) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("Cannot look at topic " + name + ": stopped", why);
  }
}
