package io.millrace.engine.source;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.KafkaClient;
import io.millrace.engine.spi.KafkaSecurity;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Records of Kafka: {@code key, value, topic, partition, offset, timestamp}, {@code headers} if
 * asked for, and their coordinates.
 */
public record KafkaSource(Settings settings) implements Source {
  private static final Set<String> OWN =
      Set.of(
          "check.crcs",
          "fetch.max.bytes",
          "fetch.max.wait.ms",
          "fetch.min.bytes",
          "isolation.level",
          "max.partition.fetch.bytes",
          "max.poll.interval.ms",
          "max.poll.records",
          "session.timeout.ms");

  /**
   * What suits tasks that know where they end. A task asks for more ahead of need; at the end of a
   * topic Kafka would hold that question for half a second, and all that the task asks next behind
   * it. And a task asks twice for the bounds of its partition behind each poll, so polls are few.
   */
  private static final Map<String, String> CONSUMER =
      Map.of("fetch.max.wait.ms", "10", "max.poll.records", "5000");

  /** What it takes. */
  public record Settings(
      @Doc("Brokers to start from, host:port with commas between them.") String servers,
      @Doc("Names of the topics.") List<String> topics,
      @Doc("In place of topics: a regular expression that names of topics match as a whole.")
          Optional<String> pattern,
      @Doc("Where a new stream or a bounded read begins.") @Default("earliest") KafkaPosition start,
      @Doc("Where a bounded read ends.") @Default("latest") KafkaPosition end,
      @Doc("The most records in one batch.") Optional<Long> maxPerBatch,
      @Doc("The least number of tasks that read a batch.") Optional<Integer> minPartitions,
      @Doc("Whether rows have a headers column.") @Default("false") boolean headers,
      @Doc("Whether records that are gone before they were read stop the job.") @Default("true")
          boolean failOnDataLoss,
      @Doc("How the client proves who it is.") Optional<KafkaSecurity> security,
      @Doc(
              "Further properties of Kafka's consumer. If they are not among them, fetch.max.wait.ms"
                  + " is 10 and max.poll.records 5000.")
          Map<String, String> properties) {
    public Settings {
      if (topics.isEmpty() == pattern.isEmpty()) {
        throw new IllegalArgumentException(
            topics.isEmpty()
                ? "Missing topics. Name them, for example topics: [clicks], or give a pattern"
                : "Cannot take both topics " + topics + " and a pattern. Use one of them");
      }
      pattern.ifPresent(Settings::requirePattern);
      requirePositive("max-per-batch", maxPerBatch.map(Long::longValue));
      requirePositive("min-partitions", minPartitions.map(Integer::longValue));
      KafkaClient.check(properties, OWN);
    }

    private static void requirePattern(String pattern) {
      try {
        Pattern.compile(pattern);
      } catch (PatternSyntaxException e) {
        throw new IllegalArgumentException(
            "Expected a regular expression, found '" + pattern + "': " + e.getDescription(), e);
      }
    }

    private static void requirePositive(String setting, Optional<Long> number) {
      number
          .filter(value -> value < 1)
          .ifPresent(
              value -> {
                throw new IllegalArgumentException(
                    "Expected 1 or more for " + setting + ", found " + value);
              });
    }

    KafkaClient client() {
      return new KafkaClient(servers, security, properties);
    }
  }

  @Override
  public Optional<String> disorder() {
    return settings
        .minPartitions()
        .map(least -> "with min-partitions several tasks may read one partition of a topic");
  }

  @Override
  public Optional<String> notInRealTime() {
    return settings
        .maxPerBatch()
        .map(most -> "has batches of %d records. Leave out max-per-batch".formatted(most))
        .or(
            () ->
                settings
                    .minPartitions()
                    .map(
                        least -> "is read by %d tasks. Leave out min-partitions".formatted(least)));
  }

  @Override
  public Optional<String> topic() {
    return settings.topics().size() == 1 ? Optional.of(settings.topics().get(0)) : Optional.empty();
  }

  @Override
  public Dataset<Row> open(SparkSession spark) {
    KafkaTopics found = KafkaTopics.find(settings);
    Map<String, String> options = options();
    options.putAll(settings.start().options(KafkaPosition.Edge.START, found));
    settings.maxPerBatch().ifPresent(most -> options.put("maxOffsetsPerTrigger", most.toString()));
    String format = KafkaProvider.class.getName();
    return columns(spark.readStream().format(format).options(options).load());
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    KafkaTopics found = KafkaTopics.find(settings);
    Map<String, String> options = options();
    options.putAll(settings.start().options(KafkaPosition.Edge.START, found));
    options.putAll(settings.end().options(KafkaPosition.Edge.END, found));
    return columns(spark.read().format("kafka").options(options).load());
  }

  Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    CONSUMER.forEach((name, value) -> options.put("kafka." + name, value));
    settings.client().reveal().forEach((name, value) -> options.put("kafka." + name, "" + value));
    settings
        .pattern()
        .ifPresentOrElse(
            pattern -> options.put("subscribePattern", pattern),
            () -> options.put("subscribe", String.join(",", settings.topics())));
    settings.minPartitions().ifPresent(least -> options.put("minPartitions", least.toString()));
    options.put("includeHeaders", String.valueOf(settings.headers()));
    options.put("failOnDataLoss", String.valueOf(settings.failOnDataLoss()));
    return options;
  }

  private Dataset<Row> columns(Dataset<Row> records) {
    List<Column> columns = new ArrayList<>();
    for (String name : own().fieldNames()) {
      columns.add(col(name));
    }
    columns.add(
        struct(col("topic"), col("partition"), col("offset"), col("timestamp"), col("key"))
            .as(Columns.SOURCE));
    return records.select(columns.toArray(Column[]::new));
  }

  @Override
  public Optional<StructType> schema() {
    return Optional.of(own().add(Columns.SOURCE, coordinates(), false));
  }

  private static StructType coordinates() {
    return new StructType()
        .add("topic", DataTypes.StringType)
        .add("partition", DataTypes.IntegerType)
        .add("offset", DataTypes.LongType)
        .add("timestamp", DataTypes.TimestampType)
        .add("key", DataTypes.BinaryType);
  }

  private StructType own() {
    StructType columns =
        new StructType()
            .add("key", DataTypes.BinaryType)
            .add(Columns.VALUE, DataTypes.BinaryType)
            .add("topic", DataTypes.StringType)
            .add("partition", DataTypes.IntegerType)
            .add("offset", DataTypes.LongType)
            .add("timestamp", DataTypes.TimestampType);
    return settings.headers()
        ? columns.add(
            "headers",
            DataTypes.createArrayType(
                new StructType()
                    .add("key", DataTypes.StringType)
                    .add("value", DataTypes.BinaryType)))
        : columns;
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
