package io.millrace.engine.spi;

import java.io.Serializable;

/** An amount of bytes, written {@code 64MB}; KB, MB and GB count in steps of 1024. */
public record Size(long bytes) implements Serializable {
  public Size {
    if (bytes < 0) {
      throw new IllegalArgumentException("Expected a size of 0 or more, found " + bytes);
    }
  }
}
