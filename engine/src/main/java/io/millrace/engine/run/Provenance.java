package io.millrace.engine.run;

import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Places;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.SourceRecord;
import io.millrace.engine.spi.Step;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.rdd.PartitionPruningRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.plans.logical.EventTimeWatermark;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.Union;
import org.apache.spark.sql.catalyst.streaming.StreamingRelationV2;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractFunction1;

/**
 * Finds the source records of rows that sinks refused. Nothing of them travels with the rows: where
 * a batch has refused rows, their partitions are read once more, this time with the records.
 */
final class Provenance {
  private static final Logger LOG = LoggerFactory.getLogger(Provenance.class);

  /** The record that a row of the trunk came from; null unless it is asked for. */
  private static final String RECORD = "_record";

  private static final String ASKED = "millrace.provenance.asked";

  private final Trunk trunk;

  Provenance(Trunk trunk) {
    this.trunk = trunk;
  }

  /** Whether each row of a frame is one record of its only source, and nothing moves it. */
  static boolean oneToOne(Dataset<Row> rows) {
    return oneToOne(rows.queryExecution().analyzed());
  }

  private static boolean oneToOne(LogicalPlan plan) {
    List<LogicalPlan> below = CollectionConverters.asJava(plan.children());
    boolean inPlace =
        plan instanceof Project
            || plan instanceof Filter
            || plan instanceof SubqueryAlias
            || plan instanceof EventTimeWatermark
            || besideHeartbeats(plan);
    return below.isEmpty() || (inPlace && oneToOne(below.get(0)));
  }

  /** Their partitions come behind those of the rows. */
  private static boolean besideHeartbeats(LogicalPlan plan) {
    return plan instanceof Union
        && CollectionConverters.asJava(plan.children()).stream()
            .skip(1)
            .allMatch(Provenance::heartbeats);
  }

  private static boolean heartbeats(LogicalPlan plan) {
    return plan instanceof Project project
        && project.child() instanceof StreamingRelationV2 stream
        && stream.sourceName().startsWith(Step.HEARTBEATS);
  }

  /** The record of a row, in a frame that has what letters say of its source. */
  static Column column(Dataset<Row> rows) {
    return when(
            Catalyst.column(Catalyst.call(new Asked(), List.of())),
            struct(Letters.coordinates(rows), Letters.key(rows), Letters.raw(rows)))
        .as(RECORD);
  }

  /** The rows of a trunk without what is here. */
  static Dataset<Row> without(Dataset<Row> rows) {
    return rows.drop(RECORD);
  }

  /** Whether a task is asked for records. */
  static final class Asked extends AbstractFunction0<Object> implements Serializable {
    private static final long serialVersionUID = 1;

    private transient @Nullable Boolean asked;

    @Override
    public Object apply() {
      Boolean known = asked;
      if (known == null) {
        TaskContext task = TaskContext.get();
        known = task != null && task.getLocalProperty(ASKED) != null;
        asked = known;
      }
      return known;
    }
  }

  /**
   * Lets the sinks that lack a batch ask where rows of it came from.
   *
   * @param rows those of the batch, not worked out yet
   */
  void tell(
      Map<String, Fence<?>> fences,
      List<String> lacking,
      Dataset<Row> rows,
      List<TaskOutput.Delivery> deliveries) {
    if (!Frames.has(trunk.rows(), RECORD)) {
      return;
    }
    for (Branch branch : trunk.inTask()) {
      String sink = branch.output().name();
      Fence<?> fence = fences.get(sink);
      if (fence != null && lacking.contains(sink)) {
        List<TaskOutput.Delivery> own =
            deliveries.stream().filter(delivery -> delivery.sink().equals(sink)).toList();
        fence.trace(rejects -> trace(rejects, rows, branch.path().orElseThrow(), own));
      }
    }
  }

