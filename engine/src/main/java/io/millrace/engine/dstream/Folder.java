package io.millrace.engine.dstream;

import io.millrace.engine.spi.Feed;
import java.util.List;
import java.util.Optional;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;

/** A folder that is read, and what was read of it. */
final class Folder {
  private final Feed.Folder feed;
  private final FolderLog log;
  private final SparkSession spark;
  private final long started = System.currentTimeMillis();

  Folder(Feed.Folder feed, FolderLog log, SparkSession spark) {
    this.feed = feed;
    this.log = log;
    this.spark = spark;
  }

  FolderLog log() {
    return log;
  }

  /** The rows of the batch of a time. */
  RDD<InternalRow> rows(long millis) {
    List<String> files = log.noted(millis).orElseGet(() -> chosen(millis));
    return files.isEmpty() ? Rows.none(spark) : feed.read(spark, files).queryExecution().toRdd();
  }

  /**
   * A batch from before this start has what was noted for it: sinks may have it already, so it gets
   * nothing more.
   */
  private List<String> chosen(long millis) {
    if (millis <= started) {
      return List.of();
    }
    List<String> fresh = log.fresh(feed.files(spark));
    Optional<Integer> most = feed.most();
    List<String> files = fresh.subList(0, Math.min(fresh.size(), most.orElse(fresh.size())));
    log.note(millis, files);
    return files;
  }
}
