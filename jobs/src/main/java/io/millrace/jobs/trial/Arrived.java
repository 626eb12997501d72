package io.millrace.jobs.trial;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Writing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Keeps what a sink of the job gets, in place of that sink.
 *
 * @param id of this sink in this test, told apart from all others of the JVM
 */
record Arrived(String id) implements BatchSink {
  private static final long serialVersionUID = 1;
  private static final Map<String, Rows> ALL = new ConcurrentHashMap<>();

  /** Rows with their columns, in the order in which they came. */
  record Rows(StructType columns, List<Row> rows) {
    private Rows and(Rows more) {
      List<Row> all = new ArrayList<>(rows);
      all.addAll(more.rows());
      return new Rows(more.columns(), List.copyOf(all));
    }
  }

  @Override
  public Guarantee guarantee(Writing how) {
    return Guarantee.AT_LEAST_ONCE;
  }

  @Override
  public void write(Batch batch) {
    Dataset<Row> rows = batch.rows();
    Rows now = new Rows(rows.schema(), List.copyOf(rows.collectAsList()));
    ALL.merge(
        id, now, (before, more) -> batch.how().mode() == Mode.COMPLETE ? more : before.and(more));
  }

  /** What came, and forgets it. */
  Rows taken() {
    Rows rows = ALL.remove(id);
    return rows == null ? new Rows(new StructType(), List.of()) : rows;
  }
}
