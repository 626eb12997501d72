package io.millrace.engine.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.apache.spark.sql.connector.read.streaming.ReadLimit;
import org.apache.spark.sql.connector.read.streaming.SupportsTriggerAvailableNow;

/**
 * Gives a time when its input is idle: that of the watermark of the others, never the clock's, so
 * that nothing is late that would be on time if the input was not there. An input is idle when the
 * last batch had no row of it, and the last one that had lies as far back as is said. Where all are
 * idle, each goes with the one that came furthest.
 *
 * <p>Each beat is noted with its batch by the checkpoint, so a batch that comes again has the same.
 * Spark forgets at a restart where the watermarks of inputs stood, and would leave that of the
 * query where it is until all of them have rows. So a beat notes how far that comes with it.
 */
final class HeartbeatStream implements MicroBatchStream, SupportsTriggerAvailableNow {
  private final Heartbeats heartbeats;
  private final Pulse first = Pulse.since(System.currentTimeMillis());
  private long heard = -1;
  private long counted;
  private long spoke = Long.MIN_VALUE;
  private boolean silent;
  private boolean asked;
  private Pulse told = first;

  HeartbeatStream(Heartbeats heartbeats) {
    this.heartbeats = heartbeats;
    heartbeats.register(SparkSession.active());
  }

  UUID node() {
    return heartbeats.node();
  }

  @Override
  public Offset initialOffset() {
    return first;
  }

  @Override
  public Offset latestOffset(Offset start, ReadLimit limit) {
    told = next((Pulse) start, QueryMarks.here());
    return told;
  }

  private Pulse next(Pulse last, QueryMarks query) {
    spoke = Math.max(spoke, last.spoke());
    listen(query);
    if (heard < 0) {
      OptionalLong unused = query.unused();
      return unused.isPresent() ? last.beat(unused.getAsLong(), unused.getAsLong()) : last;
    }
    Pulse now = last.spokeAt(spoke);
    OptionalLong mark =
        idle(query, System.currentTimeMillis()) ? mark(query) : OptionalLong.empty();
    return mark.isPresent() ? now.beat(mark.getAsLong(), reach(query, mark.getAsLong())) : now;
  }

  /** How far the watermark of the query comes with a beat and those that others have told. */
  private long reach(QueryMarks query, long own) {
    Map<UUID, HeartbeatStream> all = query.heartbeats();
    long least = own;
    for (Map.Entry<UUID, OptionalLong> mark : query.marks().entrySet()) {
      if (!mark.getKey().equals(node())) {
        HeartbeatStream other = all.get(mark.getKey());
        long beaten = other == null ? 0 : other.told.mark();
        least = Math.min(least, Math.max(mark.getValue().orElse(0), beaten));
      }
    }
    return least;
  }

  /** Whether its input is idle at a moment, in milliseconds. */
  private boolean idle(QueryMarks query, long now) {
    listen(query);
    return silent && spoke != Long.MIN_VALUE && now - spoke >= heartbeats.idle().toMillis();
  }

  /** Takes note of whether the last batch had rows of the input. */
  private void listen(QueryMarks query) {
    if (query.last().isEmpty()) {
      if (!asked) {
        spoke = Math.max(spoke, query.spokeBefore(node()).orElse(spoke));
        asked = true;
      }
      return;
    }
    QueryMarks.Batch last = query.last().get();
    if (last.number() == heard) {
      return;
    }
    heard = last.number();
    long rows = heartbeats.rows().value();
    silent = rows == counted;
    counted = rows;
    if (!silent) {
      spoke = last.time();
    }
  }

  /** The watermark that the others leave to go to, if it is further than its own. */
  private OptionalLong mark(QueryMarks query) {
    long now = System.currentTimeMillis();
    Map<UUID, OptionalLong> marks = query.marks();
    Map<UUID, HeartbeatStream> all = query.heartbeats();
    List<OptionalLong> active = new ArrayList<>();
    marks.forEach(
        (node, mark) -> {
          HeartbeatStream other = all.get(node);
          if (other == null || !other.idle(query, now)) {
            active.add(mark);
          }
        });
    if (active.stream().anyMatch(OptionalLong::isEmpty)) {
      return OptionalLong.empty();
    }
    OptionalLong target =
        active.isEmpty()
            ? marks.values().stream().flatMapToLong(OptionalLong::stream).max()
            : active.stream().flatMapToLong(OptionalLong::stream).min();
    OptionalLong own = Objects.requireNonNull(marks.get(node()));
    return own.isPresent() && target.orElse(own.getAsLong()) <= own.getAsLong()
        ? OptionalLong.empty()
        : target;
  }

  @Override
  public Offset latestOffset() {
    throw new UnsupportedOperationException("Asked without a start");
  }

  @Override
  public void prepareForTriggerAvailableNow() {
    // There is a beat when the last rows are read, and another one only if that moved something.
  }

  @Override
  public Offset deserializeOffset(String json) {
    return Pulse.of(json);
  }

  @Override
  public InputPartition[] planInputPartitions(Offset start, Offset end) {
    Pulse until = (Pulse) end;
    if (until.equals(start)) {
      return new InputPartition[0];
    }
    QueryMarks.here().reach(until.reach());
    return new InputPartition[] {new Beat((until.mark() + heartbeats.delay().toMillis()) * 1_000)};
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    return new Readers();
  }

  @Override
  public void commit(Offset end) {
    // A beat can be made again from its note.
  }

  @Override
  public void stop() {
    // Nothing is held.
  }

  @Override
  public String toString() {
    return heartbeats.name();
  }

  /** A time in microseconds. */
  private record Beat(long time) implements InputPartition {
    private static final long serialVersionUID = 1;
  }

  private record Readers() implements PartitionReaderFactory {
    private static final long serialVersionUID = 1;

    @Override
    public PartitionReader<InternalRow> createReader(InputPartition partition) {
      return new Reader(((Beat) partition).time());
    }
  }

  private static final class Reader implements PartitionReader<InternalRow> {
    private final InternalRow row;
    private boolean read;

    Reader(long time) {
      this.row = new GenericInternalRow(new Object[] {time});
    }

    @Override
    public boolean next() {
      boolean more = !read;
      read = true;
      return more;
    }

    @Override
    public InternalRow get() {
      return row;
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }
}
