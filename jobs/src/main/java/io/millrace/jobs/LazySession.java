package io.millrace.jobs;

import io.millrace.engine.plan.Plan;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** The Spark session of a command that rarely needs one: started by the first who asks. */
final class LazySession implements Supplier<SparkSession>, AutoCloseable {
  private final Plan plan;
  private @Nullable Session session;

  LazySession(Plan plan) {
    this.plan = plan;
  }

  @Override
  public SparkSession get() {
    Session started = session == null ? Session.start(plan.job(), plan.spark()) : session;
    session = started;
    return started.spark();
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
    }
  }
}
