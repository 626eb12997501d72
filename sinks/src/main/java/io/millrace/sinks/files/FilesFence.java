package io.millrace.sinks.files;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchFence;
import io.millrace.engine.spi.Failpoint;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Origin;
import io.millrace.engine.spi.Tenure;
import java.time.Instant;
import java.util.Optional;

/**
 * One start of a writer. It adds a manifest that says so, and each batch behind that: whoever finds
 * the next number taken has been replaced. A manifest is added only when the files of the one
 * before it are in their places.
 */
final class FilesFence implements BatchFence {
  private final ManifestLog log;
  private final DataFolder folder;
  private Tenure tenure;

  FilesFence(FilesSink.Settings settings, ManifestLog log) {
    this.log = log;
    this.folder = new DataFolder(settings, log);
    this.tenure = raise();
    folder.clean(tenure.epoch());
  }

  private Tenure raise() {
    Identity who = log.who();
    while (true) {
      Optional<ManifestLog.Tip> tip = log.tip();
      Held next = Tenure.begin(who, tip.map(ManifestLog.Tip::held), "ledger " + log.own(), anew());
      tip.map(ManifestLog.Tip::manifest).ifPresent(folder::publish);
      if (log.add(tip, Manifest.of(next))) {
        return Tenure.of(who, next);
      }
    }
  }

  private String anew() {
    return "the files of before left there, delete the folder " + log.own();
  }

  /** Makes a folder that remembers something remember another checkpoint, or another batch. */
  static void adopt(FilesSink.Settings settings, ManifestLog log, long batch) {
    DataFolder folder = new DataFolder(settings, log);
    Optional<ManifestLog.Tip> tip = log.tip();
    while (tip.isPresent()) {
      folder.publish(tip.get().manifest());
      Held next =
          new Held(
              log.who().queryId(),
              tip.get().held().epoch() + 1,
              batch,
              Optional.empty(),
              Optional.empty());
      if (log.add(tip, Manifest.of(next))) {
        return;
      }
      tip = log.tip();
    }
  }

  @Override
  public long last() {
    Optional<Held> found = log.tip().map(ManifestLog.Tip::held);
    tenure.endIfReplaced(found, "go on with");
    return found.map(Held::batch).orElse(-1L);
  }

  @Override
  public Optional<Origin> noted(long batch) {
    return log.tip()
        .map(ManifestLog.Tip::held)
        .filter(held -> held.batch() == batch)
        .flatMap(Held::origin);
  }

  @Override
  public void write(Batch batch) {
    Optional<ManifestLog.Tip> tip = log.tip();
    if (!tenure.lacks(tip.map(ManifestLog.Tip::held), batch.id())) {
      tip.map(ManifestLog.Tip::manifest).ifPresent(folder::publish);
      return;
    }
    DataFolder.Staged staged = folder.stage(batch, tenure.epoch());
    Failpoint.ROWS_STORED.reached(batch.who().sink());
    Manifest next =
        new Manifest(
            new Held(
                batch.who().queryId(),
                tenure.epoch(),
                batch.id(),
                Optional.of(staged.rows()),
                Optional.of(Instant.now()),
                batch.origin()),
            staged.name(),
            staged.files());
    if (!log.add(tip, next)) {
      folder.forget(staged.name());
      throw replaced(batch);
    }
    tenure = tenure.after(batch.id());
    Failpoint.COMMITTED.reached(batch.who().sink());
    folder.publish(next);
  }

  private IllegalStateException replaced(Batch batch) {
    tenure.endIfReplaced(
        log.tip().map(ManifestLog.Tip::held), "commit batch %d of".formatted(batch.id()));
    return new IllegalStateException(
        "Cannot commit batch %d of sink %s: somebody changed the ledger %s. Start the job again, which tells what is missing"
            .formatted(batch.id(), batch.who().sink(), log.own()));
  }
}
