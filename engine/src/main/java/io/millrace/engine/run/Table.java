package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.StaticTable;
import io.millrace.engine.plan.StaticTable.Refresh;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.TableState;
import io.millrace.engine.spi.Versioned;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A static table of one query: the rows that each of its batches sees. All of a batch sees the same
 * rows; a batch that comes again sees those of the version that is noted of it.
 */
final class Table implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Table.class);
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private final SparkSession spark;
  private final Plan.Input input;
  private final StaticTable settings;
  private final StructType columns;
  private final Optional<VersionNotes> notes;
  private final Clock clock;
  private long begun = -1;
  private boolean started;
  private long batch = -1;
  private boolean stale = true;
  private @Nullable TableRows held;
  private Instant current = Instant.MIN;
  private Instant next = Instant.MIN;
  private Duration pause = FIRST;
  private Optional<Instant> failing = Optional.empty();

  /**
   * A table that is not read yet.
   *
   * @param notes where versions are noted; empty where no batch comes again
   */
  Table(SparkSession spark, Plan.Input input, Optional<VersionNotes> notes, Clock clock) {
    this.spark = spark;
    this.input = input;
    this.settings = input.table().orElseThrow();
    this.notes = notes;
    this.clock = clock;
    this.columns = Decoding.decoded(input, input.source().read(spark)).schema();
  }

  String name() {
    return input.name();
  }

  SparkSession spark() {
    return spark;
  }

  StructType columns() {
    return columns;
  }

  /** Lets batches see it. Those up to {@code begun} come again. */
  synchronized void start(long begun) {
    this.begun = begun;
    this.started = true;
    notes.ifPresent(kept -> kept.start(begun));
  }

  /** What it has now; empty before a batch has seen it. */
  synchronized Optional<TableState> state() {
    return Optional.ofNullable(held)
        .map(rows -> new TableState(rows.version(), rows.rows(), current, failing));
  }

  /** How many bytes the rows of the running batch have; before there is one, any number. */
  synchronized long bytes() {
    return started && BatchNumber.of(spark.sparkContext()).isPresent()
        ? rows().bytes()
        : spark.sessionState().conf().defaultSizeInBytes();
  }

  /** The rows that the running batch sees. */
  synchronized TableRows rows() {
    OptionalLong running = BatchNumber.of(spark.sparkContext());
    if (running.isEmpty()) {
      throw new IllegalStateException("Table '%s' is read outside a batch".formatted(name()));
    }
    return of(running.getAsLong());
  }

  /** The rows that a batch sees. */
  synchronized TableRows of(long number) {
    TableRows known = held;
    if (known != null && batch == number) {
      return known;
    }
    Optional<String> noted = number <= begun ? noted(number) : Optional.empty();
    TableRows rows = noted.isPresent() ? asNoted(number, noted.get()) : asNow();
    stale = noted.isPresent() || (stale && failing.isPresent());
    rows.version().ifPresent(version -> notes.ifPresent(kept -> kept.keep(number, version)));
    batch = number;
    return rows;
  }

  private Optional<String> noted(long number) {
    return input.source() instanceof Versioned
        ? notes.flatMap(kept -> kept.of(number))
        : Optional.empty();
  }

  private TableRows asNoted(long number, String version) {
    Versioned source = (Versioned) input.source();
    if (!source.keeps()) {
      String now = source.version(spark);
      if (!now.equals(version)) {
        LOG.warn(
            "Batch {} comes again, and the files of table '{}' are others than it saw first",
            number,
            name());
      }
      return held(read(now));
    }
    try {
      return held(read(version));
    } catch (Exception e) {
      throw new IllegalStateException(
          "Cannot read the table '%s' in version %s, which batch %d saw before it comes again: %s. Delete the folder %s to write the batch with the table as it is now"
              .formatted(
                  name(),
                  version,
                  number,
                  JobFailedException.reason(e),
                  notes.orElseThrow().folder()),
          e);
    }
  }

  private TableRows asNow() {
    TableRows known = held;
    if (known == null) {
      return held(newest(Optional.empty()).orElseThrow());
    }
    if (!due()) {
      return known;
    }
    try {
      TableRows rows = newest(known.version()).map(this::held).orElse(known);
      passed();
      return rows;
    } catch (Exception e) {
      if (Catalyst.interruption(spark, e)) {
        throw e;
      }
      failed(e);
      return known;
    }
  }

  /** After a batch that came again, what a start would read is still to be read. */
  private boolean due() {
    Instant now = clock.instant();
    if (now.isBefore(next)) {
      return false;
    }
    boolean asked = settings.again() instanceof Refresh.OnChange;
    boolean over =
        settings.again() instanceof Refresh.Every every
            && !now.isBefore(current.plus(every.time()));
    return stale || asked || over;
  }

  /** The rows of now; empty if they are those of a version that is known. */
  private Optional<TableRows> newest(Optional<String> known) {
    if (!(input.source() instanceof Versioned source) || source.pinned()) {
      return Optional.of(TableRows.read(Optional.empty(), frame(input.source().read(spark))));
    }
    String version = source.version(spark);
    return known.filter(version::equals).isPresent()
        ? Optional.empty()
        : Optional.of(read(version));
  }

  private TableRows read(String version) {
    Versioned source = (Versioned) input.source();
    return TableRows.read(Optional.of(version), frame(source.read(spark, version)));
  }

  private Dataset<Row> frame(Dataset<Row> raw) {
    return TableRows.fitted(name(), columns, Decoding.decoded(input, raw));
  }

  /** Takes other rows in place of those of before, which no batch reads any more. */
  private TableRows held(TableRows rows) {
    if (held != null) {
      held.close();
    }
    held = rows;
    current = clock.instant();
    LOG.info(
        "Table '{}' was read: {} rows{}",
        name(),
        rows.rows(),
        rows.version().map(version -> ", version " + version).orElse(""));
    return rows;
  }

  private void passed() {
    failing.ifPresent(since -> LOG.info("Table '{}' can be read again", name()));
    failing = Optional.empty();
    current = clock.instant();
    pause = FIRST;
    next = Instant.MIN;
  }

  private void failed(Exception failure) {
    Instant now = clock.instant();
    Instant since = failing.orElse(now);
    String reason = JobFailedException.reason(failure);
    if (!now.isBefore(since.plus(settings.patience()))) {
      throw new IllegalStateException(
          "Cannot read the table '%s' again: %s. The rows of %s have done for %s"
              .formatted(name(), reason, current, Durations.text(settings.patience())),
          failure);
    }
    if (failing.isEmpty()) {
      LOG.warn(
          "Table '{}' cannot be read again: {}. The rows of {} do for up to {}",
          name(),
          reason,
          current,
          Durations.text(settings.patience()));
    }
    failing = Optional.of(since);
    next = now.plus(pause);
    pause = pause.multipliedBy(2).compareTo(LONGEST) < 0 ? pause.multipliedBy(2) : LONGEST;
  }

  @Override
  public synchronized void close() {
    if (held != null) {
      held.close();
      held = null;
    }
  }
}
