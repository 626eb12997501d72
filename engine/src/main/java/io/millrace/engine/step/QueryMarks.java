package io.millrace.engine.step;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.EventTimeWatermark;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.apache.spark.sql.connector.read.streaming.SparkDataStream;
import org.apache.spark.sql.execution.datasources.v2.StreamingDataSourceV2ScanRelation;
import org.apache.spark.sql.execution.streaming.checkpointing.OffsetSeq;
import org.apache.spark.sql.execution.streaming.runtime.IncrementalExecution;
import org.apache.spark.sql.execution.streaming.runtime.MicroBatchExecution;
import org.apache.spark.sql.execution.streaming.runtime.StreamingExecutionRelation;
import scala.Option;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;

/** What a running query knows of its watermarks between two batches. Asked on its own thread. */
final class QueryMarks {
  private static final String QUERY_ID = "sql.streaming.queryId";

  private final MicroBatchExecution query;

  private QueryMarks(MicroBatchExecution query) {
    this.query = query;
  }

  /** Those of the query of this thread. */
  static QueryMarks here() {
    org.apache.spark.sql.classic.SparkSession spark =
        (org.apache.spark.sql.classic.SparkSession) SparkSession.active();
    UUID id = UUID.fromString(spark.sparkContext().getLocalProperty(QUERY_ID));
    return new QueryMarks(
        (MicroBatchExecution)
            Objects.requireNonNull(spark.sharedState().activeStreamingQueries().get(id)));
  }

  /** A batch, and its time in milliseconds. */
  record Batch(long number, long time) {}

  /** The last one that this start worked out. */
  Optional<Batch> last() {
    IncrementalExecution last = query.lastExecution();
    return Optional.ofNullable(last)
        .map(
            known ->
                new Batch(known.currentBatchId(), known.offsetSeqMetadata().batchTimestampMs()));
  }

  /**
   * Where each watermark stands, in milliseconds; empty for one that had neither row nor beat since
   * the start.
   */
  Map<UUID, OptionalLong> marks() {
    Map<UUID, OptionalLong> marks = new HashMap<>();
    CollectionConverters.asJava(query.watermarkTracker().watermarkMap())
        .forEach(
            (node, mark) ->
                marks.put(
                    node,
                    mark.isEmpty()
                        ? OptionalLong.empty()
                        : OptionalLong.of(((Number) mark.get()).longValue())));
    return marks;
  }

  /**
   * The watermark that the batch before this start left behind, if none was worked out with it; in
   * milliseconds.
   */
  OptionalLong unused() {
    long stands = query.watermarkTracker().currentWatermark();
    Option<Tuple2<Object, OffsetSeq>> latest = query.offsetLog().getLatest();
    boolean used =
        latest.isEmpty()
            || latest.get()._2().metadata().isEmpty()
            || latest.get()._2().metadata().get().batchWatermarkMs() >= stands;
    return used ? OptionalLong.empty() : OptionalLong.of(stands);
  }

  /** Lets the watermark of the query be that far behind this batch, in milliseconds, or further. */
  void reach(long mark) {
    query
        .watermarkTracker()
        .setWatermark(Math.max(query.watermarkTracker().currentWatermark(), mark));
  }

  /** The heartbeats of the query, by the watermarks that they are for. */
  Map<UUID, HeartbeatStream> heartbeats() {
    Map<UUID, HeartbeatStream> all = new HashMap<>();
    for (SparkDataStream stream : streams(query.logicalPlan())) {
      if (stream instanceof HeartbeatStream heartbeats) {
        all.put(heartbeats.node(), heartbeats);
      }
    }
    return all;
  }

  /**
   * The time of the batch before this start, if that may have had rows below a watermark, as the
   * offsets of its sources tell; in milliseconds.
   */
  OptionalLong spokeBefore(UUID node) {
    Option<Tuple2<Object, OffsetSeq>> latest = query.offsetLog().getLatest();
    if (latest.isEmpty()) {
      return OptionalLong.empty();
    }
    long number = ((Number) latest.get()._1()).longValue();
    OffsetSeq noted = latest.get()._2();
    Option<OffsetSeq> before = query.offsetLog().get(number - 1);
    boolean moved =
        before.isEmpty()
            || places(node).stream()
                .anyMatch(at -> !offset(noted, at).equals(offset(before.get(), at)));
    return moved && noted.metadata().isDefined()
        ? OptionalLong.of(noted.metadata().get().batchTimestampMs())
        : OptionalLong.empty();
  }

  private static Optional<String> offset(OffsetSeq noted, int at) {
    Option<Offset> offset = Catalyst.list(noted.offsets()).get(at);
    return offset.isEmpty() ? Optional.empty() : Optional.of(offset.get().json());
  }

  /** Which of the query's sources are below a watermark, heartbeats left out. */
  private Set<Integer> places(UUID node) {
    List<SparkDataStream> sources = Catalyst.list(query.sources());
    Set<Integer> places = new HashSet<>();
    for (LogicalPlan mark : marks(query.logicalPlan(), node)) {
      for (SparkDataStream stream : streams(mark)) {
        if (!(stream instanceof HeartbeatStream)) {
          places.add(sources.indexOf(stream));
        }
      }
    }
    return places;
  }

  private static List<LogicalPlan> marks(LogicalPlan plan, UUID node) {
    if (plan instanceof EventTimeWatermark mark && mark.nodeId().equals(node)) {
      return List.of(mark);
    }
    List<LogicalPlan> found = new ArrayList<>();
    Catalyst.list(plan.children()).forEach(child -> found.addAll(marks(child, node)));
    return found;
  }

  private static Set<SparkDataStream> streams(LogicalPlan plan) {
    Set<SparkDataStream> streams = new HashSet<>();
    if (plan instanceof StreamingDataSourceV2ScanRelation relation) {
      streams.add(relation.stream());
    } else if (plan instanceof StreamingExecutionRelation relation) {
      streams.add(relation.source());
    }
    Catalyst.list(plan.children()).forEach(child -> streams.addAll(streams(child)));
    return streams;
  }
}
