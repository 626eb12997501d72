package io.millrace.engine.step;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Late;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.TextFault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.sql.catalyst.plans.logical.EventTimeWatermark;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * Names the event time of rows and how much later than others they may arrive. It removes no row by
 * itself: steps with state behind it do.
 */
public record WatermarkStep(Settings settings) implements Planned {
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
      @Doc("After how long an input without rows is left out of account") Optional<Duration> idle,
      @Doc("How far in the future an event time may be") Optional<Duration> maxAhead) {
    public Settings {
      if (time.isBlank()) {
        throw new IllegalArgumentException("Missing time. Write the name of a timestamp column");
      }
      if (delay.isNegative()) {
        throw new IllegalArgumentException(
            "Expected a delay of 0s or more, found " + Durations.text(delay));
      }
      idle.ifPresent(value -> later("idle"));
      maxAhead.ifPresent(value -> later("max-ahead"));
    }

    private static void later(String key) {
      throw new IllegalArgumentException(
          "Cannot use '" + key + "': it is not supported yet. Leave it out");
    }
  }

  @Override
  public Optional<Late> late() {
    return Optional.of(settings.late());
  }

  @Override
  public Optional<String> disorder() {
    return Optional.empty();
  }

  @Override
  public Effect effect() {
    return Effect.SAME;
  }

  @Override
  public boolean keepsDead() {
    return true;
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    LogicalPlan rows = inputs.get(0).plan();
    Catalyst.refuseSecondWatermark(rows, "a watermark on " + settings.time());
    if (LATER.contains(settings.time()) && Catalyst.attribute(rows, settings.time()).isEmpty()) {
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
    return new EventTimeWatermark(
        UUID.randomUUID(),
        Catalyst.named(settings.time()),
        Catalyst.interval(settings.delay()),
        rows.isStreaming() ? rows : marked(rows));
  }

  /** Spark takes a watermark over a table away; steps behind it still ask which column it is on. */
  private LogicalPlan marked(LogicalPlan rows) {
    return Catalyst.attribute(rows, settings.time())
        .map(time -> Catalyst.marked(rows, time, settings.delay()))
        .orElse(rows);
  }
}
