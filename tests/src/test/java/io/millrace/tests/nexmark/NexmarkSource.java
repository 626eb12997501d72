package io.millrace.tests.nexmark;

import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Source;
import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * One stream of the auction site without a broker: its events are made where they are read, the
 * same ones whenever a batch comes again. An offset is the number of an event of the whole site.
 */
record NexmarkSource(Settings settings) implements Source {
  /** What it takes. */
  record Settings(
      @Doc("Which stream: persons, auctions or bids.") Events.Kind stream,
      @Doc("How many events the whole site has.") long count,
      @Doc("Makes the same events again.") long seed,
      @Doc("A file that holds how many of them there are by now.") String written,
      @Doc("The most events of the whole site in one batch.") long maxPerBatch)
      implements Serializable {
    Settings {
      if (count < 1 || maxPerBatch < 1) {
        throw new IllegalArgumentException(
            "Expected 1 or more for count and max-per-batch, found %d and %d"
                .formatted(count, maxPerBatch));
      }
    }

    Map<String, String> options() {
      return Map.of(
          "stream", stream.name(),
          "count", Long.toString(count),
          "seed", Long.toString(seed),
          "written", written,
          "maxPerBatch", Long.toString(maxPerBatch));
    }
  }

  @Override
  public Dataset<Row> open(SparkSession spark) {
    return spark
        .readStream()
        .format(NexmarkProvider.class.getName())
        .options(settings.options())
        .load();
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    return spark.read().format(NexmarkProvider.class.getName()).options(settings.options()).load();
  }

  @Override
  public Optional<StructType> schema() {
    return Optional.of(NexmarkRows.columns(settings.stream()));
  }
}
