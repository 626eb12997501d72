package io.millrace.engine.dstream;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.FedJob;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.spi.BatchReport;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.streaming.StreamingContext;
import scala.runtime.AbstractFunction0;

/** Starts jobs that run as DStreams. A JVM runs one such job at a time. */
@SuppressWarnings("deprecation") // All of DStreams is; jobs that still need them are served here.
public final class DStreams {
  private static final String OWN = "spark.streaming.";

  private final SparkSession spark;
  private final Consumer<BatchReport> reports;

  /**
   * A launcher that tells of every batch.
   *
   * @param reports called on the thread of the batch
   */
  public DStreams(SparkSession spark, Consumer<BatchReport> reports) {
    this.spark = spark;
    this.reports = reports;
  }

  /**
   * The job, running: it goes on where its checkpoint ends, or begins where there is none.
   *
   * @throws JobFailedException if it cannot start
   */
  public RunningDStreams launch(Plan plan) {
    SparkContext context = spark.sparkContext();
    settings(context.conf(), plan);
    Home home = Home.of(plan, context.hadoopConfiguration());
    Done done = home.done(plan);
    FedJob job = new FedJob(spark, plan);
    Work work = new Work(home.spark(), plan, job, done, home);
    Cores.failIfTooFew(context.conf(), work.routes().receivers());
    AtomicBoolean anew = new AtomicBoolean();
    StreamingContext streams = getOrCreate(home, plan, work, anew);
    RunningDStreams running = new RunningDStreams(plan, streams, work);
    try {
      work.begin();
      if (anew.get()) {
        begin(home, work, done);
      } else {
        home.failIfOther(work.routes().shape());
        Checkpointed.failIfAhead(streams, home.spark());
      }
      job.start(home.id(), done.numbers(), reports);
      streams.start();
      return running;
    } catch (Throwable e) {
      running.abandon(e);
      throw e;
    }
  }

  /** Back-pressure is on, and the job's own settings win. */
  private static void settings(SparkConf conf, Plan plan) {
    conf.setIfMissing("spark.streaming.backpressure.enabled", "true");
    plan.spark().entrySet().stream()
        .filter(setting -> setting.getKey().startsWith(OWN))
        .forEach(setting -> conf.set(setting.getKey(), setting.getValue()));
  }

  /** What was begun before and left no checkpoint was nowhere written, and is read again. */
  private static void begin(Home home, Work work, Done done) {
    work.forget();
    done.clear();
    home.begin(UUID.randomUUID(), work.routes().shape());
    work.awaitsCheckpoint();
  }

  private static StreamingContext getOrCreate(Home home, Plan plan, Work work, AtomicBoolean anew) {
    Configuration hadoop = work.spark().hadoopConfiguration();
    Plan.Engine.DStream engine = (Plan.Engine.DStream) plan.engine();
    try {
      return StreamingContext.getOrCreate(
          home.spark(),
          new AbstractFunction0<>() {
            @Override
            public StreamingContext apply() {
              anew.set(true);
              return Streams.make(home.spark(), work, engine.every());
            }
          },
          hadoop,
          false);
    } catch (Exception e) {
      // Scala throws checked exceptions without declaring them.
      throw new JobFailedException(
          "Cannot read the checkpoint %s: %s. Put back a copy of the folder, or move it away to begin anew"
              .formatted(home.spark(), JobFailedException.reason(e)),
          e);
    }
  }
}
