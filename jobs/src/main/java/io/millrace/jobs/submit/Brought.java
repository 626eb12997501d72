package io.millrace.jobs.submit;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Millrace needs and a distribution of Spark does not have: connectors and table formats. */
public final class Brought {
  private static final List<String> NAMES =
      List.of(
          "delta-",
          "unitycatalog-",
          "spark-avro_",
          "spark-sql-kafka-",
          "spark-token-provider-kafka-",
          "kafka-clients-",
          "commons-pool2-");
  private static final Map<String, String> GROUPS =
      Map.of(
          "delta-spark_", "io.delta",
          "spark-avro_", "org.apache.spark",
          "spark-sql-kafka-", "org.apache.spark");
  private static final Pattern VERSIONED = Pattern.compile("(.+)-(\\d[^-]*)\\.jar");

  private Brought() {}

  /** Those of these jars, by path. */
  public static List<String> jars(List<Path> all) {
    return all.stream()
        .filter(jar -> NAMES.stream().anyMatch(name(jar)::startsWith))
        .map(Path::toString)
        .toList();
  }

  /** The coordinates of these jars that bring all others with them. */
  public static List<String> packages(List<Path> all) {
    return all.stream()
        .flatMap(
            jar ->
                GROUPS.entrySet().stream()
                    .filter(group -> name(jar).startsWith(group.getKey()))
                    .map(group -> coordinates(group.getValue(), jar)))
        .sorted()
        .toList();
  }

  private static String coordinates(String group, Path jar) {
    Matcher versioned = VERSIONED.matcher(name(jar));
    if (!versioned.matches()) {
      throw new IllegalStateException("Cannot tell the version of " + jar + " by its name");
    }
    return group + ":" + versioned.group(1) + ":" + versioned.group(2);
  }

  private static String name(Path jar) {
    return String.valueOf(jar.getFileName());
  }
}
