package io.millrace.engine.spi;

import java.util.List;

/** In which order rows of one key that a task hands to a sink take effect there. */
public sealed interface Order {
  /** As they come. */
  record Kept() implements Order {}

  /** The one that is newer by these columns counts, in whichever order they come, in any batch. */
  record ByColumns(List<String> columns) implements Order {
    public ByColumns {
      columns = List.copyOf(columns);
    }
  }

  /** In another one. */
  record Lost(String why) implements Order {}
}
