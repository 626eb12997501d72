package io.millrace.engine.disk;

import org.apache.hadoop.fs.LocalFileSystem;

/** {@link RawDisk} with checksums, for those who use a {@code FileSystem}. */
public final class DiskFiles extends LocalFileSystem {
  public DiskFiles() {
    super(new RawDisk());
  }
}
