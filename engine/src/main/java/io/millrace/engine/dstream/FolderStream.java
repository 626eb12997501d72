package io.millrace.engine.dstream;

import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.streaming.StreamingContext;
import org.apache.spark.streaming.Time;
import org.apache.spark.streaming.dstream.InputDStream;
import scala.Option;

/**
 * The rows of a folder's files. Unlike Spark's own it takes files of any age, and a batch that
 * comes again has the same ones, however long ago it was.
 */
@SuppressWarnings("deprecation") // All of DStreams is; jobs that still need them are served here.
final class FolderStream extends InputDStream<InternalRow> {
  private static final long serialVersionUID = 1;

  private final String work;
  private final String source;

  FolderStream(StreamingContext context, String work, String source) {
    super(context, Bundle.ROW);
    this.work = work;
    this.source = source;
  }

  @Override
  public void start() {}

  @Override
  public void stop() {}

  @Override
  public Option<RDD<InternalRow>> compute(Time time) {
    return Option.apply(Work.named(work).files(source, time.milliseconds()));
  }
}
