package io.millrace.engine.source;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;

/** Runs a stream over what is there now. */
final class Streams {
  private Streams() {}

  /** The rows of each batch that has some. */
  static List<List<Row>> batches(Dataset<Row> stream, Path checkpoint) {
    List<List<Row>> batches = new ArrayList<>();
    try {
      stream
          .writeStream()
          .option("checkpointLocation", checkpoint.toString())
          .trigger(Trigger.AvailableNow())
          .foreachBatch(
              (rows, id) -> {
                List<Row> found = rows.collectAsList();
                if (!found.isEmpty()) {
                  batches.add(found);
                }
              })
          .start()
          .awaitTermination();
    } catch (TimeoutException | StreamingQueryException e) {
      throw new IllegalStateException(e);
    }
    return batches;
  }

  static List<Row> rows(Dataset<Row> stream, Path checkpoint) {
    return batches(stream, checkpoint).stream().flatMap(List::stream).toList();
  }
}
