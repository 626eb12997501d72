package io.millrace.sinks.encode;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.RowFaults;
import io.millrace.engine.spi.Writing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * The rows of one attempt that are left out for faults of their own, found before they are sent or
 * by a system that takes the others at once. Not for two threads.
 */
public final class Rejected {
  private final Attempt attempt;
  private final RowText text;
  private final List<Reject> all = new ArrayList<>();

  public Rejected(Attempt attempt) {
    this.attempt = attempt;
    this.text = new RowText(attempt.rows());
  }

  /**
   * Adds a row.
   *
   * @param place of the row in its task
   * @param rule what it broke, in a word
   * @param reason the same in a sentence
   * @throws IllegalStateException if the job stops at such rows, or at so many
   */
  public void add(String row, long place, String rule, String reason) {
    if (attempt.how().faults() == RowFaults.STOP) {
      throw new IllegalStateException(
          "Cannot go on: sink %s refuses a row of batch %d: %s. Take such rows out before, or name dead-letters in the job"
              .formatted(attempt.who().sink(), attempt.batch(), reason));
    }
    all.add(new Reject(attempt.id(), Instant.now(), rule, reason, row, place));
    within(attempt.who(), attempt.how(), attempt.batch(), all, -1);
  }

  /** The same for a row as it came. */
  public void add(InternalRow row, long place, String rule, String reason) {
    add(text.of(row), place, rule, reason);
  }

  public List<Reject> all() {
    return List.copyOf(all);
  }

  /**
   * Checks what a batch refused, before any of it is a dead letter.
   *
   * @param of how many rows there were; negative if that is not known
   * @throws IllegalStateException with a sentence, if they are too many
   */
  public static void within(Identity who, Writing how, long batch, List<Reject> all, long of) {
    if (!all.isEmpty() && !how.limit().allows(all.size(), of)) {
      throw new IllegalStateException(
          "Cannot go on: sink %s refuses %s rows of batch %d, the limit of dead-letters is %s. One of them: %s. Mend the job or its data and start it again, or raise the limit; rows of this batch that are there already are written again"
              .formatted(
                  who.sink(),
                  of < 0 ? all.size() + " or more" : all.size() + " of " + of,
                  batch,
                  how.limit(),
                  all.get(0).reason()));
    }
  }
}
