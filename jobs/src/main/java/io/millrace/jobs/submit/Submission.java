package io.millrace.jobs.submit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One submission of a job, from which the words of {@code spark-submit} follow.
 *
 * @param jar where the cluster finds Millrace's jar
 * @param logs the file that sets up the logs
 * @param libraries what Spark does not bring
 * @param settings of Spark, later ones winning over those that follow from the rest
 * @param more words for {@code spark-submit} as they were typed
 * @param arguments of Millrace
 */
public record Submission(
    Cluster cluster,
    String master,
    DeployMode mode,
    String name,
    String jar,
    Libraries libraries,
    Memory memory,
    Optional<String> image,
    String logs,
    boolean supervise,
    Map<String, String> settings,
    List<String> more,
    List<String> arguments) {
  /** Spark's setting for the image of pods. */
  public static final String IMAGE = "spark.kubernetes.container.image";

  private static final String MAIN = "io.millrace.jobs.Main";
  private static final String LOG_FILE = "log4j2.properties";
  private static final String DRIVER_OPTIONS = "spark.driver.extraJavaOptions";
  private static final String EXECUTOR_OPTIONS = "spark.executor.extraJavaOptions";

  /** Of a JVM: those that are given come behind those that follow, and so win. */
  private static final Set<String> OPTIONS = Set.of(DRIVER_OPTIONS, EXECUTOR_OPTIONS);

  /** Where the driver runs. */
  public enum DeployMode {
    CLIENT,
    CLUSTER
  }

  /** Jars beside Millrace's: by path or address, or by coordinates that Spark resolves. */
  public record Libraries(List<String> jars, List<String> packages) {}

  /**
   * What the processes of a job may take.
   *
   * @param driver heap of the driver, such as {@code 1g}
   * @param executor heap of each executor
   * @param state megabytes that RocksDB may take in each executor beside the heap; 0 for no state
   */
  public record Memory(String driver, String executor, long state) {
    private static final double OVERHEAD = 0.1;
    private static final long LEAST_OVERHEAD = 384;

    /** Megabytes beside the heap: Spark's own rule, and the state. */
    long overhead() {
      long usual = Math.max(LEAST_OVERHEAD, Math.round(Megabytes.of(executor) * OVERHEAD));
      return usual + state;
    }
  }

  /** The words behind {@code spark-submit}. */
  public List<String> words() {
    List<String> words = new ArrayList<>();
    words.addAll(
        List.of("--master", master, "--deploy-mode", mode.name().toLowerCase(Locale.ROOT)));
    words.addAll(List.of("--name", name, "--class", MAIN));
    words.addAll(
        List.of("--driver-memory", memory.driver(), "--executor-memory", memory.executor()));
    if (supervise) {
      words.add("--supervise");
    }
    if (!libraries.packages().isEmpty()) {
      words.addAll(List.of("--packages", String.join(",", libraries.packages())));
    }
    if (!libraries.jars().isEmpty()) {
      words.addAll(List.of("--jars", String.join(",", libraries.jars())));
    }
    if (shipsLogs()) {
      words.addAll(List.of("--files", logs));
    }
    implied().forEach((key, value) -> words.addAll(List.of("--conf", key + "=" + value)));
    words.addAll(more);
    words.add(jar);
    words.addAll(arguments);
    return words;
  }

  /** Only YARN puts files beside a JVM before it starts, which is when log settings are read. */
  private boolean shipsLogs() {
    return cluster == Cluster.YARN;
  }

  private Map<String, String> implied() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("spark.ui.enabled", "true");
    if (memory.state() > 0) {
      all.put("spark.executor.memoryOverhead", memory.overhead() + "m");
      all.put("spark.sql.streaming.stateStore.rocksdb.boundedMemoryUsage", "true");
      all.put(
          "spark.sql.streaming.stateStore.rocksdb.maxMemoryUsageMB", Long.toString(memory.state()));
    }
    image.ifPresent(name -> all.put(IMAGE, name));
    if (shipsLogs()) {
      all.put(EXECUTOR_OPTIONS, reading(LOG_FILE));
    }
    if (mode == DeployMode.CLIENT) {
      all.put(DRIVER_OPTIONS, reading(logs));
    } else if (shipsLogs()) {
      all.put(DRIVER_OPTIONS, reading(LOG_FILE));
    }
    settings.forEach(
        (key, value) ->
            all.merge(key, value, (ours, own) -> OPTIONS.contains(key) ? ours + " " + own : own));
    return all;
  }

  private static String reading(String file) {
    return "-Dlog4j2.configurationFile=" + file;
  }
}
