package io.millrace.sinks.jdbc;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.sinks.pool.DatabaseException;
import io.millrace.sinks.pool.JdbcPool;
import io.millrace.sinks.testing.Batches;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** How large the pool of a sink is, and how long its batches wait for a connection of it. */
class JdbcPoolTest {
  private static final LocalPostgres DATABASE =
      LocalPostgres.shared().createDatabase("pool" + System.nanoTime());
  private static final Duration HELD = Duration.ofMillis(300);

  private final Identity who =
      new Identity("shop", "s" + System.nanoTime(), "q", UUID.randomUUID());

  @Test
  void tellsHowLongABatchWaitedForAConnection() throws Exception {
    Given given = Given.table(DATABASE, "waits").connections(1);
    JdbcSink sink = given.sink();
    Dataset<Row> rows = sql("select id from range(0, 10, 1, 2)");
    try (Fence<JdbcReceipt> fence = sink.start(who, APPEND, rows.schema())) {
      assertThat(fence.waited(0)).isEmpty();
      Thread holder = holdUntilWanted(given.settings().pool());
      fence.begin(0);
      fence.commit(0, Batches.tasks(sink, who, APPEND, 0, rows));
      holder.join();
      assertThat(fence.waited(0).orElseThrow()).isBetween(HELD, Duration.ofSeconds(30));

      fence.begin(1);
      fence.commit(1, Batches.tasks(sink, who, APPEND, 1, rows));
      assertThat(fence.waited(0)).isEmpty();
      assertThat(fence.waited(1).orElseThrow()).isLessThan(HELD);
    }
  }

  /** Lends the only connection, and gives it back a while after the caller waits for it. */
  private static Thread holdUntilWanted(JdbcPool pool) throws InterruptedException {
    Thread wants = Thread.currentThread();
    CountDownLatch lent = new CountDownLatch(1);
    Thread holder =
        new Thread(
            () ->
                pool.borrow(
                    connection -> {
                      lent.countDown();
                      while (wants.getState() != Thread.State.TIMED_WAITING) {
                        Thread.onSpinWait();
                      }
                      try {
                        Thread.sleep(HELD.toMillis());
                      } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                      return connection;
                    }));
    holder.start();
    lent.await();
    return holder;
  }

  @Test
  void addsUpWhatStagingTasksWaited() {
    JdbcSink sink = Given.table(DATABASE, "staged_waits").connections(1).staged().sink();
    Dataset<Row> rows = sql("select id, repeat('x', 1000) pad from range(0, 400, 1, 2)");
    try (Fence<JdbcReceipt> fence = sink.start(who, APPEND, rows.schema())) {
      fence.begin(0);
      List<JdbcReceipt> receipts = Batches.tasks(sink, who, APPEND, 0, rows);
      assertThat(receipts).hasSize(2).allMatch(receipt -> receipt.waited() > 0);
      long tasks = receipts.stream().mapToLong(JdbcReceipt::waited).sum();
      fence.commit(0, receipts);
      assertThat(fence.waited(0).orElseThrow()).isGreaterThan(Duration.ofNanos(tasks));
    }
  }

  @Test
  void takesTheWholeBudgetOnALocalMasterAndALimitWhenItIsTold() throws SQLException {
    JdbcPool pool = Given.table(DATABASE, "any").budget(2).settings().pool();
    try (Connection one = pool.open();
        Connection other = pool.open()) {
      assertThat(List.of(one.isValid(1), other.isValid(1))).containsOnly(true);
      assertThatThrownBy(pool::open)
          .isInstanceOf(DatabaseException.class)
          .hasMessageContaining("all 2 are lent");
      pool.limit(1);
    }
    try (Connection one = pool.open()) {
      assertThat(one.isValid(1)).isTrue();
      assertThatThrownBy(pool::open).hasMessageContaining("all 1 are lent");
    }
  }

  @Test
  void refusesABudgetOfNothing() {
    assertThatThrownBy(() -> Given.table(DATABASE, "any").budget(0).settings())
        .hasMessage("Expected a budget of 1 or more, found 0");
  }
}
