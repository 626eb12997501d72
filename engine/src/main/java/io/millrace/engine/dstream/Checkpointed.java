package io.millrace.engine.dstream;

import io.millrace.engine.run.JobFailedException;
import java.time.Instant;
import org.apache.spark.streaming.StreamingContext;

/** What the checkpoint of streams says of itself. */
@SuppressWarnings("deprecation") // All of DStreams is; jobs that still need them are served here.
final class Checkpointed {
  private Checkpointed() {}

  /**
   * Batches are told apart by their times, so time must not go back.
   *
   * @throws JobFailedException if the checkpoint is of a time that is still to come
   */
  static void failIfAhead(StreamingContext streams, String folder) {
    long last = streams.initialCheckpoint().checkpointTime().milliseconds();
    if (last > System.currentTimeMillis()) {
      throw new JobFailedException(
          "Cannot go on from the checkpoint %s: its last batch is of %s, and the clock of this machine stands at %s. Set the clock"
              .formatted(folder, Instant.ofEpochMilli(last), Instant.now()));
    }
  }
}
