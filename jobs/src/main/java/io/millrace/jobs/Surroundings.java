package io.millrace.jobs;

import io.millrace.jobs.submit.Submission;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the launcher tells about itself by the environment, for commands that start another. */
final class Surroundings {
  private static final String BROUGHT = "org.apache.spark.deploy.SparkSubmit";

  private Surroundings() {}

  /** The one jar of Millrace. */
  static String jar() {
    return told("MILLRACE_JAR");
  }

  /** The jars that Millrace needs beside its own. */
  static List<Path> others() {
    return Stream.of(told("MILLRACE_OTHERS").split(File.pathSeparator, -1)).map(Path::of).toList();
  }

  /** Jars of the user. */
  static List<String> plugins() {
    return Optional.ofNullable(System.getenv("MILLRACE_PLUGINS")).stream()
        .flatMap(list -> Stream.of(list.split(",", -1)))
        .filter(name -> !name.isBlank())
        .toList();
  }

  /** The Spark that the user names; empty if it is that of Millrace. */
  static Optional<Path> sparkHome() {
    return Optional.ofNullable(System.getenv("SPARK_HOME"))
        .filter(home -> !home.isEmpty())
        .map(Path::of);
  }

  static List<Path> jarsOf(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + folder, e);
    }
  }

  /**
   * The command in front of the words of {@code spark-submit}: that of SPARK_HOME, else our own.
   */
  static List<String> program(Submission submission) {
    List<String> program = new ArrayList<>();
    Optional<Path> script =
        sparkHome().map(home -> home.resolve("bin/spark-submit")).filter(Files::isExecutable);
    if (script.isPresent()) {
      program.add(script.get().toString());
      return program;
    }
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    program.addAll(
        List.of(
            java.toString(),
            "@" + Home.folder().resolve("spark-submit/java-modules.args"),
            "-Xmx" + submission.memory().driver()));
    if (submission.mode() == Submission.DeployMode.CLIENT) {
      program.add("-Dlog4j2.configurationFile=" + submission.logs());
    }
    program.add("-cp");
    program.add(classPath());
    program.add(BROUGHT);
    return program;
  }

  /** The Spark of SPARK_HOME, also where that has no commands; else our own. */
  private static String classPath() {
    return sparkHome()
        .map(home -> home.resolve("conf") + File.pathSeparator + home.resolve("jars/*"))
        .orElseGet(
            () ->
                others().stream()
                    .map(Path::toString)
                    .collect(Collectors.joining(File.pathSeparator)));
  }

  /** The program as a person would write it: with one name for the Spark that Millrace brings. */
  static List<String> shown(List<String> program) {
    return program.contains(BROUGHT) ? List.of("spark-submit") : program;
  }

  /**
   * Leaves a command for the launcher, which becomes it: signals reach it and its exit code counts.
   */
  static void hand(List<String> words) {
    try {
      Files.writeString(
          Path.of(told("MILLRACE_HAND")),
          words.stream().map(word -> word + "\0").collect(Collectors.joining()));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the command down", e);
    }
  }

  private static String told(String name) {
    String value = System.getenv(name);
    if (value == null) {
      throw new WrongSurroundings(
          "Needs to be started by spark-submit/millrace, which sets " + name);
    }
    return value;
  }
}
