package io.millrace.engine.run;

import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.TableScan;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A static table in the plan of a query. The plan stays the same; Spark asks here for size and rows
 * when it plans a batch.
 */
final class TableRelation extends BaseRelation implements TableScan {
  private final Table table;
  private final TableBroadcasts broadcasts;

  TableRelation(Table table, TableBroadcasts broadcasts) {
    this.table = table;
    this.broadcasts = broadcasts;
  }

  /** The rows that the running batch sees. */
  TableRows rows() {
    return table.rows();
  }

  /** What joins of its query broadcast of it and others. */
  TableBroadcasts broadcasts() {
    return broadcasts;
  }

  @Override
  public SQLContext sqlContext() {
    return table.spark().sqlContext();
  }

  @Override
  public StructType schema() {
    return table.columns();
  }

  @Override
  public boolean needConversion() {
    return false;
  }

  @Override
  public long sizeInBytes() {
    return table.bytes();
  }

  /** Without conversion, Spark takes its own rows for what the signature says. */
  @Override
  @SuppressWarnings("unchecked")
  public RDD<Row> buildScan() {
    return (RDD<Row>) (RDD<?>) rows().kept().rdd();
  }

  /** Whoever reads a table, and whenever, a plan over it is the same one. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TableRelation that && table == that.table;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(table);
  }

  @Override
  public String toString() {
    return "table " + table.name();
  }
}
