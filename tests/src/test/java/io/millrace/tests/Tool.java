package io.millrace.tests;

import io.millrace.jobs.Exit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** What the commands of this module have in common: they run long and keep lines of results. */
public final class Tool {
  private Tool() {}

  /** Runs a command to its exit code; what goes wrong is told in one sentence. */
  public static void run(String name, Callable<Integer> command, String[] arguments) {
    System.exit(
        new CommandLine(command)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(
                (problem, line, parsed) -> {
                  System.err.println(
                      name
                          + ": "
                          + Objects.requireNonNullElseGet(problem.getMessage(), problem::toString));
                  return problem instanceof IllegalArgumentException
                      ? Exit.WRONG_COMMAND
                      : Exit.FAILED;
                })
            .execute(arguments));
  }

  /** Tells on the way how it goes. */
  public static void say(String format, Object... values) {
    System.err.printf(Locale.ROOT, format + "%n", values);
  }

  /** Adds lines to a file, if there is one. */
  public static void append(Optional<Path> file, List<String> lines) throws IOException {
    if (file.isPresent()) {
      Files.write(
          file.get(),
          lines,
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  /** Where and when results were made. */
  public static Map<String, String> about() {
    Map<String, String> about = new LinkedHashMap<>();
    about.put("date", LocalDate.now(ZoneOffset.UTC).toString());
    about.put("spark", "Spark " + org.apache.spark.package$.MODULE$.SPARK_VERSION());
    about.put("java", "Java " + Runtime.version().feature());
    about.put(
        "machine",
        Runtime.getRuntime().availableProcessors()
            + " cores, "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch"));
    return about;
  }
}
