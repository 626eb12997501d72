package io.millrace.models;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PositionedReadable;
import org.apache.hadoop.fs.Seekable;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * A file system of Hadoop's in the memory of this JVM, as an object store is: no file of it is
 * anywhere else, and renaming over a file is deleting it first.
 */
public final class MemoryFiles extends FileSystem {
  private static final String SCHEME = "memory";
  private static final URI ROOT = URI.create("memory://files/");

  /** By path; a folder has no bytes. */
  private static final NavigableMap<String, byte[]> CONTENT = new TreeMap<>();

  private static final byte[] FOLDER = new byte[0];
  private static final AtomicInteger BROKEN = new AtomicInteger();

  /** Makes this file system known. */
  static void register(Configuration hadoop) {
    hadoop.set("fs.memory.impl", MemoryFiles.class.getName());
    hadoop.set("fs.AbstractFileSystem.memory.impl", Context.class.getName());
  }

  /** Lets the next renamings of files fail. */
  static void breakRenames(int times) {
    BROKEN.set(times);
  }

  /** The same for {@link org.apache.hadoop.fs.FileContext}. */
  public static final class Context extends DelegateToFileSystem {
    public Context(URI uri, Configuration hadoop) throws Exception {
      super(uri, new MemoryFiles(), hadoop, SCHEME, false);
    }

    @Override
    public int getUriDefaultPort() {
      return -1;
    }
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public URI getUri() {
    return ROOT;
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    synchronized (CONTENT) {
      if (getFileStatus(path).isDirectory()) {
        throw new FileNotFoundException(path + " is a folder");
      }
      return new FSDataInputStream(new Bytes(CONTENT.getOrDefault(key(path), FOLDER)));
    }
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    if (!overwrite && exists(path)) {
      throw new FileAlreadyExistsException(path.toString());
    }
    return new FSDataOutputStream(new Written(path), null);
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
    throw new UnsupportedOperationException("Object stores do not append");
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    synchronized (CONTENT) {
      if (getFileStatus(from).isFile() && BROKEN.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        throw new IOException("The connection to the store is gone");
      }
      Path target = isFolder(to) ? new Path(to, from.getName()) : to;
      if (CONTENT.containsKey(key(target))) {
        return false;
      }
      mkdirs(target.getParent());
      for (String moved : below(from)) {
        CONTENT.put(key(target) + moved.substring(key(from).length()), CONTENT.remove(moved));
      }
      return true;
    }
  }

  @Override
  public boolean delete(Path path, boolean recursive) {
    synchronized (CONTENT) {
      List<String> all = below(path);
      all.forEach(CONTENT::remove);
      return !all.isEmpty();
    }
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    synchronized (CONTENT) {
      if (getFileStatus(path).isFile()) {
        return new FileStatus[] {getFileStatus(path)};
      }
      List<FileStatus> found = new ArrayList<>();
      for (String key : below(path)) {
        Path child = new Path(ROOT.resolve(key));
        if (!key.equals(key(path)) && child.getParent().equals(makeQualified(path))) {
          found.add(getFileStatus(child));
        }
      }
      return found.toArray(FileStatus[]::new);
    }
  }

  @Override
  public void setWorkingDirectory(Path path) {
    throw new UnsupportedOperationException("Paths are absolute");
  }

  @Override
  public Path getWorkingDirectory() {
    return new Path(ROOT);
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) {
    synchronized (CONTENT) {
      for (Path each = path; each != null && !each.isRoot(); each = each.getParent()) {
        CONTENT.putIfAbsent(key(each), FOLDER);
      }
      return true;
    }
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    synchronized (CONTENT) {
      byte[] content = path.isRoot() ? FOLDER : CONTENT.get(key(path));
      if (content == null) {
        throw new FileNotFoundException(path.toString());
      }
      return new FileStatus(
          content.length, isFolder(path), 1, 1 << 20, 1767225600000L, makeQualified(path));
    }
  }

  private static boolean isFolder(Path path) {
    return path.isRoot() || CONTENT.get(key(path)) == FOLDER;
  }

  private static String key(Path path) {
    return path.toUri().getPath();
  }

  private static List<String> below(Path path) {
    String key = key(path);
    return CONTENT.keySet().stream()
        .filter(each -> each.equals(key) || each.startsWith(key.endsWith("/") ? key : key + "/"))
        .toList();
  }

  /** Seen once it is closed. */
  private final class Written extends ByteArrayOutputStream {
    private final Path path;

    private Written(Path path) {
      this.path = path;
    }

    @Override
    public void close() {
      synchronized (CONTENT) {
        mkdirs(path.getParent(), FsPermission.getDirDefault());
        CONTENT.put(key(path), toByteArray().clone());
      }
    }
  }

  private static final class Bytes extends ByteArrayInputStream
      implements Seekable, PositionedReadable {
    private Bytes(byte[] content) {
      super(content);
    }

    @Override
    public void seek(long position) {
      pos = Math.toIntExact(position);
    }

    @Override
    public long getPos() {
      return pos;
    }

    @Override
    public boolean seekToNewSource(long position) {
      return false;
    }

    @Override
    public int read(long position, byte[] buffer, int offset, int length) {
      if (position >= count) {
        return -1;
      }
      int some = Math.min(length, count - Math.toIntExact(position));
      System.arraycopy(buf, Math.toIntExact(position), buffer, offset, some);
      return some;
    }

    @Override
    public void readFully(long position, byte[] buffer, int offset, int length) throws IOException {
      if (read(position, buffer, offset, length) < length) {
        throw new IOException("Expected " + length + " bytes at " + position);
      }
    }

    @Override
    public void readFully(long position, byte[] buffer) throws IOException {
      readFully(position, buffer, 0, buffer.length);
    }
  }
}
