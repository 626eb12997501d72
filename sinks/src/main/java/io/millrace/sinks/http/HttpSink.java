package io.millrace.sinks.http;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Order;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Writing;
import io.millrace.sinks.encode.HandingOn;
import org.apache.spark.sql.types.StructType;

/**
 * Each row to an HTTP endpoint, with others or alone. An endpoint takes no batch as a whole and
 * remembers none: a batch that comes again is sent again, each request with the same idempotency
 * key where it holds the same rows. A task ends only when all its requests are answered.
 */
public record HttpSink(HttpSettings settings) implements RowSink<HttpReceipt> {
  @Override
  public Order order(Writing how) {
    return settings.inFlight() == 1
        ? new Order.Kept()
        : new Order.Lost(
            "%d requests of a task may overtake each other; with in-flight: 1 they cannot"
                .formatted(settings.inFlight()));
  }

  @Override
  public Guarantee guarantee(Writing how) {
    if (how.mode() == Mode.COMPLETE) {
      throw new IllegalArgumentException(
          "Cannot write a complete result by HTTP: an endpoint only gets rows. Use mode: update or"
              + " mode: append");
    }
    how.onlyAppends("by HTTP: an endpoint only gets rows. Use write: append");
    return Guarantee.AT_LEAST_ONCE;
  }

  @Override
  public Fence<HttpReceipt> start(Identity who, Writing how, StructType rows) {
    guarantee(how);
    Lines unused = new Lines(settings, rows);
    return new HandingOn<>(who, how, HttpReceipt::rejects);
  }

  @Override
  public RowWriter<HttpReceipt> writer(Attempt attempt) {
    return new HttpWriter(settings, attempt);
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
