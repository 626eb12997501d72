package io.millrace.engine.disk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FsConstants;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.local.LocalFs;

/** Lets Hadoop work on files of this machine without starting a process for each. */
public final class Disk {
  private static final String FILES = "fs.file.impl";
  private static final String CONTEXT = "fs.AbstractFileSystem.file.impl";

  private Disk() {}

  /**
   * From now on; where somebody has set another class for local files, that one stays. What is
   * written is the same, checksums included.
   */
  public static void use(Configuration configuration) {
    if (!FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      return;
    }
    if (LocalFs.class.getName().equals(configuration.get(CONTEXT))) {
      configuration.setClass(CONTEXT, DiskContext.class, DiskContext.class);
    }
    if (configuration.get(FILES) == null) {
      configuration.setClass(FILES, DiskFiles.class, DiskFiles.class);
      forgetStock(configuration);
    }
  }

  /** Hadoop keeps the one that it made first; closed, it still serves those who hold it. */
  private static void forgetStock(Configuration configuration) {
    try {
      FileSystem kept = FileSystem.get(FsConstants.LOCAL_FS_URI, configuration);
      if (kept.getClass() == LocalFileSystem.class) {
        kept.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot use the files of this machine", e);
    }
  }
}
