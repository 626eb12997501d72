package io.millrace.engine.step;

import io.millrace.engine.spi.Step;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.streaming.StreamingRelationV2;
import org.apache.spark.sql.catalyst.types.DataTypeUtils;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.apache.spark.util.LongAccumulator;
import scala.Option;

/**
 * Times in place of rows that do not come, for one watermark of one query.
 *
 * @param input what the job calls it
 * @param node the watermark's
 * @param delay the watermark's
 * @param idle how long no row may come before there are such times
 * @param rows that came, in all batches since the start
 */
record Heartbeats(String input, UUID node, Duration delay, Duration idle, LongAccumulator rows)
    implements Table, SupportsRead {
  private static final StructType COLUMNS = new StructType().add("beat", DataTypes.TimestampType);

  Heartbeats(String input, UUID node, Duration delay, Duration idle) {
    this(input, node, delay, idle, new LongAccumulator());
  }

  /** A stream of one column. */
  LogicalPlan relation() {
    return new StreamingRelationV2(
        Option.empty(),
        name(),
        this,
        CaseInsensitiveStringMap.empty(),
        Catalyst.<AttributeReference>seq(Catalyst.list(DataTypeUtils.toAttributes(COLUMNS))),
        Option.empty(),
        Option.empty(),
        Option.empty());
  }

  /** Lets tasks count rows. */
  void register(SparkSession spark) {
    if (!rows.isRegistered()) {
      spark.sparkContext().register(rows);
    }
  }

  @Override
  public String name() {
    return Step.HEARTBEATS + input;
  }

  @Override
  @SuppressWarnings("deprecation") // Spark's own way from columns to a schema goes through it.
  public StructType schema() {
    return COLUMNS;
  }

  @Override
  public Set<TableCapability> capabilities() {
    return Set.of(TableCapability.MICRO_BATCH_READ);
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
    return () -> new Read(this);
  }

  private record Read(Heartbeats heartbeats) implements Scan {
    @Override
    public StructType readSchema() {
      return COLUMNS;
    }

    @Override
    public MicroBatchStream toMicroBatchStream(String checkpoint) {
      return new HeartbeatStream(heartbeats);
    }
  }
}
