package io.millrace.tests.torture;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** A sink that promises every row once. */
enum Mode {
  JDBC,
  DELTA,
  KAFKA,
  /** The sink {@code jdbc}, its rows staged as they are on a cluster. */
  STAGED;

  private static final String INTO_TABLE =
      "dead-letters:\n  jdbc: {url: \"${DB}\", user: \"${DB_USER}\", table: \"${JOB}_dead_letters\"}\n";
  private static final String INTO_LAKE =
      "dead-letters:\n  delta: {path: \"${FOLDER}/dead_letters\"}\n";

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** A job that writes everything to each of these; the dead letters to the first, if it can. */
  static String job(List<Mode> modes) {
    StringBuilder job =
        new StringBuilder(text("job")).append(modes.get(0) == DELTA ? INTO_LAKE : INTO_TABLE);
    job.append("sinks:\n");
    modes.forEach(mode -> job.append(text(mode.word())));
    return job.toString();
  }

  static String text(String name) {
    try (InputStream in = Mode.class.getResourceAsStream("/torture/" + name + ".yaml")) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the job " + name, e);
    }
  }

  Table table(Trial trial, Part part) {
    String sink = part == Part.DEAD_LETTERS ? part.word() : part.word() + "_" + word();
    return switch (this) {
      case JDBC -> new JdbcTable(trial, sink, part, part.word());
      case DELTA -> new DeltaTable(trial.folder().resolve(part.word()), sink, part);
      case KAFKA ->
          part == Part.DEAD_LETTERS ? JDBC.table(trial, part) : new KafkaTable(trial, sink, part);
      case STAGED ->
          part == Part.DEAD_LETTERS
              ? JDBC.table(trial, part)
              : new JdbcTable(trial, sink, part, "staged_" + part.word());
    };
  }

  static Mode of(String word) {
    return Arrays.stream(values())
        .filter(mode -> mode.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Unknown sink "
                        + word
                        + ". Known are: "
                        + String.join(", ", Arrays.stream(values()).map(Mode::word).toList())));
  }
}
