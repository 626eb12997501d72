package io.millrace.engine.step;

import io.millrace.engine.fold.Seen;
import io.millrace.engine.fold.Values;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Keeping;
import io.millrace.engine.spi.Planned;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.Deduplicate;
import org.apache.spark.sql.catalyst.plans.logical.DeduplicateWithinWatermark;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataTypes;

/**
 * Lets the first row of each key through. With {@code within}, repeats whose event times lie less
 * than that behind the row that was let through are removed, whatever the delay of the watermark.
 * One further apart passes: in a stream as soon as the watermark has come that far, over a table
 * always. A stream takes rows as they come, a table in the order of their times.
 *
 * <p>With {@code sequence} a row is told by its key and a number, and a repeat is removed however
 * late it comes: of each key the numbers that were there are remembered as ranges. It takes no
 * watermark, and no row is late.
 */
public record DedupeStep(Settings settings) implements Planned {
  private static final long serialVersionUID = 1;
  private static final String NUMBER = "_number";

  /** What the step is asked to do. */
  public record Settings(
      @Doc("Columns that are equal in repeats of a row") List<String> keys,
      @Doc(
              "How far behind the row that was let through, in event time, a repeat is removed;"
                  + " needs a watermark above. A later one passes: in a stream once the watermark"
                  + " has come that far, with --batch always")
          Optional<Duration> within,
      @Doc(
              "Column with whole numbers that tell the rows of a key apart, such as an offset or a"
                  + " producer's count. Repeats are then removed for ever; state grows with keys"
                  + " and with gaps between their numbers, not with rows. A row without a number"
                  + " passes")
          Optional<String> sequence,
      @Doc("Remember every key for ever, where neither within nor the keys set an end")
          @Default("false")
          boolean unbounded) {
    public Settings {
      keys = List.copyOf(keys);
      if (keys.isEmpty()) {
        throw new IllegalArgumentException("Missing keys. Write keys: [event_id]");
      }
      if (within.isPresent() && (within.get().isZero() || within.get().isNegative())) {
        throw new IllegalArgumentException(
            "Expected within to be longer than 0s, found " + Durations.text(within.get()));
      }
      if (sequence.isPresent() && (within.isPresent() || unbounded)) {
        throw new IllegalArgumentException(
            "Cannot bound what sequence remembers, ranges of numbers for ever. Leave out "
                + (unbounded ? "unbounded" : "within"));
      }
      if (within.isPresent() && unbounded) {
        throw new IllegalArgumentException(
            "Cannot be unbounded within "
                + Durations.text(within.get())
                + ". Leave out one of them");
      }
    }
  }

  @Override
  public boolean stateful() {
    return true;
  }

  @Override
  public boolean unbounded() {
    return settings.unbounded();
  }

  @Override
  public Optional<String> disorder() {
    return Optional.of("it brings rows together by its keys");
  }

  /** A key that is no time of its own is kept for as long as repeats of it are removed. */
  @Override
  public List<Keeping> keeping() {
    Optional<Duration> span =
        settings.unbounded() || settings.sequence().isPresent()
            ? Optional.empty()
            : settings.within().or(() -> Optional.of(Duration.ZERO));
    return List.of(new Keeping.Keys(settings.keys(), span));
  }

  @Override
  public Effect effect() {
    return Effect.DEDUPES;
  }

  @Override
  public Optional<Expression> onTimeUntil(Input rows) {
    return settings.sequence().isPresent()
        ? Optional.empty()
        : Catalyst.time(rows.plan()).map(time -> Catalyst.call("unix_micros", time));
  }

  @Override
  public boolean takesLate() {
    return settings.sequence().isPresent();
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    LogicalPlan rows = inputs.get(0).plan();
    if (settings.sequence().isPresent()) {
      return numbered(settings.sequence().get(), rows);
    }
    List<Attribute> keys = Catalyst.known(rows, "keys", settings.keys());
    if (settings.within().isPresent()) {
      return within(settings.within().get(), keys, rows);
    }
    if (rows.isStreaming() && !settings.unbounded() && keys.stream().noneMatch(Catalyst::marked)) {
      throw new IllegalArgumentException(
          "Needs an end: every key of "
              + settings.keys()
              + " would be kept for ever. Write within: 1h, or unbounded: true if that is meant");
    }
    return new Deduplicate(Catalyst.seq(keys), rows);
  }

  private LogicalPlan numbered(String sequence, LogicalPlan rows) {
    Keyed keyed = Keyed.arriving(rows, "keys", settings.keys());
    Attribute number = SequenceStep.number(rows, "sequence", sequence);
    List<Keyed.Told> passed = Catalyst.list(rows.output()).stream().map(Keyed.Told::of).toList();
    List<Keyed.Told> told = new ArrayList<>(passed);
    told.add(new Keyed.Told(NUMBER, DataTypes.LongType, Catalyst.call("bigint", number)));
    List<String> names = passed.stream().map(Keyed.Told::name).toList();
    return keyed.arrived(
        told,
        types -> new Seen(types.fieldIndex(NUMBER), Values.of(types, names)),
        Given.of(passed).columns(),
        Catalyst.time(rows).map(Attribute::name));
  }

  /**
   * Spark keeps a key from its event time for as long as the delay that the time column is marked
   * with, and does not look at the watermark's own delay: so the mark is set to what is asked for.
   */
  private LogicalPlan within(Duration within, List<Attribute> keys, LogicalPlan rows) {
    Optional<Attribute> time = Catalyst.time(rows);
    if (time.isEmpty()) {
      throw new IllegalArgumentException(
          "Needs a watermark above to forget keys within "
              + Durations.text(within)
              + ". Add one to the source");
    }
    if (!rows.isStreaming()) {
      return Repeats.removed(rows, keys, time.get(), within);
    }
    LogicalPlan marked = Catalyst.marked(rows, time.get(), within);
    return new DeduplicateWithinWatermark(
        Catalyst.seq(Catalyst.known(marked, "keys", settings.keys())), marked);
  }
}
