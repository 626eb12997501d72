package io.millrace.engine.dstream;

import java.util.Iterator;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.unsafe.types.UTF8String;

/** Rows as Spark keeps them. */
final class Rows {
  private Rows() {}

  static RDD<InternalRow> none(SparkSession spark) {
    return spark.sparkContext().emptyRDD(Bundle.ROW);
  }

  /** Whether nothing is there, as far as that can be told without reading. */
  static boolean none(RDD<?> rows) {
    return rows.getNumPartitions() == 0;
  }

  /** Reads rows to their end: what is carried must not wait for rows to be worked out. */
  static void drain(RDD<?> rows) {
    if (!none(rows)) {
      rows.toJavaRDD().foreachPartition(Rows::skip);
    }
  }

  private static void skip(Iterator<?> rows) {
    rows.forEachRemaining(row -> {});
  }

  /** A row of one text for each line. */
  static RDD<InternalRow> ofLines(RDD<String> lines) {
    return lines.toJavaRDD().map(Rows::ofLine).rdd();
  }

  private static InternalRow ofLine(String line) {
    return new GenericInternalRow(new Object[] {UTF8String.fromString(line)});
  }
}
