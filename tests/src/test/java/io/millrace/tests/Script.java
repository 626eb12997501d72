package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The command as a person types it in a folder, each time as a process of its own. */
record Script(Path home, Path folder, Map<String, String> environment) {
  /** The checkout of this test. */
  static final Path HOME = Jobs.folder("spark-submit").resolveSibling("");

  /** The variable by which a JVM takes options, whoever starts it. */
  static final String OPTIONS = "JAVA_TOOL_OPTIONS";

  /** A process that lives for seconds does not use for long what is compiled well. */
  private static final String QUICK = "-XX:TieredStopAtLevel=1";

  /** What a command printed, and what it ended with. */
  record Ended(int exit, String out, String err) {}

  /** A started command and where it prints to. */
  record Started(Process process, Path out, Path err) {
    Ended end() throws Exception {
      boolean done = process.waitFor(480, TimeUnit.SECONDS);
      if (!done) {
        process.destroyForcibly();
      }
      // A JVM tells by itself which options it was given.
      String said = Files.readString(err).replaceAll("(?m)^Picked up " + OPTIONS + ": .*\\R", "");
      assertThat(done).as("ended in time; it said: " + said).isTrue();
      return new Ended(process.exitValue(), Files.readString(out), said);
    }
  }

  static Script in(Path folder) {
    return new Script(HOME, folder, Map.of());
  }

  Script of(Path otherHome) {
    return new Script(otherHome, folder, environment);
  }

  Script with(Map<String, String> variables) {
    return new Script(home, folder, variables);
  }

  Ended run(String... arguments) throws Exception {
    return start(arguments).end();
  }

  Started start(String... arguments) throws IOException {
    return start(command(arguments));
  }

  /** Also where this test was started in the background, where children ignore Ctrl-C. */
  Started startInterruptible(String... arguments) throws IOException {
    List<String> words =
        new ArrayList<>(List.of("perl", "-e", "$SIG{INT} = 'DEFAULT'; exec @ARGV"));
    words.addAll(command(arguments));
    return start(words);
  }

  private List<String> command(String... arguments) {
    List<String> words = new ArrayList<>(List.of(home.resolve("spark-submit/millrace").toString()));
    words.addAll(List.of(arguments));
    return words;
  }

  private Started start(List<String> words) throws IOException {
    ProcessBuilder command = new ProcessBuilder(words);
    command.directory(folder.toFile());
    command.environment().remove("SPARK_HOME");
    command.environment().put("JAVA_HOME", System.getProperty("java.home"));
    command.environment().put(OPTIONS, QUICK);
    command.environment().putAll(environment);
    Path out = Files.createTempFile(folder, "said", ".out");
    Path err = Files.createTempFile(folder, "said", ".err");
    command.redirectOutput(out.toFile());
    command.redirectError(err.toFile());
    return new Started(command.start(), out, err);
  }
}
