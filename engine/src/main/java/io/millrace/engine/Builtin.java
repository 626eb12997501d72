package io.millrace.engine;

import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Step;
import io.millrace.engine.step.DedupeStep;
import io.millrace.engine.step.LookupStep;
import io.millrace.engine.step.SqlStep;
import io.millrace.engine.step.UnionStep;
import io.millrace.engine.step.ValidateStep;
import io.millrace.engine.step.WatermarkStep;
import io.millrace.engine.step.WindowStep;
import java.util.List;

/** The kinds that come with the engine. */
public final class Builtin implements Plugin {
  @Override
  public List<Kind<?, Step>> steps() {
    return List.of(
        new Kind<>(
            "dedupe", "The first row of each key", DedupeStep.Settings.class, DedupeStep::new),
        new Kind<>(
            "lookup",
            "Columns of a static table added to rows",
            LookupStep.Settings.class,
            LookupStep::new),
        new Kind<>("sql", "Any SELECT over named steps", SqlStep.Settings.class, SqlStep::new),
        new Kind<>(
            "union",
            "The rows of several inputs together",
            UnionStep.Settings.class,
            UnionStep::new),
        new Kind<>(
            "validate",
            "Named rules that rows must meet",
            ValidateStep.Settings.class,
            ValidateStep::new),
        new Kind<>(
            "watermark",
            "Which column is the event time, and how late rows may be",
            WatermarkStep.Settings.class,
            WatermarkStep::new),
        new Kind<>(
            "window",
            "Aggregates per tumbling, hopping or session window",
            WindowStep.Settings.class,
            WindowStep::new));
  }
}
