package io.millrace.tests.nexmark;

import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Source;
import java.util.List;

/** The auction site as a source, as a user's jar would add it. */
final class NexmarkPlugin implements Plugin {
  @Override
  public List<Kind<?, Source>> sources() {
    return List.of(
        new Kind<>(
            "nexmark",
            "A stream of Nexmark's auction site, made where it is read.",
            NexmarkSource.Settings.class,
            NexmarkSource::new));
  }
}
