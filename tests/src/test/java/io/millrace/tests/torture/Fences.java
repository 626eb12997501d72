package io.millrace.tests.torture;

import io.millrace.jobs.Exit;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** What keeps one of two starts of a job from going on. */
final class Fences {
  private static final String CHECKPOINT = "fenced_by_checkpoint";
  private static final String TABLE = "fenced_by_table";

  /** What one says that was fenced, and by what. */
  private static final Map<String, String> WORDS =
      Map.of(
          "fenced by epoch", "fenced_by_ledger",
          "has written to the same checkpoint", CHECKPOINT,
          "has written to the same table", TABLE);

  /** What the brokers themselves say of a producer that comes too late. */
  private static final String FENCED = "fenced by another start";

  private Fences() {}

  /** Whether it is one that a sink without an epoch has too. */
  static boolean ofNoEpoch(String fence) {
    return fence.equals(CHECKPOINT) || fence.equals(TABLE);
  }

  /**
   * Waits for the end of a job beside its other start.
   *
   * @return what fenced it
   * @throws Broken if it does not end, or not as one does that is fenced
   */
  static String met(Victim loser, Duration patience) throws InterruptedException {
    if (!loser.ended(patience)) {
      throw new Broken("A job goes on beside its other start:\n" + loser.last());
    }
    if (loser.exit() != Exit.FAILED) {
      throw new Broken(
          "A job ended beside another start with exit code %d in place of %d:\n%s"
              .formatted(loser.exit(), Exit.FAILED, loser.last()));
    }
    String said = loser.said();
    return WORDS.entrySet().stream()
        .filter(fence -> said.contains(fence.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .or(() -> said.contains(FENCED) ? Optional.of("fenced_by_broker") : Optional.empty())
        .orElseThrow(
            () ->
                new Broken(
                    "A job ended beside another start without saying that it is fenced:\n"
                        + loser.last()));
  }
}
