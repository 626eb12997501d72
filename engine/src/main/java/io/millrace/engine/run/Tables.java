package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.TableState;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The static tables of one query, each opened by the first that reads it. */
final class Tables implements AutoCloseable {
  private final Function<String, Optional<VersionNotes>> notes;
  private final Map<String, Table> tables = new LinkedHashMap<>();
  private final TableBroadcasts broadcasts = new TableBroadcasts();

  private Tables(Function<String, Optional<VersionNotes>> notes) {
    this.notes = notes;
  }

  /** Tables of a query that goes on with its checkpoint. */
  static Tables of(SparkSession spark, String checkpoint) {
    return new Tables(
        table ->
            Optional.of(
                VersionNotes.ofTable(
                    checkpoint, table, spark.sparkContext().hadoopConfiguration())));
  }

  /** Tables whose columns are of interest, and no rows. */
  static Tables unread() {
    return new Tables(table -> Optional.empty());
  }

  /** A table as a frame, which has other rows when the table has. */
  Dataset<Row> frame(SparkSession spark, Plan.Input input) {
    Table table =
        tables.computeIfAbsent(
            input.name(), name -> new Table(spark, input, notes.apply(name), Clock.systemUTC()));
    TableJoins.in(spark);
    return spark.baseRelationToDataFrame(new TableRelation(table, broadcasts));
  }

  /** Lets batches see them. Those up to {@code begun} come again. */
  void start(long begun) {
    tables.values().forEach(table -> table.start(begun));
  }

  Map<String, TableState> states() {
    Map<String, TableState> states = new LinkedHashMap<>();
    tables.forEach((name, table) -> table.state().ifPresent(state -> states.put(name, state)));
    return states;
  }

  @Override
  public void close() {
    broadcasts.close();
    tables.values().forEach(Table::close);
  }
}
