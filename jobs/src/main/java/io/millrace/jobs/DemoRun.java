package io.millrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.engine.observe.Watch;
import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.run.Training;
import io.millrace.engine.spec.Variables;
import io.millrace.engine.spi.Trainer;
import io.millrace.engine.testing.Folders;
import io.millrace.jobs.demo.ClosedTime;
import io.millrace.jobs.demo.Crashes;
import io.millrace.jobs.demo.Event;
import io.millrace.jobs.demo.Feed;
import io.millrace.jobs.demo.Found;
import io.millrace.jobs.demo.Generator;
import io.millrace.jobs.demo.LeftOut;
import io.millrace.jobs.demo.Readback;
import io.millrace.jobs.demo.Report;
import io.millrace.jobs.demo.ReportHtml;
import io.millrace.jobs.demo.ReportText;
import io.millrace.jobs.demo.Servers;
import io.millrace.jobs.demo.Truth;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;

/** One run of the demo: it starts servers and a job, and stops all of them when it is closed. */
final class DemoRun implements AutoCloseable {
  private static final long SEED = 20_260_101;
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PIECE = Duration.ofMillis(500);
  private static final String JOB = "conf/jobs/ad-clicks.yaml";
  private static final String WINDOWS = "ad_minutes";
  private static final List<Crashes.Moment> MOMENTS =
      List.of(Crashes.Moment.IN_A_BATCH, Crashes.Moment.IN_A_BATCH, Crashes.Moment.BEFORE_SPARK);
  private static final int HISTORY = 4_000;
  private static final int BEFORE_SPARK = 100;

  private final Path home;
  private final Path work;
  private final int rate;
  private final PrintWriter out;
  private final Watch watch = new Watch();
  private final ClosedTime closed = new ClosedTime();
  private final Generator generator;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Deque<AutoCloseable> graceful = new ArrayDeque<>();
  private final Runnable hook = this::interrupt;
  private final List<Report.Fact> facts = new ArrayList<>();
  private final List<Crashes.Kill> kills = new ArrayList<>();
  private Optional<Kept> kept = Optional.empty();
  private Optional<Duration> firstRow = Optional.empty();
  private volatile Runnable quiet = () -> {};
  private volatile boolean interrupted;

  /** What goes on after the count. */
  private record Kept(RunningJob job, Feed feed, Servers servers, Path page) {}

  /**
   * A run that has not begun.
   *
   * @param home where the job file is, and where the page with the result goes
   * @param rate events per second; each second is a minute of their own time
   */
  DemoRun(Path home, int rate, PrintWriter out) {
    this.home = home;
    this.rate = rate;
    this.out = out;
    this.work = temporary();
    this.generator = new Generator(SEED, START, MINUTE.dividedBy(rate));
    ShutdownHookManager.get()
        .addShutdownHook(hook, BEFORE_SPARK, PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("millrace-demo-").toRealPath();
    } catch (IOException e) {
      throw new WrongSurroundings("Cannot create a temporary folder: " + e.getMessage(), e);
    }
  }

  /**
   * Starts everything, makes events for some time and counts what became of them.
   *
   * @param crash whether the job is killed before, again and again
   * @return whether the numbers balance
   */
  boolean play(Duration howLong, boolean crash) throws InterruptedException {
    Servers servers = opened(Servers.start(work));
    SparkSession spark = step(1, "Starting Kafka, PostgreSQL and Spark", () -> startSpark(servers));
    out.println("      Kafka       " + servers.kafka());
    out.println("      PostgreSQL  " + servers.postgres().url());
    out.println("      files       " + work);
    JobFiles files = new JobFiles(Catalog.load(), variables(servers));
    step(2, "Training a model on " + HISTORY + " clicks of the past", () -> train(spark, files));
    Truth truth = new Truth();
    Plan plan = files.plan(home.resolve(JOB), Analyzer.Run.STREAM).plan();
    Feed feed = new Feed(servers.kafka(), generator, rate);
    graceful.push(feed);
    if (crash) {
      crash(plan, servers, feed, truth);
    }
    runJob(spark, plan, servers, feed, howLong, truth);
    LeftOut left = LeftOut.of(plan, () -> spark);
    Found found =
        step(
            4,
            "Reading the sinks back, by plain clients",
            () -> Readback.of(spark, lake("events"), servers, truth, left));
    return report(truth, found, servers);
  }

  private SparkSession startSpark(Servers servers) {
    Session session =
        Session.start(
            "ad_clicks",
            Map.of(
                "spark.sql.adaptive.enabled", "false",
                "spark.sql.adaptive.streaming.stateless.enabled", "false",
                "spark.driver.host", "127.0.0.1",
                "spark.driver.bindAddress", "127.0.0.1",
                "spark.sql.warehouse.dir", work.resolve("warehouse").toString(),
                "spark.databricks.delta.snapshotPartitions", "2"));
    opened(session);
    quiet = () -> Configurator.setAllLevels(LogManager.ROOT_LOGGER_NAME, Level.OFF);
    try {
      servers.await();
    } catch (IllegalStateException e) {
      throw new WrongSurroundings(String.valueOf(e.getMessage()), e);
    }
    return session.spark();
  }

