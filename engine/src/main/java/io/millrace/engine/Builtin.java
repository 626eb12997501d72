package io.millrace.engine;

import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Step;
import io.millrace.engine.step.SqlStep;
import io.millrace.engine.step.ValidateStep;
import java.util.List;

/** The kinds that come with the engine. */
public final class Builtin implements Plugin {
  @Override
  public List<Kind<?, Step>> steps() {
    return List.of(
        new Kind<>("sql", "Any SELECT over named steps", SqlStep.Settings.class, SqlStep::new),
        new Kind<>(
            "validate",
            "Named rules that rows must meet",
            ValidateStep.Settings.class,
            ValidateStep::new));
  }
}
