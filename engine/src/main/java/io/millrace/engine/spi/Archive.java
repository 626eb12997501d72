package io.millrace.engine.spi;

/** Where a sink keeps what the engine knows of a job. */
public sealed interface Archive {
  /** In words, and another text for another place. */
  String place();

  /**
   * A folder that goes with the sink's rows, for files of the engine. It may be used from the
   * sink's first batch on.
   */
  record Folder(String path) implements Archive {
    @Override
    public String place() {
      return path;
    }
  }

  /** Tables in the database of the rows. */
  non-sealed interface Tables extends Archive {
    /** The accounts of a query's batches. */
    Chronicle chronicle(String job, String query);

    /** The dead letters of a job that were driven again. */
    Marks marks(String job);
  }
}
