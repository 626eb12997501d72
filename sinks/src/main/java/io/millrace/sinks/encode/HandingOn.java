package io.millrace.sinks.encode;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.Tracing;
import io.millrace.engine.spi.Writing;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The driver's side of a sink that remembers nothing: it hands on what tasks left out. */
public final class HandingOn<R extends Receipt> implements Fence<R> {
  private final Identity who;
  private final Writing how;
  private final Function<R, List<Reject>> leftOut;
  private List<Reject> rejects = List.of();
  private Tracing tracing = Tracing.NONE;

  /**
   * A fence that lets all through.
   *
   * @param leftOut the rows that a task left out
   */
  public HandingOn(Identity who, Writing how, Function<R, List<Reject>> leftOut) {
    this.who = who;
    this.how = how;
    this.leftOut = leftOut;
  }

  @Override
  public long last() {
    return -1;
  }

  @Override
  public void begin(long batch) {
    rejects = List.of();
  }

  @Override
  public void trace(Tracing told) {
    tracing = told;
  }

  @Override
  public void commit(long batch, List<R> receipts) {
    List<Reject> all = new ArrayList<>();
    receipts.forEach(receipt -> all.addAll(leftOut.apply(receipt)));
    long rows = receipts.stream().mapToLong(Receipt::rows).sum();
    Rejected.within(who, how, batch, all, rows);
    rejects = List.copyOf(tracing.trace(all));
  }

  @Override
  public List<Reject> rejects(long batch) {
    return rejects;
  }

  @Override
  public void forwarded(long batch) {
    rejects = List.of();
  }

  @Override
  public void abort(long batch) {}

  @Override
  public void close() {}
}
