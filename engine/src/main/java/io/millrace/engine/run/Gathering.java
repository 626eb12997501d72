package io.millrace.engine.run;

import io.millrace.engine.spi.OneTask;
import io.millrace.engine.spi.Receipt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * The rows of a batch for sinks that take them in one task: worked out and counted on all
 * executors, and kept there until the sinks have them.
 */
final class Gathering implements AutoCloseable {
  private final Map<String, Share> shares = new LinkedHashMap<>();

  private record Share(TaskOutput output, List<Kept> parts, List<TaskOutput.Delivery> counted) {}

  /** Keeps rows for an output, and tells how many they are. */
  List<TaskOutput.Delivery> keep(TaskOutput output, Dataset<Row> rows) {
    Share share =
        shares.computeIfAbsent(
            output.sink(), sink -> new Share(output, new ArrayList<>(), new ArrayList<>()));
    Kept kept = new Kept(rows);
    share.parts().add(kept);
    List<TaskOutput.Delivery> counted =
        RowJob.run(kept.rows(), List.of(output.counting())).deliveries();
    share.counted().addAll(counted);
    return counted;
  }

  /**
   * All rows that were kept for a sink. The receipt is the sink's own: it is that of its writer.
   */
  @SuppressWarnings("unchecked")
  <R extends Receipt> OneTask<R> rows(String sink) {
    Share share = Objects.requireNonNull(shares.get(sink), sink);
    TaskOutput.Counted counted = TaskOutput.Counted.of(share.counted());
    JavaRDD<InternalRow> all =
        share.parts().stream().map(Kept::all).reduce(JavaRDD::union).orElseThrow();
    return writers -> (R) RowJob.inOneTask(all, share.output().by(writers), counted).receipt();
  }

  @Override
  public void close() {
    shares.values().forEach(share -> share.parts().forEach(Kept::close));
    shares.clear();
  }
}
