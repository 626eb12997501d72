package io.millrace.sinks.redis;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Places;
import io.millrace.engine.spi.RowWriter;
import io.millrace.sinks.encode.Rejected;
import io.millrace.sinks.pool.Pools;
import io.millrace.sinks.pool.RedisException;
import io.millrace.sinks.pool.RedisPool;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import redis.clients.jedis.exceptions.JedisException;

/** Collects the rows of one task, and sends them in chunks, a script for each row. */
final class RedisWriter implements RowWriter<RedisReceipt> {
  private static final int ROWS = 1000;
  private static final int BYTES = 256 << 10;
  private static final byte[] WRITE = Script.bytes("write");
  private static final byte[] DELETE = Script.bytes("delete");

  private final RedisSettings settings;
  private final Attempt attempt;
  private final RedisPool pool;
  private final Layout layout;
  private final Rejected rejected;
  private final byte[] ledger;
  private final byte[] order;
  private final byte[] round;
  private final byte[] type;
  private final byte[] life;
  private final List<List<byte[]>> chunk = new ArrayList<>();
  private final List<InternalRow> kept = new ArrayList<>();
  private final List<Long> places = new ArrayList<>();
  private final long first = Places.first(TaskContext.getPartitionId());
  private int bytes;
  private long rows;

  RedisWriter(RedisSettings settings, Attempt attempt) {
    this.settings = settings;
    this.attempt = attempt;
    this.pool = Pools.redis(settings.server());
    this.layout = new Layout(settings, attempt.rows());
    this.rejected = new Rejected(attempt);
    RedisLedger known = new RedisLedger(pool, attempt.who());
    this.ledger = Script.bytes(known.key());
    this.order = Script.bytes(known.order());
    this.round = Script.bytes(known.round(attempt.batch()).orElseThrow(this::closed));
    this.type = Script.bytes(settings.form() == RedisSettings.Form.HASH ? "hash" : "string");
    this.life = Script.bytes(settings.expireAfter().map(time -> "" + time.toMillis()).orElse("0"));
  }

  @Override
  public void write(InternalRow row) {
    rows++;
    List<byte[]> call = new ArrayList<>(8);
    try {
      call.add(ledger);
      call.add(layout.key(row));
    } catch (IllegalArgumentException e) {
      rejected.add(row, first + rows - 1, "key", String.valueOf(e.getMessage()));
      return;
    }
    boolean deletes = layout.deletes(row);
    call.add(order);
    call.add(round);
    call.add(type);
    call.add(deletes ? DELETE : WRITE);
    call.add(layout.order(row));
    call.add(life);
    if (!deletes) {
      layout.values(row, call);
    }
    chunk.add(call);
    kept.add(row.copy());
    places.add(first + rows - 1);
    for (byte[] each : call) {
      bytes += each.length;
    }
    if (chunk.size() >= ROWS || bytes >= BYTES) {
      push();
    }
  }

  private void push() {
    List<Object> answers = pool.borrow(this::send);
    for (int at = 0; at < answers.size(); at++) {
      if ((Long) answers.get(at) == -1) {
        refuse(at);
      }
    }
    chunk.clear();
    kept.clear();
    places.clear();
    bytes = 0;
  }

  /** Fails at the first answer that is no row's own fault. */
  private List<Object> send(redis.clients.jedis.Connection connection) {
    List<Object> answers = Script.ROW.run(connection, chunk, 0);
    for (Object answer : answers) {
      if (answer instanceof JedisException refused) {
        throw refused;
      }
      if ((Long) answer == -2) {
        throw closed();
      }
    }
    return answers;
  }

  private void refuse(int at) {
    String reason =
        "key %s is there and no %s"
            .formatted(
                new String(chunk.get(at).get(1), StandardCharsets.UTF_8),
                new String(type, StandardCharsets.UTF_8));
    rejected.add(kept.get(at), places.get(at), "wrong_type", reason);
  }

  /** The driver, when it tries again, finds out who or what closed it. */
  private RedisException closed() {
    return new RedisException(
        "Cannot write batch %d of sink %s to %s: its round is closed. Another start of this job is at work, or the server lost what it had"
            .formatted(attempt.batch(), attempt.who().sink(), settings.server().place()),
        true);
  }

  @Override
  public RedisReceipt finish() {
    if (!chunk.isEmpty()) {
      push();
    }
    return new RedisReceipt(rows, rejected.all());
  }

  @Override
  public void close() {}
}