  private static List<Reject> trace(
      List<Reject> rejects, Dataset<Row> rows, RowPath path, List<TaskOutput.Delivery> deliveries) {
    Set<Long> places =
        rejects.stream()
            .map(Reject::place)
            .filter(place -> place != Places.NOWHERE)
            .collect(Collectors.toCollection(HashSet::new));
    if (places.isEmpty()) {
      return rejects;
    }
    Map<Long, SourceRecord> found = new HashMap<>();
    for (Found partition : read(rows, path, places)) {
      if (deliveries.stream().anyMatch(partition::sameAs)) {
        found.putAll(partition.records());
      } else {
        LOG.warn(
            "Cannot tell where refused rows of partition {} came from: it gives other rows when it"
                + " is read again",
            partition.partition());
      }
    }
    return rejects.stream().map(reject -> reject.cameFrom(found.get(reject.place()))).toList();
  }

  /**
   * What was found in one partition.
   *
   * @param arrived rows that would have come to the sink's writer
   * @param digest of these rows
   */
  private record Found(
      int partition, long arrived, long digest, HashMap<Long, SourceRecord> records)
      implements Serializable {

    boolean sameAs(TaskOutput.Delivery delivery) {
      return delivery.partition() == partition
          && delivery.arrived() == arrived
          && delivery.digest() == digest;
    }
  }

  private static List<Found> read(Dataset<Row> rows, RowPath path, Set<Long> places) {
    Set<Integer> partitions =
        places.stream().map(Places::partition).collect(Collectors.toCollection(HashSet::new));
    SparkSession spark = rows.sparkSession();
    spark.sparkContext().setLocalProperty(ASKED, "true");
    try {
      return PartitionPruningRDD.create(
              rows.queryExecution()
                  .toRdd()
                  .toJavaRDD()
                  .mapPartitionsWithIndex(
                      finding(rows.schema().fieldIndex(RECORD), path, new HashSet<>(places)), true)
                  .rdd(),
              new Among(new HashSet<>(partitions)))
          .toJavaRDD()
          .collect();
    } finally {
      spark.sparkContext().setLocalProperty(ASKED, null);
    }
  }

  /** Which partitions are read. */
  private static final class Among extends AbstractFunction1<Object, Object>
      implements Serializable {
    private static final long serialVersionUID = 1;

    private final Set<Integer> partitions;

    Among(Set<Integer> partitions) {
      this.partitions = partitions;
    }

    @Override
    public Object apply(Object partition) {
      return partitions.contains(partition);
    }
  }

  private static Function2<Integer, Iterator<InternalRow>, Iterator<Found>> finding(
      int column, RowPath path, Set<Long> places) {
    return (partition, rows) -> List.of(find(partition, rows, column, path, places)).iterator();
  }

  private static Found find(
      int partition, Iterator<InternalRow> rows, int column, RowPath path, Set<Long> places) {
    Arriving arriving = new Arriving(partition, path, places);
    Consumer<InternalRow> way = path.open(partition, arriving);
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      way.accept(row);
      arriving.takeRecord(row, column);
    }
    return new Found(partition, arriving.count, arriving.sum, arriving.records);
  }

  /** Rows as they come to a sink's writer. */
  private static final class Arriving implements Consumer<InternalRow> {
    private final long first;
    private final Digest digest;
    private final Set<Long> places;
    private final List<Long> due = new ArrayList<>();
    private final HashMap<Long, SourceRecord> records = new HashMap<>();
    private long count;
    private long sum;

    Arriving(int partition, RowPath path, Set<Long> places) {
      this.first = Places.first(partition);
      this.digest = new Digest(path.output());
      this.places = places;
    }

    @Override
    public void accept(InternalRow row) {
      if (places.contains(first + count)) {
        due.add(first + count);
      }
      count++;
      sum += digest.of(row);
    }

    void takeRecord(InternalRow row, int column) {
      if (!due.isEmpty() && !row.isNullAt(column)) {
        InternalRow record = row.getStruct(column, 3);
        SourceRecord found =
            new SourceRecord(
                record.isNullAt(0) ? null : record.getUTF8String(0).toString(),
                record.isNullAt(1) ? null : record.getBinary(1),
                record.isNullAt(2) ? null : record.getBinary(2));
        due.forEach(place -> records.put(place, found));
      }
      due.clear();
    }
  }
}
