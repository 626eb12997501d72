package io.millrace.sinks.delta;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.delta.DeltaOperations;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.SetTransaction;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.OptionConverters;

/**
 * The transaction markers in the log of a table: for each application the last batch that it
 * committed. A checkpoint is an application of its own.
 */
final class DeltaLedger {
  private static final String RETENTION = "delta.setTransactionRetentionDuration";

  private final DeltaTarget target;

  DeltaLedger(DeltaTarget target) {
    this.target = target;
  }

  /** Whether a table has a batch. */
  static boolean has(DeltaTarget target, Batch batch) {
    return target.snapshot().filter(table -> has(table, batch)).isPresent();
  }

  /** Whether a version of a table has a batch. */
  static boolean has(Snapshot table, Batch batch) {
    String application = application(batch.who());
    return markers(table).stream()
        .anyMatch(marker -> marker.appId().equals(application) && marker.version() >= batch.id());
  }

  /**
   * The markers as the summary of the version has them: without one the whole log is read. Every
   * commit writes a summary, of the one before it and of itself; it has the markers where there are
   * a hundred at most.
   */
  private static List<SetTransaction> markers(Snapshot table) {
    return OptionConverters.toJava(table.checksumOpt())
        .flatMap(summary -> OptionConverters.toJava(summary.setTransactions()))
        .map(known -> CollectionConverters.asJava(known))
        .orElseGet(() -> CollectionConverters.asJava(table.setTransactions()));
  }

  /**
   * Checks that the table keeps its markers.
   *
   * @throws IllegalArgumentException if it drops them, so that an old batch could come again
   */
  static void checkRetention(DeltaTarget target) {
    target
        .snapshot()
        .flatMap(table -> OptionConverters.toJava(table.metadata().configuration().get(RETENTION)))
        .ifPresent(
            retention -> {
              throw new IllegalArgumentException(
                  "Cannot write to the Delta table %s exactly once: by %s = %s it forgets batches. Unset that property"
                      .formatted(target.settings().target(), RETENTION, retention));
            });
  }

  /** What the table has of a job and sink; empty where there is no table. */
  Optional<Held> held(Identity who) {
    return target
        .snapshot()
        .flatMap(
            table -> {
              String prefix = application(who, "");
              List<SetTransaction> markers =
                  CollectionConverters.asJava(table.setTransactions()).stream()
                      .filter(marker -> marker.appId().startsWith(prefix))
                      .toList();
              return markers.stream()
                  .filter(marker -> marker.appId().equals(application(who)))
                  .findFirst()
                  .or(() -> markers.stream().max(Comparator.comparingLong(DeltaLedger::millis)))
                  .map(marker -> held(marker, prefix));
            });
  }

  /** Sets the marker of a checkpoint by a commit without rows. */
  void adopt(Identity who, long batch) {
    target
        .log()
        .ifPresent(
            log -> {
              SetTransaction marker =
                  new SetTransaction(
                      application(who), batch, Option.apply(System.currentTimeMillis()));
              log.startTransaction(Option.empty(), Option.empty())
                  .commit(
                      CollectionConverters.asScala(List.<Action>of(marker)).toSeq(),
                      DeltaOperations.ManualUpdate$.MODULE$);
            });
  }

  /** The name under which the table keeps the last batch of a query. */
  static String application(Identity who) {
    return application(who, who.queryId().toString());
  }

  private static String application(Identity who, String checkpoint) {
    return "millrace/%s/%s/%s".formatted(who.job(), who.sink(), checkpoint);
  }

  private static Held held(SetTransaction marker, String prefix) {
    return new Held(
        UUID.fromString(marker.appId().substring(prefix.length())),
        0,
        marker.version(),
        Optional.empty(),
        marker.lastUpdated().isDefined()
            ? Optional.of(Instant.ofEpochMilli(millis(marker)))
            : Optional.empty());
  }

  private static long millis(SetTransaction marker) {
    return OptionConverters.toJava(marker.lastUpdated())
        .map(millis -> ((Number) millis).longValue())
        .orElse(0L);
  }
}
