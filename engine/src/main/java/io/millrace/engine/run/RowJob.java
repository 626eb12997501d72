package io.millrace.engine.run;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/** The one Spark job of a batch that hands every row to all row sinks of its query. */
final class RowJob {
  private RowJob() {}

  /**
   * What all tasks did.
   *
   * @param rows how many they read
   */
  record Done(List<TaskOutput.Delivery> deliveries, long rows) implements Serializable {}

  /**
   * Reads every partition to its end, also where no output wants a row: state advances only then.
   */
  static Done run(Dataset<Row> rows, List<TaskOutput> outputs) {
    List<Done> tasks =
        rows.queryExecution()
            .toRdd()
            .toJavaRDD()
            .mapPartitions(task(List.copyOf(outputs)))
            .collect();
    return new Done(
        tasks.stream().flatMap(task -> task.deliveries().stream()).toList(),
        tasks.stream().mapToLong(Done::rows).sum());
  }

  private static FlatMapFunction<Iterator<InternalRow>, Done> task(List<TaskOutput> outputs) {
    return rows -> List.of(write(rows, outputs)).iterator();
  }

  /**
   * Hands all rows to one output in one task.
   *
   * @param counted what they were when they were counted
   */
  static TaskOutput.Delivery inOneTask(
      JavaRDD<InternalRow> rows, TaskOutput output, TaskOutput.Counted counted) {
    JavaRDD<InternalRow> one =
        rows.getNumPartitions() == 0
            ? JavaSparkContext.fromSparkContext(rows.context()).parallelize(List.of(), 1)
            : rows.coalesce(1);
    return one.mapPartitions(gathering(output, counted)).collect().get(0);
  }

  private static FlatMapFunction<Iterator<InternalRow>, TaskOutput.Delivery> gathering(
      TaskOutput output, TaskOutput.Counted counted) {
    return rows -> List.of(gather(rows, output, counted)).iterator();
  }

  private static TaskOutput.Delivery gather(
      Iterator<InternalRow> rows, TaskOutput output, TaskOutput.Counted counted) {
    try (TaskOutput.Writing writing = output.open(TaskContext.getPartitionId())) {
      rows.forEachRemaining(writing::write);
      writing.compare(counted);
      return writing.finish();
    }
  }

  private static Done write(Iterator<InternalRow> rows, List<TaskOutput> outputs) {
    int partition = TaskContext.getPartitionId();
    List<TaskOutput.Writing> open = new ArrayList<>();
    try {
      outputs.forEach(output -> open.add(output.open(partition)));
      TaskOutput.Writing[] writers = open.toArray(TaskOutput.Writing[]::new);
      long count = 0;
      while (rows.hasNext()) {
        count++;
        InternalRow row = rows.next();
        for (TaskOutput.Writing writer : writers) {
          writer.write(row);
        }
      }
      return new Done(open.stream().map(TaskOutput.Writing::finish).toList(), count);
    } finally {
      open.forEach(TaskOutput.Writing::close);
    }
  }
}
