package io.millrace.engine.step;

import io.millrace.engine.spi.Effect;
import io.millrace.engine.spi.Late;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.TextFault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * A watermark that a test moves: it goes by the times of rows as ever, and by beats beside them,
 * which are no rows. Batches of a test stand far apart: an input that may be idle is so in each
 * batch that has no row of it.
 *
 * @param step the watermark as the job has it
 * @param beats a stream of one column of times, asked for when a query starts
 */
public record WatermarkByHand(WatermarkStep step, Supplier<LogicalPlan> beats) implements Planned {
  private static final long serialVersionUID = 1;

  /** How far ahead of the watermark a beat has to be to move it there. */
  @Override
  public Optional<Duration> delay() {
    return step.delay();
  }

  @Override
  public List<TextFault> faults() {
    return step.faults();
  }

  @Override
  public Optional<Late> late() {
    return step.late();
  }

  @Override
  public Optional<String> watermark() {
    return step.watermark();
  }

  @Override
  public Optional<Duration> idle() {
    return step.idle();
  }

  @Override
  public boolean tags() {
    return step.tags();
  }

  @Override
  public Optional<String> disorder() {
    return step.disorder();
  }

  @Override
  public Effect effect() {
    return step.effect();
  }

  @Override
  public boolean keepsDead() {
    return step.keepsDead();
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    LogicalPlan rows = inputs.get(0).plan();
    return rows.isStreaming()
        ? step.plan(rows, step.idle().map(length -> Duration.ZERO), List.of(beats.get()))
        : step.plan(inputs);
  }
}
