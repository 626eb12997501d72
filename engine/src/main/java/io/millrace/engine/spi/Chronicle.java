package io.millrace.engine.spi;

import java.util.List;
import java.util.UUID;

/** What became of the batches of one query, by the checkpoints that it had. */
public interface Chronicle {
  /**
   * The account of one batch, or of several that follow each other.
   *
   * @param queryId the id of the checkpoint whose batches these are
   * @param account as JSON
   */
  record Entry(UUID queryId, long first, long last, String account) {}

  /**
   * Gets ready to write.
   *
   * @throws RuntimeException with a sentence that says what would work, if it will not be able to
   */
  void open();

  /** All entries, as of one moment, in no order. Keeps nobody from writing. */
  List<Entry> entries();

  /** Keeps an entry in the place of all that are within it. */
  void keep(Entry entry);

  /** Forgets the entries of a checkpoint that begin behind a batch. */
  void forget(UUID queryId, long batch);
}
