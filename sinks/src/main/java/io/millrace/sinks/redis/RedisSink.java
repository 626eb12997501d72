package io.millrace.sinks.redis;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Ledgered;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Order;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.sinks.pool.Pools;
import java.time.Duration;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Each row under its key. Redis takes no batch as a whole, so a reader may see part of one; the
 * ledger, written behind its rows, says which batches are there, and a batch that was cut short is
 * written again. Rows of a start that was replaced, or of a batch that is over, are refused by the
 * server.
 */
public record RedisSink(RedisSettings settings) implements RowSink<RedisReceipt>, Ledgered {
  @Override
  public Order order(Writing how) {
    return settings.orderBy().isEmpty()
        ? new Order.Kept()
        : new Order.Lost(
            "order-by tells the newest row of a key within a batch; of two batches the later one counts");
  }

  @Override
  public Guarantee guarantee(Writing how) {
    if (how.mode() == Mode.COMPLETE) {
      throw new IllegalArgumentException(
          "Cannot write a complete result to Redis: keys that are in it no more would stay. Use"
              + " mode: update, and expire-after");
    }
    if (how.write() == Write.APPEND || how.write() == Write.DELETE) {
      throw new IllegalArgumentException(
          how.write() == Write.APPEND
              ? "Cannot append to Redis: a row takes the place of the one with its key. Write write: upsert"
              : "Cannot delete in Redis: this is not supported yet. Use write: merge with delete-when");
    }
    if (how.write() == Write.UPSERT && settings.deleteWhen().isPresent()) {
      throw new IllegalArgumentException(
          "Cannot use delete-when to upsert: rows are only inserted and replaced. Use write: merge");
    }
    if (how.write() == Write.MERGE && settings.deleteWhen().isEmpty()) {
      throw new IllegalArgumentException(
          "Missing delete-when for merge. Name the rows that delete, for example delete-when: op ="
              + " 'd'; or use write: upsert");
    }
    return Guarantee.ONCE_PER_KEY;
  }

  @Override
  public Fence<RedisReceipt> start(Identity who, Writing how, StructType rows) {
    guarantee(how);
    Layout unused = new Layout(settings, rows);
    return new RedisFence(ledger(who), who, how);
  }

  @Override
  public Duration patience() {
    return settings.retry();
  }

  @Override
  public RowWriter<RedisReceipt> writer(Attempt attempt) {
    return new RedisWriter(settings, attempt);
  }

  @Override
  public Optional<Held> held(SparkSession spark, Identity who) {
    return ledger(who).held();
  }

  @Override
  public void adopt(SparkSession spark, Identity who, long batch) {
    ledger(who).adopt(batch);
  }

  private RedisLedger ledger(Identity who) {
    return new RedisLedger(Pools.redis(settings.server()), who);
  }
}
