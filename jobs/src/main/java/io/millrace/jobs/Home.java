package io.millrace.jobs;

import java.nio.file.Path;

/** The checkout or distribution that the command was started from. */
final class Home {
  private Home() {}

  static Path folder() {
    String home = System.getenv("MILLRACE_HOME");
    return home == null ? Path.of("").toAbsolutePath() : Path.of(home);
  }
}
