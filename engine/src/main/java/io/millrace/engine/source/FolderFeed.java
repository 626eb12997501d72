package io.millrace.engine.source;

import io.millrace.engine.spi.Feed;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The files of a files source, as DStreams take them. */
record FolderFeed(FilesSource source) implements Feed.Folder {
  private static final long serialVersionUID = 1;

  @Override
  public List<String> files(SparkSession spark) {
    return Arrays.stream(source.read(spark).inputFiles())
        .map(file -> new Path(URI.create(file)).toString())
        .sorted()
        .toList();
  }

  @Override
  public Dataset<Row> read(SparkSession spark, List<String> files) {
    return source.read(spark, files);
  }

  @Override
  public Optional<Integer> most() {
    return source.settings().maxFilesPerBatch();
  }
}
