package io.millrace.jobs.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs a job as a process of its own and ends it by {@code kill -9} at moments that matter, which
 * are found by looking at its checkpoint and at the ledger of a sink, as anyone could.
 */
public final class Crashes implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int TRIES = 10;
  private static final String NO_TABLE = "42P01";

  private final List<String> command;
  private final Map<String, String> environment;
  private final Path log;
  private final Watched watched;
  private final Connection database;
  private final Duration patience;
  private @Nullable Process process;

  /** When the process dies. */
  public enum Moment {
    /** A batch has begun, and the sink does not have it. */
    IN_A_BATCH,
    /** The sink has a batch that Spark has not noted yet. */
    BEFORE_SPARK
  }

  /**
   * What is watched.
   *
   * @param checkpoint the folder of the query
   * @param sink its sink, in whose ledger batches are looked up
   */
  public record Watched(String job, String query, Path checkpoint, String sink) {}

  /**
   * How far a query was when its process died.
   *
   * @param begun the last batch of the checkpoint's offsets
   * @param done the last batch of its commits
   * @param written the last batch of the sink's ledger
   */
  public record Kill(Moment moment, String query, long begun, long done, long written) {
    private boolean holds() {
      return begun > done && written == (moment == Moment.IN_A_BATCH ? done : begun);
    }
  }

  /**
   * A job that does not run yet.
   *
   * @param environment what is set beside that of this process
   * @param log where its output goes
   * @param database where the ledger is; closed with this
   */
  public Crashes(
      List<String> command,
      Map<String, String> environment,
      Path log,
      Watched watched,
      Connection database) {
    this(command, environment, log, watched, database, PATIENCE);
  }

  /**
   * The same.
   *
   * @param patience for how long the query may stand still
   */
  Crashes(
      List<String> command,
      Map<String, String> environment,
      Path log,
      Watched watched,
      Connection database,
      Duration patience) {
    this.command = List.copyOf(command);
    this.environment = Map.copyOf(environment);
    this.log = log;
    this.watched = watched;
    this.database = database;
    this.patience = patience;
  }

  /**
   * Starts the job, lets it work, and kills it. Where it dies a little too late, it is started and
   * killed once more.
   *
   * @throws IllegalStateException with the end of its output, if the job ends by itself or stands
   *     still
   */
  public Kill kill(Moment moment) throws InterruptedException {
    for (int attempt = 0; attempt < TRIES; attempt++) {
      Process started = start();
      long before = last("commits");
      await(started, moment, () -> last("commits") > before && reached(moment));
      started.destroyForcibly().waitFor();
      Kill kill = state(moment);
      if (kill.holds()) {
        return kill;
      }
    }
    throw new IllegalStateException(
        "Cannot kill the job at the right moment: it was over each of %d times".formatted(TRIES));
  }

  private Process start() {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    try {
      Process started = builder.start();
      process = started;
      started.getOutputStream().close();
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start " + String.join(" ", command), e);
    }
  }

  /** What is read later is no less: a batch that is missing there is missing. */
  private boolean reached(Moment moment) {
    if (moment == Moment.IN_A_BATCH) {
      long begun = last("offsets");
      return begun > last("commits");
    }
    long written = written();
    return written > last("commits");
  }

  private Kill state(Moment moment) {
    return new Kill(moment, watched.query(), last("offsets"), last("commits"), written());
  }

  /** Waits for as long as the query gets on. */
  private void await(Process started, Moment moment, BooleanSupplier condition)
      throws InterruptedException {
    Kill before = state(moment);
    long end = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (!started.isAlive()) {
        throw new IllegalStateException("The job ended by itself. It said: " + said());
      }
      if (System.nanoTime() > end) {
        Kill now = state(moment);
        if (now.equals(before)) {
          throw stuck(started, now);
        }
        before = now;
        end = System.nanoTime() + patience.toNanos();
      }
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  /** A job that hangs is asked what it is at: who looks later finds it gone. */
  private IllegalStateException stuck(Process job, Kill now) throws InterruptedException {
    String said = said();
    String threads = ThreadDump.of(job.toHandle(), log);
    job.destroyForcibly();
    return new IllegalStateException(
        "The job did not get on for %d s. Query %s has begun batch %d, Spark has noted %d, the"
                .formatted(patience.toSeconds(), now.query(), now.begun(), now.done())
            + " ledger %d. It said: %s%nIts threads:%n%s".formatted(now.written(), said, threads));
  }

  private String said() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + log, e);
    }
  }

  private long last(String notes) {
    Path folder = watched.checkpoint().resolve(notes);
    if (!Files.isDirectory(folder)) {
      return -1;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("\\d+"))
          .mapToLong(Long::parseLong)
          .max()
          .orElse(-1);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot look into " + folder, e);
    }
  }

  private long written() {
    try (PreparedStatement statement =
        database.prepareStatement(
            "select last_batch from millrace_ledger where job = ? and sink = ?")) {
      statement.setString(1, watched.job());
      statement.setString(2, watched.sink());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getLong(1) : -1;
      }
    } catch (SQLException e) {
      if (NO_TABLE.equals(e.getSQLState())) {
        return -1;
      }
      throw new IllegalStateException("Cannot read the ledger: " + e.getMessage(), e);
    }
  }

  /** Leaves no process behind. */
  @Override
  public void close() throws SQLException {
    Process last = process;
    if (last != null) {
      last.destroyForcibly();
    }
    database.close();
  }
}
