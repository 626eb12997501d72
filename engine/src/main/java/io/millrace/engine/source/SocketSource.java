package io.millrace.engine.source;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Feed;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Source;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Lines from a socket, {@code value}. It forgets what it sent, so it is for trying things out. */
public record SocketSource(Settings settings) implements Source {
  /** What it takes. */
  public record Settings(
      @Doc("The host to connect to.") String host, @Doc("The port to connect to.") int port) {
    public Settings {
      if (port < 1 || port > 65535) {
        throw new IllegalArgumentException("Expected a port of 1 to 65535, found " + port);
      }
    }
  }

  @Override
  public Dataset<Row> open(SparkSession spark) {
    return spark
        .readStream()
        .format("socket")
        .option("host", settings.host())
        .option("port", settings.port())
        .load();
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    throw new UnsupportedOperationException(
        "Cannot read a socket as a table: it has no end and is for trying things out. Use kafka or"
            + " files");
  }

  @Override
  public Optional<StructType> schema() {
    return Optional.of(new StructType().add(Columns.VALUE, DataTypes.StringType));
  }

  @Override
  public Optional<Feed> feed() {
    return Optional.of(new Feed.Lines(settings.host(), settings.port()));
  }

  @Override
  public boolean replays() {
    return false;
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
