package io.millrace.engine.run;

import io.millrace.engine.spi.Versioned;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * The rows of a static table, read once and kept for all batches that see them.
 *
 * @param version that they are of, where the source tells one: of a {@link Versioned} one
 * @param bytes that they take
 */
record TableRows(Optional<String> version, JavaRDD<InternalRow> kept, long rows, long bytes)
    implements AutoCloseable {

  /** Reads all rows of a frame. */
  static TableRows read(Optional<String> version, Dataset<Row> frame) {
    JavaRDD<InternalRow> kept =
        frame
            .queryExecution()
            .toRdd()
            .toJavaRDD()
            .map(InternalRow::copy)
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      List<Long> sizes = kept.mapPartitions(sizes(frame.schema().defaultSize())).collect();
      long rows = 0;
      long bytes = 0;
      for (int i = 0; i < sizes.size(); i += 2) {
        rows += sizes.get(i);
        bytes += sizes.get(i + 1);
      }
      return new TableRows(version, kept, rows, bytes);
    } catch (Throwable e) {
      // Scala throws checked exceptions, such as that of a failed task, without declaring them.
      kept.unpersist(false);
      throw e;
    }
  }

  /**
   * How many rows a partition has, and how many bytes they take.
   *
   * @param width of a row that does not know its size
   */
  private static FlatMapFunction<Iterator<InternalRow>, Long> sizes(int width) {
    return each -> {
      long rows = 0;
      long bytes = 0;
      while (each.hasNext()) {
        rows++;
        bytes += each.next() instanceof UnsafeRow row ? row.getSizeInBytes() : width;
      }
      return List.of(rows, bytes).iterator();
    };
  }

  /**
   * The columns that a query was planned with, of a table that may have got others.
   *
   * @throws IllegalStateException if one is gone or of another type
   */
  static Dataset<Row> fitted(String table, StructType columns, Dataset<Row> rows) {
    StructType own = rows.schema();
    List<Column> wanted = new ArrayList<>();
    for (StructField column : columns.fields()) {
      if (!Frames.has(rows, column.name())) {
        throw new IllegalStateException(unfit(table, column, "is gone"));
      }
      StructField found = own.apply(column.name());
      if (!found.dataType().equals(column.dataType())) {
        throw new IllegalStateException(
            unfit(table, column, "is now " + found.dataType().simpleString()));
      }
      if (found.nullable() && !column.nullable()) {
        throw new IllegalStateException(unfit(table, column, "may be null now"));
      }
      wanted.add(Frames.quoted(column.name()));
    }
    return rows.select(wanted.toArray(Column[]::new));
  }

  private static String unfit(String table, StructField column, String fault) {
    return "Cannot go on with the table '%s': its column %s %s was %s when the job started and %s. Start the job again"
        .formatted(
            table,
            column.name(),
            column.dataType().simpleString(),
            column.nullable() ? "there" : "never null",
            fault);
  }

  @Override
  public void close() {
    kept.unpersist(false);
  }
}
