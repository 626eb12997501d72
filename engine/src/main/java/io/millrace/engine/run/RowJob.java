package io.millrace.engine.run;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/** The one Spark job of a batch that hands every row to all row sinks of its query. */
final class RowJob {
  private RowJob() {}

  /**
   * Reads every partition to its end, also where no output wants a row: state advances only then.
   *
   * @return the receipts of all tasks
   */
  static List<TaskOutput.Delivery> run(Dataset<Row> rows, List<TaskOutput> outputs) {
    return rows.queryExecution()
        .toRdd()
        .toJavaRDD()
        .mapPartitions(task(List.copyOf(outputs)))
        .collect();
  }

  private static FlatMapFunction<Iterator<InternalRow>, TaskOutput.Delivery> task(
      List<TaskOutput> outputs) {
    return rows -> write(rows, outputs).iterator();
  }

  private static List<TaskOutput.Delivery> write(
      Iterator<InternalRow> rows, List<TaskOutput> outputs) {
    int partition = TaskContext.getPartitionId();
    List<TaskOutput.Writing> open = new ArrayList<>();
    try {
      outputs.forEach(output -> open.add(output.open(partition)));
      TaskOutput.Writing[] writers = open.toArray(TaskOutput.Writing[]::new);
      while (rows.hasNext()) {
        InternalRow row = rows.next();
        for (TaskOutput.Writing writer : writers) {
          writer.write(row);
        }
      }
      return open.stream().map(TaskOutput.Writing::finish).toList();
    } finally {
      open.forEach(TaskOutput.Writing::close);
    }
  }
}
