package io.millrace.sinks.http;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.Writing;
import io.millrace.sinks.encode.Rejected;
import java.util.ArrayList;
import java.util.List;

/** The driver's side of an endpoint that remembers nothing: it hands on what tasks left out. */
final class HttpFence implements Fence<HttpReceipt> {
  private final Identity who;
  private final Writing how;
  private List<Reject> rejects = List.of();

  HttpFence(Identity who, Writing how) {
    this.who = who;
    this.how = how;
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
  public void commit(long batch, List<HttpReceipt> receipts) {
    List<Reject> all = new ArrayList<>();
    receipts.forEach(receipt -> all.addAll(receipt.rejects()));
    long rows = receipts.stream().mapToLong(HttpReceipt::rows).sum();
    Rejected.within(who, how, batch, all, rows);
    rejects = List.copyOf(all);
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
