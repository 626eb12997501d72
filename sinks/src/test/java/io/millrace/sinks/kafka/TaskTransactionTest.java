package io.millrace.sinks.kafka;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Limit;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Origin;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.RowFaults;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.Sessions;
import io.millrace.engine.testing.Topics;
import io.millrace.sinks.testing.Batches;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Batches that pass through one task, as they do on a cluster. */
class TaskTransactionTest {
  private static final String SERVERS = LocalBroker.shared().servers();
  private static final Writing LETTER =
      new Writing(Mode.APPEND, Write.APPEND, RowFaults.LETTER, Limit.NONE);

  private final String id = "task" + UUID.randomUUID().toString().substring(0, 8);
  private final Identity who = new Identity(id, "sink", "query", UUID.randomUUID());
  private final TransactionalKafkaSink sink = sink(Optional.empty());
  private final Dataset<Row> rows = sql("select cast(id as string) v from range(0, 400, 1, 4)");

  @BeforeEach
  void topic() {
    LocalBroker.shared().createTopic(id, 1);
  }

  private TransactionalKafkaSink sink(Optional<String> partition) {
    KafkaSink.Settings settings =
        new KafkaSink.Settings(
            SERVERS,
            id,
            Optional.empty(),
            Optional.of("v"),
            Optional.empty(),
            partition,
            Map.of(),
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    return (TransactionalKafkaSink) new KafkaSink(settings).delivering(Guarantee.EXACTLY_ONCE);
  }

  private TransactionFence start() {
    return sink.start(who, APPEND, rows.schema(), TransactionFence.Way.IN_ONE_TASK);
  }

  private KafkaReceipt write(TransactionFence fence, long batch) {
    fence.begin(batch);
    return fence.gather(batch, Batches.oneTask(who, APPEND, batch, rows));
  }

  /** A try of a task on this JVM, which has written all its rows. */
  private RowWriter<KafkaReceipt> tried(Turn turn, long batch) {
    RowWriter<KafkaReceipt> writer = turn.writer(attempt(batch));
    all(writer);
    return writer;
  }

  private void all(RowWriter<KafkaReceipt> writer) {
    rows.queryExecution()
        .toRdd()
        .toJavaRDD()
        .map(InternalRow::copy)
        .collect()
        .forEach(writer::write);
  }

  private Attempt attempt(long batch) {
    return new Attempt(who, APPEND, batch, UUID.randomUUID(), rows.schema());
  }

  private Turn turn(long epoch, long batch) {
    return new Turn(
        sink.settings(),
        new Held(who.queryId(), epoch, batch - 1, Optional.empty(), Optional.empty()),
        0,
        Optional.empty());
  }

  private List<String> values() {
    Topics.awaitDecided(SERVERS, id);
    return Topics.values(SERVERS, id);
  }

  private static List<String> numbers(int times) {
    List<String> all = new ArrayList<>();
    for (int time = 0; time < times; time++) {
      IntStream.range(0, 400).mapToObj(Integer::toString).forEach(all::add);
    }
    return all;
  }

  @Test
  void bringsTheRowsOfEachPartitionInTheirOrderWithTheMark() {
    try (TransactionFence fence = start()) {
      assertThat(fence.gathers()).isTrue();
      fence.note(new Origin("offsets", "plan", Optional.of(7L)));
      assertThat(write(fence, 0).rows()).isEqualTo(400);
      assertThat(fence.last()).isZero();
      assertThat(fence.gather(1, Batches.oneTask(who, APPEND, 1, rows.where("v = 'none'"))).rows())
          .isZero();
    }
    assertThat(values()).isEqualTo(numbers(1));
    Held held = sink.held(Sessions.spark(), who).orElseThrow();
    assertThat(held.batch()).isEqualTo(1);
    assertThat(held.epoch()).isEqualTo(1);
    assertThat(held.rows()).contains(0L);
    assertThat(held.origin()).contains(new Origin("offsets", "plan", Optional.of(7L)));
  }

  @Test
  void aTryBehindOneThatHasCommittedSendsNothingAndTellsTheSame() {
    try (TransactionFence fence = start()) {
      fence.begin(0);
      KafkaReceipt receipt =
          fence.gather(
              0,
              writers -> {
                KafkaReceipt lost =
                    Batches.<KafkaReceipt>oneTask(who, APPEND, 0, rows).run(writers);
                assertThat(lost.rows()).isEqualTo(400);
                return Batches.<KafkaReceipt>oneTask(who, APPEND, 0, rows).run(writers);
              });
      assertThat(receipt.rows()).isEqualTo(400);
      write(fence, 1);
    }
    assertThat(values()).isEqualTo(numbers(2));
  }

  @Test
  void ofTwoTriesAtOnceTheOneThatBeganFirstFails() {
    try (TransactionFence fence = start();
        RowWriter<KafkaReceipt> slow = turn(1, 0).writer(attempt(0))) {
      write(fence, 0);
      assertThatThrownBy(
              () -> {
                all(slow);
                slow.finish();
              })
          .hasMessage(
              "Cannot write to topic %s: fenced by another try of its task or another start of this job, or open for longer than transaction-timeout"
                  .formatted(id));
    }
    assertThat(values()).isEqualTo(numbers(1));
  }

  @Test
  void aTryThatIsFencedInItsCommitLooksWhetherTheBatchIsThere() {
    try (TransactionFence fence = start();
        RowWriter<KafkaReceipt> halted = turn(1, 0).writer(attempt(0))) {
      try (RowWriter<KafkaReceipt> other = tried(turn(1, 0), 0)) {
        assertThatThrownBy(halted::finish)
            .hasMessage(
                "Cannot commit batch 0 of sink sink: fenced by another try of its task or another"
                    + " start of this job");
        try (RowWriter<KafkaReceipt> more = turn(1, 0).writer(attempt(0))) {
          assertThatThrownBy(other::finish).hasMessageContaining("fenced by another try");
          write(fence, 0);
          assertThat(more.finish().rows()).isZero();
        }
      }
      write(fence, 1);
    }
    assertThat(values()).isEqualTo(numbers(2));
  }

  @Test
  void aTryOfABatchThatIsOverSendsNothingThoughItWakesUpLate() {
    try (TransactionFence fence = start()) {
      write(fence, 0);
      write(fence, 1);
      try (RowWriter<KafkaReceipt> late = tried(turn(1, 0), 0)) {
        assertThat(late.finish().rows()).isEqualTo(400);
      }
      write(fence, 2);
    }
    assertThat(values()).isEqualTo(numbers(3));
  }

  @Test
  void aTryOfAStartThatWasReplacedIsRefused() {
    try (TransactionFence old = start();
        TransactionFence next = start()) {
      assertThatThrownBy(() -> turn(1, 0).writer(attempt(0)))
          .hasMessage(
              "Cannot commit batch 0 of sink sink: fenced by epoch 2, this start has epoch 1");
      assertThatThrownBy(() -> old.begin(0))
          .hasMessage(
              "Cannot begin batch 0 of sink sink: fenced by epoch 2, this start has epoch 1");
      write(next, 0);
    }
    assertThat(values()).isEqualTo(numbers(1));
  }

  @Test
  void aTryThatFailsLeavesNothing() {
    Dataset<Row> failing =
        sql(
            "select if(id = 399, raise_error('boom'), cast(id as string)) v from range(0, 400, 1,"
                + " 4)");
    try (TransactionFence fence = start()) {
      fence.begin(0);
      assertThatThrownBy(() -> fence.gather(0, Batches.oneTask(who, APPEND, 0, failing)))
          .hasStackTraceContaining("boom");
      assertThat(fence.last()).isEqualTo(-1);
      assertThat(values()).isEmpty();
      write(fence, 0);
    }
    assertThat(values()).isEqualTo(numbers(1));
  }

  @Test
  void refusesRowsOtherThanThoseThatAnEarlierTryHasWritten() {
    try (TransactionFence fence = start()) {
      fence.note(new Origin("offsets", "plan", Optional.of(7L)));
      write(fence, 0);
      Turn other =
          new Turn(
              sink.settings(),
              turn(1, 0).held(),
              0,
              Optional.of(new Origin("offsets", "plan", Optional.of(8L))));
      assertThatThrownBy(() -> other.writer(attempt(0)))
          .hasMessageStartingWith(
              "Cannot go on with sink sink: it has batch 0 with other rows than those that came"
                  + " now.");
    }
  }

  @Test
  void remembersRowsThatItLeftOutWhicheverTryTellsOfThem() {
    TransactionalKafkaSink parted = sink(Optional.of("p"));
    Dataset<Row> some =
        sql("select cast(id as int) p, cast(id as string) v from range(0, 3, 1, 3)");
    try (TransactionFence fence =
        parted.start(who, LETTER, some.schema(), TransactionFence.Way.IN_ONE_TASK)) {
      fence.begin(0);
      KafkaReceipt receipt =
          fence.gather(
              0,
              writers -> {
                KafkaReceipt lost =
                    Batches.<KafkaReceipt>oneTask(who, LETTER, 0, some).run(writers);
                assertThat(lost.rejects()).hasSize(2);
                return Batches.<KafkaReceipt>oneTask(who, LETTER, 0, some).run(writers);
              });
      assertThat(receipt.rows()).isEqualTo(3);
      assertThat(fence.rejects(0))
          .extracting(Reject::reason)
          .containsExactly(
              "partition 1 is none of topic %s, which has 1, from 0 on".formatted(id),
              "partition 2 is none of topic %s, which has 1, from 0 on".formatted(id));
    }
    try (TransactionFence next =
        parted.start(who, LETTER, some.schema(), TransactionFence.Way.IN_ONE_TASK)) {
      assertThat(next.rejects(0)).hasSize(2);
      next.forwarded(0);
      assertThat(next.rejects(0)).isEmpty();
    }
    assertThat(values()).containsExactly("0");
  }
}
