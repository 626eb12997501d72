package io.millrace.jobs;

import static java.time.temporal.ChronoUnit.SECONDS;

import io.millrace.engine.observe.QueryState;
import io.millrace.engine.observe.Watch;
import io.millrace.engine.spi.TableState;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One line about a running job on standard error: it updates in place on a terminal, and is a new
 * line every ten seconds elsewhere.
 */
final class ProgressLine implements AutoCloseable {
  private static final int MOST_WARNINGS = 2;

  private final Watch watch;
  private final PrintStream out;
  private final boolean terminal;
  private final ScheduledExecutorService clock;
  private String last = "";
  private @Nullable Future<?> shows;

  private ProgressLine(Watch watch, PrintStream out, boolean terminal) {
    this.watch = watch;
    this.out = out;
    this.terminal = terminal;
    this.clock = Executors.newSingleThreadScheduledExecutor(ProgressLine::thread);
  }

  static ProgressLine start(Watch watch) {
    ProgressLine line =
        new ProgressLine(watch, System.err, "1".equals(System.getenv("MILLRACE_TERMINAL")));
    long millis = line.terminal ? 500 : 10_000;
    line.shows = line.clock.scheduleAtFixedRate(line::show, millis, millis, TimeUnit.MILLISECONDS);
    return line;
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "progress");
    thread.setDaemon(true);
    return thread;
  }

  private synchronized void show() {
    String line = text(watch.states());
    if (line.equals(last)) {
      return;
    }
    if (terminal) {
      out.print("\r\u001b[2K" + line);
    } else {
      out.println(line);
    }
    out.flush();
    last = line;
  }

  /**
   * Rows read and delivered, the rate, the oldest watermark, records that wait; with a sink that
   * has a pool, how long its tasks waited for connections; of static tables, of when they are; of
   * steps with models, which version scores.
   */
  static String text(List<QueryState> states) {
    long read = states.stream().mapToLong(QueryState::read).sum();
    long delivered =
        states.stream()
            .flatMap(state -> state.delivered().values().stream())
            .mapToLong(Long::longValue)
            .sum();
    double rate = states.stream().mapToDouble(QueryState::rate).sum();
    Optional<Instant> watermark =
        states.stream().flatMap(state -> state.watermark().stream()).min(Comparator.naturalOrder());
    OptionalLong lag =
        states.stream()
            .map(QueryState::lag)
            .filter(OptionalLong::isPresent)
            .mapToLong(OptionalLong::getAsLong)
            .max();
    return String.format(
            Locale.ROOT,
            "read %,d  delivered %,d  %,.0f rows/s  watermark %s  lag %s",
            read,
            delivered,
            rate,
            watermark.map(Instant::toString).orElse("-"),
            lag.isPresent() ? String.format(Locale.ROOT, "%,d", lag.getAsLong()) : "-")
        + pools(states)
        + tables(states)
        + parts(states);
  }

  private static String pools(List<QueryState> states) {
    List<Duration> waited =
        states.stream().flatMap(state -> state.waited().values().stream()).toList();
    return waited.isEmpty()
        ? ""
        : String.format(
            Locale.ROOT,
            "  pools waited for %,d ms",
            waited.stream().reduce(Duration.ZERO, Duration::plus).toMillis());
  }

  private static String tables(List<QueryState> states) {
    StringBuilder text = new StringBuilder();
    states.forEach(state -> state.tables().forEach((name, table) -> tell(name, table, text)));
    return text.toString();
  }

  private static void tell(String name, TableState table, StringBuilder text) {
    text.append("  table %s of %s".formatted(name, table.current().truncatedTo(SECONDS)));
    table
        .version()
        .ifPresent(version -> text.append(", version ").append(version.split(" ", 2)[0]));
    if (table.failing().isPresent()) {
      text.append(", cannot be read again");
    }
  }

  private static String parts(List<QueryState> states) {
    StringBuilder text = new StringBuilder();
    states.forEach(
        state ->
            state
                .parts()
                .forEach(
                    (step, part) ->
                        text.append("  " + step + " with " + part.version())
                            .append(part.failing().isPresent() ? ", no newer one can be used" : "")
                            .append(warnings(part.warnings()))));
    return text.toString();
  }

  /** The first of them, and how many more there are. */
  private static String warnings(List<String> warnings) {
    if (warnings.isEmpty()) {
      return "";
    }
    int more = warnings.size() - MOST_WARNINGS;
    return ", to look at: "
        + String.join(", ", warnings.subList(0, Math.min(MOST_WARNINGS, warnings.size())))
        + (more > 0 ? " and " + more + " more" : "");
  }

  /** Shows the last state and ends the line. */
  @Override
  public void close() {
    if (shows != null) {
      shows.cancel(false);
      shows = null;
      clock.shutdown();
      show();
      if (terminal) {
        out.println();
      }
    }
  }
}
