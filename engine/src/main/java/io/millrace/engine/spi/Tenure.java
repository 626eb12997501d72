package io.millrace.engine.spi;

import java.util.Optional;

/**
 * One start of a writer, as the ledger of a sink knows it: by a number that grows with each start.
 * Whoever finds another number there than its own has been replaced, and may write nothing more.
 *
 * @param last the last batch that this writer knows to be there; -1 for none
 */
public record Tenure(Identity who, long epoch, long last) {

  /**
   * What the ledger has to remember when a writer starts.
   *
   * @param before what it remembers, while nobody else can change that
   * @param ledger its name, for a refusal
   * @param anew how to start over with what the sink has, for a refusal
   * @throws IllegalStateException if the sink has batches of another checkpoint
   */
  public static Held begin(Identity who, Optional<Held> before, String ledger, String anew) {
    if (before.isEmpty()) {
      return new Held(who.queryId(), 1, -1, Optional.empty(), Optional.empty());
    }
    Held last = before.get();
    refuseOther(who, last, ledger, anew);
    return new Held(
        who.queryId(), last.epoch() + 1, last.batch(), last.rows(), last.at(), last.origin());
  }

  /**
   * Refuses what another checkpoint has left.
   *
   * @throws IllegalStateException if the sink has batches of another checkpoint
   */
  public static void refuseOther(Identity who, Held held, String ledger, String anew) {
    if (held.batch() >= 0 && !held.queryId().equals(who.queryId())) {
      throw new IllegalStateException(
          "Cannot go on: the %s has batch %d of job %s, sink %s from another checkpoint (query id %s, this one is %s). Put the old checkpoint back; or, to start over with %s"
              .formatted(
                  ledger,
                  held.batch(),
                  who.job(),
                  who.sink(),
                  held.queryId(),
                  who.queryId(),
                  anew));
    }
  }

  /** The tenure of what the ledger remembers now, by {@link #begin} of this writer. */
  public static Tenure of(Identity who, Held held) {
    return new Tenure(who, held.epoch(), held.batch());
  }

  /** The same when a batch has been written. */
  public Tenure after(long batch) {
    return new Tenure(who, epoch, batch);
  }

  /** The same where the sink has more than this writer knew: the answer to a commit was lost. */
  public Tenure knowing(Optional<Held> found) {
    long there = found.map(Held::batch).orElse(-1L);
    return there > last ? after(there) : this;
  }

  /**
   * Whether a batch is still to be written.
   *
   * @param found what the ledger remembers, while nobody else can change that
   * @throws IllegalStateException if this writer has been replaced, or the sink has lost what this
   *     writer has written
   */
  public boolean lacks(Optional<Held> found, long batch) {
    if (found.isEmpty() || found.get().epoch() != epoch) {
      throw fenced(found, "commit batch %d of".formatted(batch));
    }
    long there = found.get().batch();
    if (there < last) {
      throw new IllegalStateException(
          "Cannot commit batch %d of sink %s: the sink went back in time. It has batches up to %d, this start left it with batches up to %d. Start the job again, which tells what is missing"
              .formatted(batch, who.sink(), there, last));
    }
    return there < batch;
  }

  /** Whether a later start is known; one that is not known yet may be there. */
  public boolean replaced(Optional<Held> found) {
    return found.isPresent() && found.get().epoch() > epoch;
  }

  /**
   * Ends a writer that is known to be replaced.
   *
   * @param what it was about to do with the sink, such as {@code "commit batch 3 of"}
   * @throws IllegalStateException if it is
   */
  public void endIfReplaced(Optional<Held> found, String what) {
    if (replaced(found)) {
      throw fenced(found, what);
    }
  }

  private IllegalStateException fenced(Optional<Held> found, String what) {
    return new IllegalStateException(
        "Cannot %s sink %s: fenced by epoch %s, this start has epoch %d"
            .formatted(
                what,
                who.sink(),
                found.map(held -> Long.toString(held.epoch())).orElse("none"),
                epoch));
  }
}
