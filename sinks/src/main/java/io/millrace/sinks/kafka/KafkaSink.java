package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.KafkaClient;
import io.millrace.engine.spi.KafkaSecurity;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Order;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Stored;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.sinks.encode.Condition;
import io.millrace.sinks.encode.HandingOn;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Writes each row as one record. A task ends only when the broker has acknowledged all its records.
 * A batch that comes again is written again: each record has the headers {@code millrace-job},
 * {@code millrace-query} and {@code millrace-batch}, by which a consumer sees what may be a
 * repetition. Where a job asks for exactly-once, it is {@link TransactionalKafkaSink}.
 */
public record KafkaSink(Settings settings) implements RowSink<KafkaReceipt>, Stored {
  private static final Set<String> PROPERTIES =
      Set.of(
          "batch.size",
          "buffer.memory",
          "compression.gzip.level",
          "compression.lz4.level",
          "compression.type",
          "compression.zstd.level",
          "delivery.timeout.ms",
          "linger.ms",
          "max.block.ms",
          "max.request.size",
          "partitioner.ignore.keys");

  /** What a job says about the topic. */
  public record Settings(
      @Doc("The brokers to ask first: host:port, separated by commas.") String servers,
      @Doc("The topic that gets the records. It must exist.") String topic,
      @Doc(
              "The column whose value is the key of a record: a string or binary as it is, others"
                  + " as text.")
          Optional<String> key,
      @Doc(
              "The string or binary column that is the value of a record as it is. Left out, the"
                  + " value is made of all columns, as encode says.")
          Optional<String> value,
      @Doc(
              "What all columns become together: json, an object of those that are not null, its"
                  + " times in ISO 8601 to the microsecond; or avro, a record. json if left out.")
          Optional<Encoding> encode,
      @Doc(
              "The column that holds the number of a record's partition, an int. Where it is NULL,"
                  + " the key chooses. A row with a number that the topic does not have is left out"
                  + " as faulty.")
          Optional<String> partition,
      @Doc("Headers of a record: the name of each, and the column that holds its value.")
          Map<String, String> headers,
      @Doc("How to log in and whom to trust.") Optional<KafkaSecurity> security,
      @Doc("Kafka's own properties of the producer, such as linger.ms.")
          Map<String, String> properties,
      @Doc(
              "With delivery: exactly-once, the topic that remembers which batch is there: a"
                  + " compacted one for this sink alone, created if missing, which also names"
                  + " the transactional id. millrace-ledger-<job>-<sink> if left out.")
          Optional<String> ledger,
      @Doc(
              "With delivery: exactly-once, how long the longest batch may take; after that the"
                  + " brokers abort its transaction. 15m if left out, which is also the most that"
                  + " brokers allow as they come (transaction.max.timeout.ms).")
          Optional<Duration> transactionTimeout,
      @Doc(
              "With delivery: exactly-once, for how long a batch is tried again while the brokers"
                  + " are away, or where another start of the job has ended its transaction; then"
                  + " the job stops. 5m if left out; 0s stops at once.")
          Optional<Duration> retry,
      @Doc(
              "For merge: a condition that holds for the rows that delete their key, such as op ="
                  + " 'd'. Each becomes a record with the key and no value, a tombstone, by which a"
                  + " compacted topic forgets the key.")
          Optional<String> deleteWhen) {
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofDays(20);

    public Settings {
      if (topic.isBlank()) {
        throw new IllegalArgumentException("Missing topic. Name the topic that gets the records");
      }
      if (value.isPresent() && encode.isPresent()) {
        throw new IllegalArgumentException(
            "Cannot take both value and encode. Name one column with value, or leave it out for all"
                + " columns");
      }
      for (String header : headers.keySet()) {
        if (header.startsWith(Envelope.PREFIX)) {
          throw new IllegalArgumentException(
              "Cannot set the header "
                  + header
                  + ". Choose a name that does not start with "
                  + Envelope.PREFIX);
        }
      }
      if (properties.containsKey("transaction.timeout.ms")) {
        throw new IllegalArgumentException(
            "Cannot set the property transaction.timeout.ms. Use transaction-timeout, such as"
                + " transaction-timeout: 5m");
      }
      KafkaClient.check(properties, PROPERTIES);
      deleteWhen.ifPresent(text -> Condition.check("delete-when", text));
      if (ledger.isPresent() && ledger.get().equals(topic)) {
        throw new IllegalArgumentException(
            "Cannot keep the ledger in the topic of the rows, "
                + topic
                + ". Name another topic in ledger, or leave it out");
      }
      if (transactionTimeout
          .filter(time -> time.compareTo(SHORTEST) < 0 || time.compareTo(LONGEST) > 0)
          .isPresent()) {
        throw new IllegalArgumentException(
            "Expected a transaction-timeout from %s to %s, found %s"
                .formatted(
                    Durations.text(SHORTEST),
                    Durations.text(LONGEST),
                    Durations.text(transactionTimeout.get())));
      }
    }

    /** What all columns become where no single one is the value. */
    Encoding encoding() {
      return encode.orElseGet(Encoding.Json::new);
    }

    /** The first setting that only a transaction has a use for. */
    Optional<String> transactional() {
      return ledger
          .map(name -> "ledger")
          .or(() -> transactionTimeout.map(time -> "transaction-timeout"))
          .or(() -> retry.map(time -> "retry"));
    }

    /** How long a transaction may stay open. */
    Duration patience() {
      return transactionTimeout.orElse(Duration.ofMinutes(15));
    }

    /** A partition keeps the order of what a task sends to it. */
    Order order() {
      if (partition.isPresent()) {
        return new Order.Lost(
            "records of a key go to the partitions that the column %s names"
                .formatted(partition.get()));
      }
      if (key.isEmpty()) {
        return new Order.Lost("records without a key go to any partition");
      }
      return Boolean.parseBoolean(properties.get("partitioner.ignore.keys"))
          ? new Order.Lost("with partitioner.ignore.keys records go to any partition")
          : new Order.Kept();
    }

    KafkaClient client() {
      return new KafkaClient(servers, security, properties);
    }
  }

