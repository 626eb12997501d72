package io.millrace.engine.step;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Late;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.TextFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.logical.EventTimeWatermark;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/**
 * Names the event time of rows and how much later than others they may arrive. It removes no row by
 * itself: steps with state behind it do. Dead letters do not move the watermark, and with {@code
 * max-ahead} a row whose time lies too far ahead of the batch's time becomes one.
 *
 * @param name what the job calls the step, or the source that it belongs to
 */
public record WatermarkStep(Settings settings, String name) implements Planned {
  private static final long serialVersionUID = 1;
  private static final Set<String> LATER = Set.of("ingested", "processed");

  /** What the step is asked to do. */
  public record Settings(
      @Doc("Column with the event time, a timestamp") String time,
      @Doc("How far behind the latest event time a row may be") @Default("0s") Duration delay,
      @Doc(
              "What becomes of rows that come when state has closed what they belong to: drop counts"
                  + " them and leaves them out, keep takes them to the dead letters as well, under"
                  + " the step with state and the rule late")
          @Default("drop")
          Late late,
      @Doc(
              "How long, in the time of batches, no row may come before others no longer wait: until"
                  + " one comes, the watermark here goes with that of the other inputs")
          Optional<Duration> idle,
      @Doc(
              "How far ahead of the time of its batch an event time may be: a row beyond that does"
                  + " not move the watermark and is a dead letter with the rule max-ahead")
          Optional<Duration> maxAhead,
      @Doc(
              "A condition in SQL for rows that say that no earlier one is to come, such as kind ="
                  + " 'mark': they alone move the watermark, to their time less delay, and go no"
                  + " further")
          Optional<String> punctuation) {
    public Settings {
      if (time.isBlank()) {
        throw new IllegalArgumentException("Missing time. Write the name of a timestamp column");
      }
      notNegative("delay", delay);
      idle.ifPresent(value -> notNegative("idle", value));
      maxAhead.ifPresent(value -> notNegative("max-ahead", value));
    }

    private static void notNegative(String key, Duration value) {
      if (value.isNegative()) {
        throw new IllegalArgumentException(
            "Expected " + key + " to be 0s or more, found " + Durations.text(value));
      }
    }
  }

  public WatermarkStep(Settings settings) {
    this(settings, "");
  }

  @Override
  public WatermarkStep named(String newName) {
    return new WatermarkStep(settings, newName);
  }

  @Override
  public List<TextFault> faults() {
    return punctuation().stream().flatMap(each -> Catalyst.faults(each::tells)).toList();
  }

  private Optional<Punctuation> punctuation() {
    return settings.punctuation().map(condition -> new Punctuation(settings.time(), condition));
  }

  @Override
  public Optional<Late> late() {
    return Optional.of(settings.late());
  }

  @Override
  public Optional<String> watermark() {
    List<String> facts = new ArrayList<>();
    facts.add(settings.time() + " less " + Durations.text(settings.delay()));
    settings.punctuation().ifPresent(condition -> facts.add("of rows with " + condition));
    settings.idle().ifPresent(length -> facts.add("idle after " + Durations.text(length)));
    settings
        .maxAhead()
        .ifPresent(bound -> facts.add("at most " + Durations.text(bound) + " ahead"));
    return Optional.of(String.join(", ", facts));
  }

  @Override
  public Optional<Duration> delay() {
    return Optional.of(settings.delay());
  }

  @Override
  public Optional<Duration> idle() {
    return settings.idle();
  }

  @Override
  public boolean tags() {
    return settings.maxAhead().isPresent();
  }

  @Override
  public Optional<String> disorder() {
    return Optional.empty();
  }

  @Override
  public Effect effect() {
    return tags() || settings.punctuation().isPresent() ? Effect.SIFTS : Effect.SAME;
  }

  @Override
  public boolean keepsDead() {
    return true;
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    return plan(inputs.get(0).plan(), settings.idle(), List.of());
  }

  /**
   * The same.
   *
   * @param idle in place of that of the settings
   * @param beats more times that move the watermark, each of one column
   */
  LogicalPlan plan(LogicalPlan rows, Optional<Duration> idle, List<LogicalPlan> beats) {
    Catalyst.refuseSecondWatermark(rows, "a watermark on " + settings.time());
    Optional<Attribute> time = Catalyst.attribute(rows, settings.time());
    if (LATER.contains(settings.time()) && time.isEmpty()) {
      throw new TextFault(
          "time",
          1,
          1,
          "Cannot take '"
              + settings.time()
              + "' as the time of a watermark: it is not supported yet. Name a timestamp column; a"
              + " window takes '"
              + settings.time()
              + "' without a watermark");
    }
    LogicalPlan sifted = time.map(column -> sifted(rows, column)).orElse(rows);
    Optional<Punctuation> punctuation = punctuation();
    if (time.isEmpty() || (!rows.isStreaming() && punctuation.isEmpty())) {
      return marked(UUID.randomUUID(), settings.time(), sifted);
    }
    if (punctuation.isEmpty()) {
      return beaten(sifted, columns(rows), settings.time(), idle, beats);
    }
    LogicalPlan told = punctuation.get().told(sifted);
    StructType columns = punctuation.get().told(columns(rows));
    LogicalPlan marked =
        rows.isStreaming() ? beaten(told, columns, Punctuation.MARK, idle, beats) : told;
    return punctuation.get().removed(marked, columns, settings.delay());
  }

  /**
   * A watermark over a column of rows, which beats beside them move as well.
   *
   * @param columns of the rows
   */
  private LogicalPlan beaten(
      LogicalPlan rows,
      StructType columns,
      String time,
      Optional<Duration> idle,
      List<LogicalPlan> beats) {
    UUID node = UUID.randomUUID();
    if (idle.isEmpty() && beats.isEmpty()) {
      return marked(node, time, rows);
    }
    Optional<Heartbeats> heartbeats =
        idle.map(length -> new Heartbeats(name, node, settings.delay(), length));
    List<LogicalPlan> all = new ArrayList<>(beats);
    heartbeats.ifPresent(each -> all.add(each.relation()));
    return Beats.removed(
        marked(node, time, Beats.beside(rows, columns, time, all)),
        columns,
        heartbeats.map(Heartbeats::rows).orElse(null));
  }

  private LogicalPlan marked(UUID node, String time, LogicalPlan rows) {
    return new EventTimeWatermark(
        node, Catalyst.named(time), Catalyst.interval(settings.delay()), rows);
  }

  private StructType columns(LogicalPlan rows) {
    StructType own = rows.schema();
    if (!tags()) {
      return own;
    }
    StructType raw = with(own, Columns.RAW, DataTypes.BinaryType);
    return with(raw, Columns.DEAD, DeadLetter.TYPE);
  }

  private static StructType with(StructType columns, String name, DataType type) {
    return List.of(columns.fieldNames()).contains(name) ? columns : columns.add(name, type);
  }

  /**
   * The rows as the watermark sees them: those that are too far ahead tagged, and dead letters
   * without their time. Spark takes a watermark over a table away; steps behind it still ask which
   * column it is on.
   */
  private LogicalPlan sifted(LogicalPlan rows, Attribute time) {
    boolean table = !rows.isStreaming();
    Sifting sifting =
        new Sifting(rows, time, table ? Catalyst.mark(settings.delay()) : Option.<Metadata>empty());
    if (settings.maxAhead().isPresent()) {
      return sifting.bounded(settings.maxAhead().get(), name);
    }
    if (DeadLetter.is(rows).isPresent()) {
      return sifting.calm();
    }
    return table ? Catalyst.marked(rows, time, settings.delay()) : rows;
  }
}
