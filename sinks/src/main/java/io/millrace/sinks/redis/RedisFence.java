package io.millrace.sinks.redis;

import io.millrace.engine.spi.Failpoint;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.Tenure;
import io.millrace.engine.spi.Tracing;
import io.millrace.engine.spi.Writing;
import io.millrace.sinks.encode.Rejected;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The driver's side: it opens and closes the round of a batch, and notes which batch is there. */
final class RedisFence implements Fence<RedisReceipt> {
  private final RedisLedger ledger;
  private final Identity who;
  private final Writing how;
  private Tenure tenure;
  private String run = "";
  private Tracing tracing = Tracing.NONE;
  private Refused refused = new Refused(-1, List.of());

  /** What a batch that this start has committed left out. */
  private record Refused(long batch, List<Reject> rows) {}

  RedisFence(RedisLedger ledger, Identity who, Writing how) {
    this.ledger = ledger;
    this.who = who;
    this.how = how;
    this.tenure = ledger.raise();
  }

  @Override
  public long last() {
    Optional<Held> found = ledger.own();
    tenure.endIfReplaced(found, "go on with");
    tenure = tenure.knowing(found);
    return found.map(Held::batch).orElse(-1L);
  }

  @Override
  public void begin(long batch) {
    Optional<String> opened = ledger.open(tenure, batch);
    if (opened.isEmpty() && tenure.lacks(ledger.held(), batch)) {
      throw changed(batch);
    }
    run = opened.orElse("");
  }

  @Override
  public void trace(Tracing told) {
    tracing = told;
  }

  @Override
  public void commit(long batch, List<RedisReceipt> receipts) {
    List<Reject> rejects = new ArrayList<>();
    receipts.forEach(receipt -> rejects.addAll(receipt.rejects()));
    long rows = receipts.stream().mapToLong(RedisReceipt::rows).sum();
    Rejected.within(who, how, batch, rejects, rows);
    Failpoint.ROWS_STORED.reached(who.sink());
    if (!ledger.write(tenure, batch, rows - rejects.size(), run)
        && tenure.lacks(ledger.held(), batch)) {
      throw changed(batch);
    }
    Failpoint.COMMITTED.reached(who.sink());
    tenure = tenure.after(batch);
    refused = new Refused(batch, List.copyOf(tracing.trace(rejects)));
  }

  private IllegalStateException changed(long batch) {
    return new IllegalStateException(
        "Cannot write batch %d of sink %s: somebody changed the ledger %s. Start the job again, which tells what is missing"
            .formatted(batch, who.sink(), ledger.key()));
  }

  @Override
  public List<Reject> rejects(long batch) {
    return refused.batch() == batch ? refused.rows() : List.of();
  }

  @Override
  public void forwarded(long batch) {
    refused = new Refused(batch, List.of());
  }

  @Override
  public void abort(long batch) {}

  @Override
  public void close() {}
}