  @Override
  public Sink delivering(Guarantee asked) {
    return asked == Guarantee.EXACTLY_ONCE ? new TransactionalKafkaSink(settings) : this;
  }

  @Override
  public RowSink<?> inRealTime(Writing how) {
    return new PromptKafkaSink(settings);
  }

  @Override
  public Order order(Writing how) {
    return settings.order();
  }

  @Override
  public Guarantee guarantee(Writing how) {
    check(settings, how);
    settings
        .transactional()
        .ifPresent(
            name -> {
              throw new IllegalArgumentException(
                  "Cannot use %s without a transaction. Write delivery: exactly-once, or leave it out"
                      .formatted(name));
            });
    return Guarantee.AT_LEAST_ONCE;
  }

  /** For what holds for a topic, however its records are delivered. */
  static void check(Settings settings, Writing how) {
    if (how.mode() == Mode.COMPLETE) {
      throw new IllegalArgumentException(
          "Cannot write a complete result to Kafka: a topic cannot be replaced. Use mode: update"
              + " or mode: append");
    }
    if (how.write() == Write.MERGE) {
      if (settings.deleteWhen().isEmpty() || settings.key().isEmpty()) {
        throw new IllegalArgumentException(
            settings.key().isEmpty()
                ? "Missing key for merge. Name the column that is the key of a record with key"
                : "Missing delete-when for merge. Name the rows that delete their key, for example"
                    + " delete-when: op = 'd'; or use write: append");
      }
      return;
    }
    how.onlyAppends(
        "in Kafka: a topic only grows. Use write: append and a key for a compacted topic, or"
            + " write: merge with delete-when for its tombstones");
    if (settings.deleteWhen().isPresent()) {
      throw new IllegalArgumentException(
          "Cannot use delete-when to append: every row becomes a value. Use write: merge");
    }
  }

  @Override
  public Fence<KafkaReceipt> start(Identity who, Writing how, StructType rows) {
    Layout.prepare(settings, rows);
    TopicCheck.run(settings);
    return new HandingOn<>(who, how, KafkaReceipt::rejects);
  }

  @Override
  public Optional<Dataset<Row>> stored(SparkSession spark, StructType columns) {
    TopicCheck.run(settings);
    return Optional.of(Records.of(spark, settings, columns));
  }

  @Override
  public RowWriter<KafkaReceipt> writer(Attempt attempt) {
    return new KafkaWriter(
        new SharedOutlet(Producers.shared(settings.client())), settings, attempt);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
