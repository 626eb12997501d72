package io.millrace.models;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.sql.SparkSession;
import scala.Option;

/**
 * A folder of a file system that Hadoop knows. Replacing a file is as atomic as that file system's
 * rename.
 */
record HadoopStorage(String uri) implements Storage {
  @Override
  public Storage below(String name) {
    return new HadoopStorage(new Path(uri, name).toString());
  }

  @Override
  public boolean exists(String name) {
    try {
      return files(uri).exists(new Path(uri, name));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot look for " + name + " in " + uri, e);
    }
  }

  @Override
  public InputStream open(String name) throws IOException {
    return files(uri).open(new Path(uri, name));
  }

  @Override
  public void replace(String name, byte[] content) throws IOException {
    FileSystem files = files(uri);
    Path written = new Path(uri, "." + name + "." + UUID.randomUUID());
    try (OutputStream stream = files.create(written, false)) {
      stream.write(content);
    }
    FileContext.getFileContext(written.toUri(), configuration())
        .rename(written, new Path(uri, name), Options.Rename.OVERWRITE);
  }

  @Override
  public List<String> files() throws IOException {
    FileSystem files = files(uri);
    String base = files.makeQualified(new Path(uri)).toUri().getPath();
    List<String> names = new ArrayList<>();
    RemoteIterator<LocatedFileStatus> all = files.listFiles(new Path(uri), true);
    while (all.hasNext()) {
      String path = all.next().getPath().toUri().getPath();
      String name = path.substring(base.length() + 1);
      if (!Storage.checksum(name)) {
        names.add(name);
      }
    }
    Collections.sort(names);
    return List.copyOf(names);
  }

  private static FileSystem files(String uri) throws IOException {
    return new Path(uri).getFileSystem(configuration());
  }

  private static Configuration configuration() {
    Option<SparkSession> session = SparkSession.getDefaultSession();
    return session.isDefined()
        ? session.get().sparkContext().hadoopConfiguration()
        : new Configuration();
  }
}
