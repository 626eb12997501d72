package io.millrace.tests.nexmark;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** A stream of the auction site, for Spark to find by the name of this class. */
public final class NexmarkProvider implements TableProvider {
  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    return NexmarkRows.columns(Events.Kind.valueOf(told(options, "stream")));
  }

  private static String told(CaseInsensitiveStringMap options, String name) {
    return Objects.requireNonNull(options.get(name), name);
  }

  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    return new EventTable(schema);
  }

  private record EventTable(StructType own) implements SupportsRead {
    @Override
    public String name() {
      return "nexmark";
    }

    @Override
    @SuppressWarnings("deprecation")
    public StructType schema() {
      return own;
    }

    @Override
    public Set<TableCapability> capabilities() {
      return Set.of(TableCapability.MICRO_BATCH_READ, TableCapability.BATCH_READ);
    }

    @Override
    public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
      NexmarkStream stream =
          new NexmarkStream(
              new Events(options.getLong("count", 0), options.getLong("seed", 0)),
              Events.Kind.valueOf(told(options, "stream")),
              Path.of(told(options, "written")),
              options.getLong("maxPerBatch", 1));
      return () -> new EventScan(own, stream);
    }
  }

  private record EventScan(StructType readSchema, NexmarkStream stream) implements Scan {
    @Override
    public MicroBatchStream toMicroBatchStream(String checkpoint) {
      return stream;
    }

    @Override
    public Batch toBatch() {
      return stream;
    }
  }
}
