package io.millrace.models;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * A folder of a file system that Hadoop knows. Many of them rename over a file by deleting it
 * first, so a file that is replaced is kept beside its name until the new one is there, and read
 * while there is none under its name.
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
    FileSystem files = files(uri);
    Path path = new Path(uri, name);
    try {
      return files.open(path);
    } catch (FileNotFoundException e) {
      Path before = before(path);
      if (!files.exists(before)) {
        throw e;
      }
      return files.open(before);
    }
  }

  @Override
  public void replace(String name, byte[] content) throws IOException {
    FileSystem files = files(uri);
    Path path = new Path(uri, name);
    Path written = new Path(path.getParent(), "." + path.getName() + "." + UUID.randomUUID());
    try {
      write(files, written, content);
      if (files.exists(path)) {
        copy(files, path, before(path));
      }
      rename(files, written, path);
    } finally {
      files.delete(written, false);
    }
  }

  @Override
  public boolean create(String name, byte[] content) throws IOException {
    FileSystem files = files(uri);
    Path path = new Path(uri, name);
    Path written = new Path(path.getParent(), "." + path.getName() + "." + UUID.randomUUID());
    try {
      write(files, written, content);
      return renamed(files, written, path);
    } finally {
      files.delete(written, false);
    }
  }

  private static boolean renamed(FileSystem files, Path from, Path to) throws IOException {
    try {
      FileContext.getFileContext(from.toUri(), configuration())
          .rename(from, to, Options.Rename.NONE);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (UnsupportedFileSystemException e) {
      return !files.exists(to) && files.rename(from, to);
    }
  }

  /** A rename of HDFS replaces nothing; that of others may. */
  @Override
  public boolean sure() {
    return "hdfs".equals(new Path(uri).toUri().getScheme());
  }

  @Override
  public void remove(String name) throws IOException {
    Path path = new Path(uri, name);
    if (!files(uri).delete(path, true) && files(uri).exists(path)) {
      throw new IOException("Cannot remove " + path);
    }
  }

  @Override
  public List<String> names() throws IOException {
    return listed(FileStatus::isFile);
  }

  @Override
  public SortedMap<String, Long> files() throws IOException {
    FileSystem files = files(uri);
    String base = files.makeQualified(new Path(uri)).toUri().getPath();
    SortedMap<String, Long> names = new TreeMap<>();
    RemoteIterator<LocatedFileStatus> all = files.listFiles(new Path(uri), true);
    while (all.hasNext()) {
      LocatedFileStatus file = all.next();
      String name = file.getPath().toUri().getPath().substring(base.length() + 1);
      if (!Storage.checksum(name)) {
        names.put(name, file.getLen());
      }
    }
    return names;
  }

  @Override
  public List<String> folders() throws IOException {
    return listed(FileStatus::isDirectory);
  }

  private List<String> listed(Predicate<FileStatus> which) throws IOException {
    try {
      return Stream.of(files(uri).listStatus(new Path(uri)))
          .filter(which)
          .map(status -> status.getPath().getName())
          .sorted()
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  private static Path before(Path path) {
    return new Path(path.getParent(), "." + path.getName() + ".before");
  }

  private static void write(FileSystem files, Path path, byte[] content) throws IOException {
    try (OutputStream stream = files.create(path, true)) {
      stream.write(content);
    }
  }

  private static void copy(FileSystem files, Path from, Path to) throws IOException {
    try (InputStream content = files.open(from)) {
      write(files, to, content.readAllBytes());
    }
  }

  private static void rename(FileSystem files, Path from, Path to) throws IOException {
    try {
      FileContext.getFileContext(from.toUri(), configuration())
          .rename(from, to, Options.Rename.OVERWRITE);
    } catch (UnsupportedFileSystemException e) {
      files.delete(to, false);
      if (!files.rename(from, to)) {
        throw new IOException("Cannot rename " + from + " to " + to, e);
      }
    }
  }

  private static FileSystem files(String uri) throws IOException {
    return new Path(uri).getFileSystem(configuration());
  }

  static Configuration configuration() {
    Option<SparkSession> session = SparkSession.getDefaultSession();
    return session.isDefined()
        ? session.get().sparkContext().hadoopConfiguration()
        : configuration(System.getenv("HADOOP_CONF_DIR"));
  }

  /** Hadoop's settings where there is no session, with those in a folder, as Spark takes them. */
  static Configuration configuration(@Nullable String folder) {
    Configuration configuration = new Configuration();
    if (folder != null) {
      for (String name : List.of("core-site.xml", "hdfs-site.xml")) {
        File file = new File(folder, name);
        if (file.isFile()) {
          configuration.addResource(new Path(file.toURI()));
        }
      }
    }
    return configuration;
  }
}
