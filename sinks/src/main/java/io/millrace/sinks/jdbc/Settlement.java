package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Tenure;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/** How the transaction of a batch ends: with all of its rows and its number, or with nothing. */
final class Settlement {
  private Settlement() {}

  /** That transaction. Who closes it without a commit rolls it back. */
  interface Books {
    /** Ends the rows that came straight into the transaction; how many it took or refused. */
    long taken() throws SQLException;

    /** The ledger's row, which nobody else can change until the transaction ends. */
    Optional<Held> lock() throws SQLException;

    /** How many rows these attempts left in the stage. */
    long staged(List<UUID> attempts) throws SQLException;

    /**
     * Writes what these attempts staged, and that the batch is there.
     *
     * @param handed how many rows tasks handed over in all
     */
    void write(List<UUID> attempts, long handed) throws SQLException;

    void commit() throws SQLException;
  }

  /**
   * Commits the batch, unless the ledger has it already.
   *
   * @return the tenure behind that
   * @throws IllegalStateException if the writer has been replaced, or rows are missing
   */
  static Tenure run(Books books, Tenure tenure, long batch, List<JdbcReceipt> receipts)
      throws SQLException {
    agree(tenure, batch, rows(receipts, receipt -> receipt.staged() == null), books.taken());
    if (!tenure.lacks(books.lock(), batch)) {
      return tenure;
    }
    List<UUID> attempts =
        receipts.stream().map(JdbcReceipt::staged).filter(Objects::nonNull).toList();
    if (!attempts.isEmpty()) {
      long told = rows(receipts, receipt -> receipt.staged() != null);
      agree(tenure, batch, told, books.staged(attempts));
    }
    books.write(attempts, rows(receipts, receipt -> true));
    books.commit();
    return tenure.after(batch);
  }

  private static long rows(List<JdbcReceipt> receipts, Predicate<JdbcReceipt> which) {
    return receipts.stream().filter(which).mapToLong(JdbcReceipt::handed).sum();
  }

  private static void agree(Tenure tenure, long batch, long told, long taken) {
    if (taken != told) {
      throw new IllegalStateException(
          "Cannot commit batch %d of sink %s: tasks wrote %d rows, the database took %d"
              .formatted(batch, tenure.who().sink(), told, taken));
    }
  }
}
