package io.millrace.engine.source;

import static org.apache.spark.sql.functions.lit;

import java.sql.Timestamp;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.delta.DeltaConfigs;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import scala.Option;

/**
 * Which version of a Delta table is there: its number, and whose. A table that is dropped and
 * written anew begins to count again. Apart from the source, whose settings need no Spark.
 */
final class DeltaVersions {
  private static final String OF = " of ";

  private DeltaVersions() {}

  static String now(SparkSession spark, Optional<String> path, Optional<String> table) {
    Snapshot now = snapshot((org.apache.spark.sql.classic.SparkSession) spark, path, table);
    return now.version() + OF + now.metadata().id();
  }

  /** The version that was there at a time, which is written as Spark reads it. */
  static String at(
      SparkSession spark, Optional<String> path, Optional<String> table, String timestamp) {
    org.apache.spark.sql.classic.SparkSession classic =
        (org.apache.spark.sql.classic.SparkSession) spark;
    Timestamp time = spark.range(1).select(lit(timestamp).cast("timestamp")).head().getTimestamp(0);
    long number =
        log(classic, path, table)
            .history()
            .getActiveCommitAtTime(time, Option.empty(), false, true, false)
            .version();
    return number + OF + snapshot(classic, path, table).metadata().id();
  }

  /** A version by its number. */
  static String of(SparkSession spark, Optional<String> path, Optional<String> table, long number) {
    String now = now(spark, path, table);
    return number + now.substring(now.indexOf(OF));
  }

  /** The version that is there, and when it was written. */
  record Moment(long version, Timestamp time) {}

  static Moment moment(SparkSession spark, Optional<String> path, Optional<String> table) {
    Snapshot now = snapshot((org.apache.spark.sql.classic.SparkSession) spark, path, table);
    return new Moment(now.version(), new Timestamp(now.timestamp()));
  }

  /** A version that may be one of before. */
  static Moment moment(
      SparkSession spark, Optional<String> path, Optional<String> table, String number) {
    Snapshot then =
        log((org.apache.spark.sql.classic.SparkSession) spark, path, table)
            .getSnapshotAt(Long.parseLong(number), Option.empty(), Option.empty(), false);
    return new Moment(then.version(), new Timestamp(then.timestamp()));
  }

  /** Whether the table records its changes. */
  static boolean feeds(SparkSession spark, Optional<String> path, Optional<String> table) {
    Snapshot now = snapshot((org.apache.spark.sql.classic.SparkSession) spark, path, table);
    return (Boolean) DeltaConfigs.CHANGE_DATA_FEED().fromMetaData(now.metadata());
  }

  /**
   * The number of a version.
   *
   * @param now the version that is there
   * @throws IllegalStateException if that is one of another table
   */
  static String number(String version, String now) {
    int end = version.indexOf(OF);
    if (!now.substring(now.indexOf(OF)).equals(version.substring(end))) {
      throw new IllegalStateException(
          "Cannot read version %s of a Delta table: the one that is there now is another, %s"
              .formatted(version, now));
    }
    return version.substring(0, end);
  }

  private static Snapshot snapshot(
      org.apache.spark.sql.classic.SparkSession spark,
      Optional<String> path,
      Optional<String> table) {
    return log(spark, path, table).update(false, Option.empty(), Option.empty());
  }

  private static DeltaLog log(
      org.apache.spark.sql.classic.SparkSession spark,
      Optional<String> path,
      Optional<String> table) {
    return path.map(folder -> DeltaLog.forTable(spark, folder))
        .orElseGet(() -> DeltaLog.forTable(spark, name(spark, table.orElseThrow())));
  }

  private static TableIdentifier name(
      org.apache.spark.sql.classic.SparkSession spark, String table) {
    try {
      return spark.sessionState().sqlParser().parseTableIdentifier(table);
    } catch (ParseException e) {
      throw new IllegalArgumentException("Expected the name of a table, found " + table, e);
    }
  }
}
