package io.millrace.tests.torture;

import io.millrace.jobs.Main;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The command that starts a job in a process of its own, as cheaply as a JVM can. */
final class Start {
  private Start() {}

  /**
   * As {@code spark-submit/millrace run FILE} does.
   *
   * @param scratch for what Spark keeps on disk meanwhile
   */
  static List<String> command(Path job, Path scratch) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    Optional.ofNullable(System.getenv("MILLRACE_ARCHIVE"))
        .filter(archive -> Files.exists(Path.of(archive)))
        .ifPresent(archive -> words.add("-XX:SharedArchiveFile=" + archive));
    words.addAll(
        List.of(
            "-Xshare:auto",
            "-Xlog:disable",
            "-Xmx700m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:ReservedCodeCacheSize=240m",
            "-XX:MetaspaceSize=256m",
            "-XX:-UsePerfData"));
    words.addAll(List.of(modules().split(" ", -1)));
    words.addAll(
        List.of(
            "-Duser.timezone=UTC",
            "-Djava.io.tmpdir=" + scratch,
            "-Dspark.local.dir=" + scratch,
            "-Dspark.master=local[2]",
            "-Dspark.driver.host=127.0.0.1",
            "-Dspark.driver.bindAddress=127.0.0.1"));
    Optional.ofNullable(System.getProperty("log4j2.configurationFile"))
        .ifPresent(file -> words.add("-Dlog4j2.configurationFile=" + file));
    words.addAll(List.of("-cp", classPath(), Main.class.getName(), "run", job.toString()));
    return words;
  }

  private static String modules() {
    return org.apache.spark.launcher.JavaModuleOptions.defaultModuleOptions().strip();
  }

  /** What the command would take; without a build of it, what this JVM has. */
  private static String classPath() throws IOException {
    String home = System.getenv("MILLRACE_HOME");
    if (home != null) {
      Path target = Path.of(home, "jobs", "target");
      try (Stream<Path> files = Files.list(target)) {
        Optional<Path> jar =
            files
                .filter(file -> file.getFileName().toString().matches("millrace-[0-9].*\\.jar"))
                .findFirst();
        if (jar.isPresent()) {
          return jar.get()
              + File.pathSeparator
              + Files.readString(target.resolve("classpath")).strip();
        }
      }
    }
    return System.getProperty("java.class.path");
  }
}
