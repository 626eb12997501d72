package io.millrace.sinks.delta;

import io.delta.tables.DeltaTable;
import io.delta.tables.DeltaTableBuilder;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/** The table that a sink writes, as one session sees it. */
record DeltaTarget(SparkSession spark, DeltaSettings settings) {

  /** The table's log; empty if there is no table. */
  Optional<DeltaLog> log() {
    if (settings.table().isPresent() && !spark.catalog().tableExists(settings.table().get())) {
      return Optional.empty();
    }
    return Optional.of(place()).filter(DeltaLog::tableExists);
  }

  /** Where the log is, or will be: a table of the catalog has to be there. */
  DeltaLog place() {
    return settings.path().isPresent()
        ? DeltaLog.forTable(session(), settings.path().get())
        : DeltaLog.forTable(session(), identifier(settings.table().orElseThrow()));
  }

  /** What the catalog has of the table; nothing if it is known by its path. */
  Option<CatalogTable> inCatalog() throws NoSuchNamespaceException, NoSuchTableException {
    if (settings.table().isEmpty()) {
      return Option.empty();
    }
    TableIdentifier name = identifier(settings.table().get());
    return Option.apply(session().sessionState().catalog().getTableMetadata(name));
  }

  /** The folder of a table of the catalog, also where it is still to be created. */
  String folder() {
    return log()
        .map(log -> log.dataPath().toString())
        .orElseGet(
            () ->
                session()
                    .sessionState()
                    .catalog()
                    .defaultTablePath(identifier(settings.table().orElseThrow()))
                    .toString());
  }

  /** The newest version; empty if there is no table. */
  Optional<Snapshot> snapshot() {
    return log().map(log -> log.update(false, Option.empty(), Option.empty()));
  }

  /** The table, which has to be there. */
  DeltaTable table() {
    return settings.path().isPresent()
        ? DeltaTable.forPath(spark, settings.path().get())
        : DeltaTable.forName(spark, settings.table().orElseThrow());
  }

  /**
   * Creates a table that is not there, in a commit of its own: creation carries no batch.
   *
   * @throws IllegalArgumentException if the table is not there and must not be created
   */
  void create(StructType columns) {
    if (!allowed()) {
      return;
    }
    DeltaTableBuilder builder =
        DeltaTable.createIfNotExists(spark).addColumns(columns.asNullable());
    builder =
        settings.path().isPresent()
            ? builder.location(settings.path().get())
            : builder.tableName(settings.table().orElseThrow());
    if (!settings.partitionBy().isEmpty()) {
      builder.partitionedBy(settings.partitionBy().toArray(String[]::new));
    }
    builder.execute();
  }

  /** Adds columns to the table, in a commit of its own. */
  void add(StructType columns) {
    String table =
        settings.path().map(path -> "delta." + Changes.quoted(path)).orElseGet(settings::target);
    spark.sql("alter table %s add columns (%s)".formatted(table, columns.asNullable().toDDL()));
  }

  /**
   * Whether the table is still to be created.
   *
   * @throws IllegalArgumentException if the table is not there and must not be created
   */
  boolean allowed() {
    if (log().isPresent()) {
      return false;
    }
    if (settings.create() == DeltaSettings.Create.NEVER) {
      throw new IllegalArgumentException(
          "Cannot find the Delta table %s. Create it, or use create: if-missing"
              .formatted(settings.target()));
    }
    return true;
  }

  private TableIdentifier identifier(String table) {
    try {
      return session().sessionState().sqlParser().parseTableIdentifier(table);
    } catch (org.apache.spark.sql.catalyst.parser.ParseException e) {
      throw new IllegalArgumentException("Expected the name of a table, found " + table, e);
    }
  }

  private org.apache.spark.sql.classic.SparkSession session() {
    return (org.apache.spark.sql.classic.SparkSession) spark;
  }
}
