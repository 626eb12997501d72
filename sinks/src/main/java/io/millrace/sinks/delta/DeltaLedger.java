package io.millrace.sinks.delta;

import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.DeltaOperations;
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
  private final SparkSession spark;
  private final DeltaSink.Settings settings;

  DeltaLedger(SparkSession spark, DeltaSink.Settings settings) {
    this.spark = spark;
    this.settings = settings;
  }

  /** What the table has of a job and sink; empty where there is no table. */
  Optional<Held> held(Identity who) {
    return log()
        .flatMap(
            log -> {
              String prefix = application(who, "");
              List<SetTransaction> markers =
                  CollectionConverters.asJava(
                          log.update(false, Option.empty(), Option.empty()).setTransactions())
                      .stream()
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
    log()
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

  private Optional<DeltaLog> log() {
    org.apache.spark.sql.classic.SparkSession session =
        (org.apache.spark.sql.classic.SparkSession) spark;
    if (settings.table().isPresent() && !spark.catalog().tableExists(settings.table().get())) {
      return Optional.empty();
    }
    DeltaLog log =
        settings.path().isPresent()
            ? DeltaLog.forTable(session, settings.path().get())
            : DeltaLog.forTable(session, identifier(settings.table().orElseThrow()));
    return log.tableExists() ? Optional.of(log) : Optional.empty();
  }

  private TableIdentifier identifier(String table) {
    try {
      return ((org.apache.spark.sql.classic.SparkSession) spark)
          .sessionState()
          .sqlParser()
          .parseTableIdentifier(table);
    } catch (org.apache.spark.sql.catalyst.parser.ParseException e) {
      throw new IllegalArgumentException("Expected the name of a table, found " + table, e);
    }
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
