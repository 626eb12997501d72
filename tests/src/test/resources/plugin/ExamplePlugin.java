package com.example.plugin;

import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Source;
import io.millrace.engine.spi.Step;
import java.util.List;

/** What this jar adds. */
public final class ExamplePlugin implements Plugin {
  @Override
  public List<Kind<?, Source>> sources() {
    return List.of(
        new Kind<>(
            "countdown", "Numbers down to one.", Countdown.Settings.class, Countdown::new));
  }

  @Override
  public List<Kind<?, Step>> steps() {
    return List.of(
        new Kind<>("times", "Numbers times a factor.", Times.Settings.class, Times::new));
  }

  @Override
  public List<Kind<?, Sink>> sinks() {
    return List.of(
        new Kind<>("line-file", "Numbers as lines.", LineFile.Settings.class, LineFile::new));
  }
}
