package io.millrace.engine.run;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.CollectionAccumulator;

/** A frame that counts its rows as they are read; a partition that is read twice counts once. */
final class Counting {
  private final CollectionAccumulator<long[]> partitions;
  private final Dataset<Row> rows;

  Counting(Dataset<Row> rows) {
    SparkSession spark = rows.sparkSession();
    this.partitions = spark.sparkContext().collectionAccumulator();
    JavaRDD<InternalRow> counted =
        rows.queryExecution().toRdd().toJavaRDD().mapPartitions(counting(partitions), true);
    this.rows = Catalyst.frame(spark, counted.rdd(), rows.schema());
  }

  Dataset<Row> rows() {
    return rows;
  }

  /** Rows of all partitions that were read to their end. */
  long count() {
    return last().values().stream().mapToLong(Long::longValue).sum();
  }

  /** Whether every partition was read to its end. */
  boolean complete() {
    return last().size() == rows.queryExecution().toRdd().getNumPartitions();
  }

  private Map<Long, Long> last() {
    Map<Long, Long> last = new HashMap<>();
    partitions.value().forEach(entry -> last.put(entry[0], entry[1]));
    return last;
  }

  private static FlatMapFunction<Iterator<InternalRow>, InternalRow> counting(
      CollectionAccumulator<long[]> partitions) {
    return rows -> new CountedRows(rows, partitions);
  }

  private static final class CountedRows implements Iterator<InternalRow> {
    private final Iterator<InternalRow> rows;
    private final CollectionAccumulator<long[]> partitions;
    private long count;
    private boolean told;

    CountedRows(Iterator<InternalRow> rows, CollectionAccumulator<long[]> partitions) {
      this.rows = rows;
      this.partitions = partitions;
    }

    @Override
    public boolean hasNext() {
      boolean more = rows.hasNext();
      if (!more && !told) {
        told = true;
        partitions.add(new long[] {TaskContext.getPartitionId(), count});
      }
      return more;
    }

    @Override
    public InternalRow next() {
      count++;
      return rows.next();
    }
  }
}
