package io.millrace.tests.bench;

import io.millrace.engine.run.Launcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;

/** The child's side of a run that goes on until the parent has seen enough. */
final class Live {
  private static final long GLANCE_MILLIS = 50;

  private final Path ending;
  private final List<Long> pauses = new CopyOnWriteArrayList<>();

  Live(Order order) {
    this.ending = ending(order);
  }

  private static Path ending(Order order) {
    return Path.of(order.folder(), "enough");
  }

  /** Lets the run of an order end, as its parent. */
  static void end(Order order) throws IOException {
    Files.createFile(ending(order));
  }

  /** A launcher that notes when batches end. */
  Launcher noting(SparkSession spark) {
    return new Launcher(spark, report -> pauses.add(System.currentTimeMillis()), List.of());
  }

  /** When batches ended, in milliseconds of the clock. */
  List<Long> pauses() {
    return List.copyOf(pauses);
  }

  /** Waits for the parent, as long as the query runs. */
  void await(StreamingQuery query) throws Exception {
    while (query.isActive() && Files.notExists(ending)) {
      boolean unused = query.awaitTermination(GLANCE_MILLIS);
    }
  }
}
