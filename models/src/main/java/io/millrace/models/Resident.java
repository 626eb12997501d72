package io.millrace.models;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;

/**
 * The versions of one model that tasks can score with: two at most, of which a batch sees one. What
 * of them has come to a task is fixed when Spark sends it off.
 */
final class Resident implements Serializable {
  private static final long serialVersionUID = 1;
  private static final int MOST = 2;

  private volatile Map<String, Broadcast<Scorable>> versions = Map.of();

  /** Whether a version is there. */
  boolean has(String version) {
    return versions.containsKey(version);
  }

  /** The names of those that are there. */
  List<String> names() {
    return List.copyOf(versions.keySet());
  }

  /**
   * Adds a version, in place of one where two are there already.
   *
   * @param kept the one that stays
   */
  synchronized void add(SparkSession spark, Scorable model, String kept) {
    Map<String, Broadcast<Scorable>> all = new LinkedHashMap<>(versions);
    all.put(
        model.version(), JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(model));
    List<Broadcast<Scorable>> old = new ArrayList<>();
    for (String version : versions.keySet()) {
      if (all.size() > MOST && !version.equals(kept)) {
        old.add(Objects.requireNonNull(all.remove(version)));
      }
    }
    versions = all;
    old.forEach(Broadcast::destroy);
  }

  /** A version; in tasks or in the driver. */
  Scorable get(String version) {
    Broadcast<Scorable> broadcast = versions.get(version);
    if (broadcast == null) {
      throw new IllegalStateException(
          "Version " + version + " of the model has not come to the task, which has " + names());
    }
    return broadcast.value();
  }

  synchronized void clear() {
    versions.values().forEach(Broadcast::destroy);
    versions = Map.of();
  }
}
