package io.millrace.models;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchFence;
import io.millrace.engine.spi.Failpoint;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Origin;
import io.millrace.engine.spi.Tenure;
import java.time.Instant;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/**
 * One start of a sink that learns. It adds an entry to the ledger that says so, and one for each
 * batch behind that: whoever finds the next number taken has been replaced. Behind an entry with a
 * version comes another one only when the version is in the store.
 */
final class LearnFence implements BatchFence {
  private final LearnSink.Settings settings;
  private final SparkSession spark;
  private final LearnLedger ledger;
  private final LearnReleases releases;
  private Tenure tenure;

  LearnFence(LearnSink.Settings settings, SparkSession spark, LearnLedger ledger) {
    this.settings = settings;
    this.spark = spark;
    this.ledger = ledger;
    this.releases =
        new LearnReleases(settings, ModelStore.at(settings.model()), ledger, spark.version());
    this.tenure = raise();
  }

  private Tenure raise() {
    Identity who = ledger.who();
    while (true) {
      Optional<LearnLedger.Tip> tip = ledger.tip();
      Held next =
          Tenure.begin(
              who,
              tip.map(LearnLedger.Tip::held),
              "ledger " + ledger.storage().uri(),
              "nothing learned, delete that folder");
      Optional<Learned> learned = LearnBatch.fitting(settings, ledger);
      tip.ifPresent(releases::publish);
      LearnEntry entry = LearnEntry.of(next, learned.map(Learned::published).orElse(null));
      if (ledger.add(tip, entry)) {
        return Tenure.of(who, next);
      }
    }
  }

  /** Makes a ledger that has something remember another checkpoint, or another batch. */
  static void adopt(LearnLedger ledger, long batch) {
    Optional<LearnLedger.Tip> tip = ledger.tip();
    while (tip.isPresent()) {
      Held next =
          new Held(
              ledger.who().queryId(),
              tip.get().held().epoch() + 1,
              batch,
              Optional.empty(),
              Optional.empty());
      Learned learned = tip.get().entry().learned();
      if (learned != null && ledger.published(tip.get())) {
        learned = learned.published();
      }
      if (ledger.add(tip, LearnEntry.of(next, learned))) {
        return;
      }
      tip = ledger.tip();
    }
  }

  @Override
  public long last() {
    Optional<Held> found = ledger.tip().map(LearnLedger.Tip::held);
    tenure.endIfReplaced(found, "go on with");
    return found.map(Held::batch).orElse(-1L);
  }

  @Override
  public Optional<Origin> noted(long batch) {
    return ledger
        .tip()
        .map(LearnLedger.Tip::held)
        .filter(held -> held.batch() == batch)
        .flatMap(Held::origin);
  }

  @Override
  public void write(Batch batch) {
    Optional<LearnLedger.Tip> tip = ledger.tip();
    if (tenure.lacks(tip.map(LearnLedger.Tip::held), batch.id())) {
      learn(batch, tip);
    }
    ledger.tip().ifPresent(releases::publish);
  }

  private void learn(Batch batch, Optional<LearnLedger.Tip> tip) {
    Learned before =
        tip.flatMap(LearnLedger.Tip::learned).orElseGet(() -> LearnBatch.start(settings, spark));
    LearnBatch lesson = new LearnBatch(settings, ModelStore.at(settings.model()), batch);
    Learned after = lesson.after(before);
    Failpoint.ROWS_STORED.reached(batch.who().sink());
    Held next =
        new Held(
            batch.who().queryId(),
            tenure.epoch(),
            batch.id(),
            Optional.of(after.rows() - before.rows()),
            Optional.of(Instant.now()),
            batch.origin());
    if (!ledger.add(tip, LearnEntry.of(next, after))) {
      throw replaced(batch);
    }
    tenure = tenure.after(batch.id());
    Failpoint.COMMITTED.reached(batch.who().sink());
  }

  private IllegalStateException replaced(Batch batch) {
    tenure.endIfReplaced(
        ledger.tip().map(LearnLedger.Tip::held), "commit batch %d of".formatted(batch.id()));
    return new IllegalStateException(
        "Cannot commit batch %d of sink %s: somebody changed the ledger %s. Start the job again, which tells what is missing"
            .formatted(batch.id(), batch.who().sink(), ledger.storage().uri()));
  }
}