  private Variables variables(Servers servers) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.putAll(settings(servers));
    return Variables.of(environment);
  }

  /** What the job file refers to. */
  private Map<String, String> settings(Servers servers) {
    return Map.of(
        "KAFKA", servers.kafka(),
        "DB", servers.postgres().url(),
        "DB_USER", servers.postgres().user(),
        "LAKE", work.resolve("lake").toString(),
        "MODELS", work.resolve("models").toString(),
        "CHECKPOINTS", work.resolve("checkpoints").toString());
  }

  private String lake(String table) {
    return work.resolve("lake").resolve(table).toString();
  }

  private Trainer.Trained train(SparkSession spark, JobFiles files) {
    try {
      Path folder = Files.createDirectories(Path.of(lake("click_history")));
      Files.write(folder.resolve("clicks.json"), Generator.history(SEED, START, HISTORY));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the history of clicks", e);
    }
    Trainer.Trained trained =
        new Training(spark).run(files.training(home.resolve("conf/models/click-fraud.yaml")));
    StringBuilder metrics = new StringBuilder();
    new TreeMap<>(trained.metrics())
        .forEach(
            (name, value) ->
                metrics.append(
                    String.format(
                        Locale.ROOT, "%s%s %.3f", metrics.isEmpty() ? "" : ", ", name, value)));
    facts.add(new Report.Fact("Training", metrics.toString()));
    return trained;
  }

  /** Kills the job while events come, and leaves what it did not come to for its last start. */
  private void crash(Plan plan, Servers servers, Feed feed, Truth truth)
      throws InterruptedException {
    out.println("[3/4] Running " + JOB + " as a process of its own, and killing it");
    Plan.Query query =
        plan.queries().stream()
            .filter(each -> each.outputs().contains(WINDOWS))
            .findFirst()
            .orElseThrow();
    AtomicBoolean enough = new AtomicBoolean();
    FutureTask<Boolean> sending =
        new FutureTask<>(
            () -> {
              while (!enough.get()) {
                feed.run(PIECE, Optional::empty, truth::add);
              }
              return true;
            });
    start(sending);
    try (Crashes crashes = opened(crashes(plan, query, servers))) {
      for (Crashes.Moment moment : MOMENTS) {
        Crashes.Kill kill = crashes.kill(moment);
        kills.add(kill);
        out.printf(
            Locale.ROOT,
            "      kill -9 %s batch %d of query %s%n",
            moment == Crashes.Moment.IN_A_BATCH
                ? "in the middle of"
                : "when " + WINDOWS + " had, and Spark had not noted,",
            kill.begun(),
            kill.query());
        out.flush();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot close the connection: " + e.getMessage(), e);
    } catch (IllegalStateException e) {
      if (sending.isDone()) {
        // Without events there is nothing to do for a job.
        sent(sending);
      }
      throw e;
    } finally {
      enough.set(true);
    }
    sent(sending);
  }

  private Crashes crashes(Plan plan, Plan.Query query, Servers servers) {
    Map<String, String> environment = new HashMap<>(settings(servers));
    environment.put("MILLRACE_TERMINAL", "0");
    try {
      return new Crashes(
          List.of(
              home.resolve("spark-submit/millrace").toString(),
              "run",
              home.resolve(JOB).toString()),
          environment,
          work.resolve("job.log"),
          new Crashes.Watched(
              plan.job(), query.name(), Path.of(plan.checkpoint(), query.name()), WINDOWS),
          servers.postgres().connection());
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot connect to the database: " + e.getMessage(), e);
    }
  }

  private void runJob(
      SparkSession spark, Plan plan, Servers servers, Feed feed, Duration howLong, Truth truth)
      throws InterruptedException {
    out.printf(
        Locale.ROOT,
        "[3/4] Running "
            + JOB
            + ": %,d events a second for %d s, each second a"
            + " minute of their time%n",
        rate,
        howLong.toSeconds());
    RunningJob job = new Launcher(spark, watch, List.of(watch)).launch(plan);
    graceful.push(job);
    try (ProgressLine line = ProgressLine.start(watch)) {
      send(job, feed, howLong, truth::add);
      feed.sendClosing(truth::add);
      drain(job);
      feed.sendLate(watermark(), truth::add);
      drain(job);
    }
    kept = Optional.of(new Kept(job, feed, servers, page()));
    String first =
        firstRow.map(DemoRun::seconds).map(text -> text + " after the start").orElse("unknown");
    if (kills.isEmpty()) {
      facts.add(new Report.Fact("First row", first));
      out.println("      everything is read and delivered; the first row was " + first);
    } else {
      out.println("      everything is read and delivered");
    }
  }

  /** Sends for some time, as long as the job runs. */
  private void send(RunningJob job, Feed feed, Duration howLong, Consumer<Event> sent)
      throws InterruptedException {
    Supplier<Optional<Instant>> time = () -> closed.at(watch.states());
    FutureTask<Boolean> sending =
        new FutureTask<>(
            () -> {
              feed.run(howLong, time, sent);
              return true;
            });
    Thread thread = start(sending);
    try {
      while (!sending.isDone()) {
        if (job.await(Duration.ofMillis(100))) {
          throw new IllegalStateException("The job ended by itself");
        }
        noteFirstRow();
      }
      sent(sending);
    } finally {
      sending.cancel(true);
      thread.join();
    }
  }

  private static Thread start(FutureTask<Boolean> sending) {
    Thread thread = new Thread(sending, "events");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void sent(FutureTask<Boolean> sending) throws InterruptedException {
    try {
      sending.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot make events: " + e.getCause(), e);
    }
  }

  private void noteFirstRow() {
    boolean delivered =
        watch.states().stream()
            .flatMap(state -> state.delivered().values().stream())
            .anyMatch(rows -> rows > 0);
    if (firstRow.isEmpty() && delivered) {
      long started = ManagementFactory.getRuntimeMXBean().getStartTime();
      firstRow = Optional.of(Duration.ofMillis(System.currentTimeMillis() - started));
    }
  }

  /** Waits until every query has nothing more to do. */
  private void drain(RunningJob job) {
    for (StreamingQuery query : job.queries().values()) {
      try {
        query.processAllAvailable();
      } catch (Exception e) {
        job.await(Duration.ofMillis(1));
        throw new IllegalStateException("Query " + query.name() + " stopped", e);
      }
    }
    noteFirstRow();
  }

  private Instant watermark() {
    return watch.states().stream()
        .flatMap(state -> state.watermark().stream())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("Missing watermark: no event was read"));
  }

  private boolean report(Truth truth, Found found, Servers servers) {
    Report.Places places =
        new Report.Places(servers.postgres().url(), servers.kafka(), lake("events"));
    facts.add(new Report.Fact("Finished", Instant.now().toString()));
    Report report = Report.of(truth, found, places, facts, kills);
    out.print(ReportText.of(report));
    Path page = page();
    try {
      Files.createDirectories(page.resolveSibling("."));
      Files.writeString(page, ReportHtml.of(report));
      out.println("As a page: " + page);
    } catch (IOException e) {
      throw new WrongSurroundings("Cannot write " + page + ": " + e.getMessage(), e);
    }
    return report.balanced();
  }

  private Path page() {
    return Files.isWritable(home)
        ? home.resolve("target").resolve("demo").resolve("report.html")
        : Path.of(work + ".html");
  }

  /** Makes events until the run is interrupted. */
  void goOn() throws InterruptedException {
    Kept now = kept.orElseThrow();
    String database = now.servers().postgres().url().replace("jdbc:postgresql://", "");
    out.println();
    out.println("It goes on until Ctrl-C. To look inside:");
    out.println("  psql postgresql://" + now.servers().postgres().user() + "@" + database);
    out.println("    select * from ad_minutes order by window_start desc limit 20;");
    out.println("    select rule, reason, convert_from(raw, 'UTF8') from dead_letters limit 20;");
    out.println(
        "  kafka-console-consumer.sh --bootstrap-server "
            + now.servers().kafka()
            + " --topic "
            + Servers.SCORED);
    out.println("  Delta table   " + lake("events"));
    out.println("  page          " + now.page());
    out.flush();
    try (ProgressLine line = ProgressLine.start(watch)) {
      send(now.job(), now.feed(), Duration.ofDays(365), event -> {});
    }
  }

  /** Whether Ctrl-C has ended the run. */
  boolean interrupted() {
    return interrupted;
  }

  private <T> T step(int number, String what, Supplier<T> work) {
    out.print("[" + number + "/4] " + what + " … ");
    out.flush();
    long begun = System.nanoTime();
    T result = work.get();
    out.println(seconds(Duration.ofNanos(System.nanoTime() - begun)));
    return result;
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
  }

  private synchronized <T extends AutoCloseable> T opened(T part) {
    open.push(part);
    return part;
  }

  /**
   * Without waiting for what the job does just now: everything goes that it works on, and what the
   * job says of that is no news.
   */
  private void interrupt() {
    interrupted = true;
    System.err.println();
    System.err.println("Stopping the job, Kafka and PostgreSQL");
    quiet.run();
    System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
    stop();
  }

  /** Stops all that it has started, the last first, and deletes its files. */
  @Override
  public void close() {
    if (!interrupted) {
      ShutdownHookManager.get().removeShutdownHook(hook);
      quiet.run();
      graceful.forEach(DemoRun::end);
      stop();
    }
  }

  private synchronized void stop() {
    while (!open.isEmpty()) {
      end(open.pop());
    }
    Folders.delete(work);
  }

  private static void end(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      System.err.println("millrace demo: " + e.getMessage());
    }
  }
}
