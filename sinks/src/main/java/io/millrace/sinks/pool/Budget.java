package io.millrace.sinks.pool;

import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;

/**
 * How the connections that a job may hold to a database are divided among the executors of a
 * cluster. The driver's own pool is as large as that of an executor, and is not counted. Where
 * tasks share the JVM of the driver, its pool takes all.
 */
public final class Budget {
  private static final String EXECUTORS = "millrace.executors";
  private static final String LARGEST = "spark.dynamicAllocation.maxExecutors";

  private Budget() {}

  /**
   * How many of the connections this JVM may hold now.
   *
   * @throws IllegalArgumentException with a sentence, if they cannot be divided
   */
  public static int here(int budget) {
    if (SharedJvm.of(SharedJvm.master())) {
      return budget;
    }
    TaskContext task = TaskContext.get();
    String told = task == null ? null : task.getLocalProperty(EXECUTORS);
    return share(budget, told == null ? executors() : Integer.parseInt(told));
  }

  /** Lets the tasks that this thread of the driver starts know how many executors there are. */
  public static void announce() {
    if (!SharedJvm.of(SharedJvm.master())) {
      SparkContext.getOrCreate().setLocalProperty(EXECUTORS, Integer.toString(executors()));
    }
  }

  private static int executors() {
    int others = SparkContext.getOrCreate().getExecutorMemoryStatus().size() - 1;
    return executors(SparkEnv.get().conf(), others);
  }

  /**
   * As many executors as there may be, by the settings of the cluster.
   *
   * @param alive how many there are now
   * @throws IllegalArgumentException with a sentence, if there may be any number of them
   */
  static int executors(SparkConf conf, int alive) {
    int most = 1;
    if (conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
      if (!conf.contains(LARGEST)) {
        throw new IllegalArgumentException(
            "Missing %s: a budget of connections cannot be divided among any number of executors. Set it, or use connections, which counts for each executor, in place of budget"
                .formatted(LARGEST));
      }
      most = conf.getInt(LARGEST, 1);
    } else if (conf.contains("spark.executor.instances")) {
      most = conf.getInt("spark.executor.instances", 1);
    } else if (conf.contains("spark.cores.max") && conf.contains("spark.executor.cores")) {
      most = conf.getInt("spark.cores.max", 1) / conf.getInt("spark.executor.cores", 1);
    }
    return Math.max(1, Math.max(most, alive));
  }

  /**
   * What one executor gets.
   *
   * @throws IllegalArgumentException with a sentence, if that is nothing
   */
  static int share(int budget, int executors) {
    if (budget < executors) {
      throw new IllegalArgumentException(
          "Cannot divide a budget of %d connections among %d executors: each needs one. Raise budget to %d or more, or use fewer executors"
              .formatted(budget, executors, executors));
    }
    return budget / executors;
  }
}
