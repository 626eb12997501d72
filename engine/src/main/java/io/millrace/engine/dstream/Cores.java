package io.millrace.engine.dstream;

import io.millrace.engine.run.JobFailedException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;

/** How many tasks can be at work at a time: each receiver takes one of them for good. */
final class Cores {
  private static final Pattern LOCAL = Pattern.compile("local(?:\\[(\\d+|\\*)(?:,.*)?])?");
  private static final Pattern CLUSTER = Pattern.compile("local-cluster\\[(\\d+),(\\d+),\\d+]");
  private static final int LEAST = 2;

  private Cores() {}

  /**
   * Looks whether something is left for the rows that come in.
   *
   * @throws JobFailedException if not
   */
  static void failIfTooFew(SparkConf conf, long receivers) {
    long needed = Math.max(LEAST, receivers + 1);
    Optional<Long> found = of(conf).filter(cores -> cores < needed);
    if (found.isPresent()) {
      throw new JobFailedException(
          "Cannot start: needs %d cores, %d for receivers and at least one for their rows, found %d with master %s. Write spark: {spark.master: \"local[%d]\"}, or give the cluster more"
              .formatted(needed, receivers, found.get(), conf.get("spark.master"), needed));
    }
  }

  /** As many as the settings say; empty where a cluster decides. */
  static Optional<Long> of(SparkConf conf) {
    String master = conf.get("spark.master");
    Matcher local = LOCAL.matcher(master);
    if (local.matches()) {
      String threads = Optional.ofNullable(local.group(1)).orElse("1");
      return Optional.of(
          threads.equals("*")
              ? Runtime.getRuntime().availableProcessors()
              : Long.parseLong(threads));
    }
    Matcher cluster = CLUSTER.matcher(master);
    if (cluster.matches()) {
      return Optional.of(Long.parseLong(cluster.group(1)) * Long.parseLong(cluster.group(2)));
    }
    return number(conf, "spark.cores.max")
        .or(
            () ->
                number(conf, "spark.executor.instances")
                    .map(count -> count * number(conf, "spark.executor.cores").orElse(1L)));
  }

  private static Optional<Long> number(SparkConf conf, String key) {
    return conf.contains(key) ? Optional.of(Long.valueOf(conf.get(key))) : Optional.empty();
  }
}
