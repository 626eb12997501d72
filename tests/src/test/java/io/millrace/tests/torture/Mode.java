package io.millrace.tests.torture;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** A sink that ends with every row once. */
enum Mode {
  JDBC,
  DELTA,
  KAFKA,
  /** The sink {@code jdbc}, its rows staged as they are on a cluster. */
  STAGED,
  FILES,
  REDIS;

  /** Those of which no reader ever sees a part of a batch. */
  static final List<Mode> WHOLE = List.of(JDBC, DELTA, KAFKA, STAGED);

  private static final String INTO_TABLE =
      "dead-letters:\n"
          + "  jdbc: {url: \"${DB}\", user: \"${DB_USER}\", properties: {socketTimeout: \"40\","
          + " prepareThreshold: \"0\"}, table: \"${JOB}_dead_letters\"}\n";
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
    return modes.contains(REDIS)
        ? job.toString().replace("${REDIS}", RedisTable.url())
        : job.toString();
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
    if (part == Part.DEAD_LETTERS && this != DELTA) {
      return new JdbcTable(trial, sink, part, part.word());
    }
    return switch (this) {
      case JDBC -> new JdbcTable(trial, sink, part, part.word());
      case DELTA -> new DeltaTable(trial.folder().resolve(part.word()), sink, part);
      case KAFKA -> new KafkaTable(trial, sink, part);
      case STAGED -> new JdbcTable(trial, sink, part, "staged_" + part.word());
      case FILES -> new FilesTable(trial.folder().resolve(part.word()), sink, part);
      case REDIS -> new RedisTable(trial.job() + ":" + part.word() + ":", sink, part);
    };
  }

  static Mode of(String word) {
    return of(word, WHOLE);
  }

  /** The one of that word. */
  static Mode of(String word, List<Mode> known) {
    return known.stream()
        .filter(mode -> mode.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Unknown sink "
                        + word
                        + ". Known are: "
                        + String.join(", ", known.stream().map(Mode::word).toList())));
  }
}
