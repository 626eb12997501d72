package io.millrace.sinks.kafka;

import static io.millrace.sinks.testing.Batches.APPEND;
import static io.millrace.sinks.testing.Batches.COMPLETE;
import static io.millrace.sinks.testing.Batches.UPSERT;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Limit;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Passing;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.RowFaults;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.Sessions;
import io.millrace.engine.testing.Topics;
import io.millrace.sinks.testing.Batches;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.junit.jupiter.api.Test;

class TransactionalKafkaSinkTest {
  private static final String SERVERS = LocalBroker.shared().servers();

  private final String id = "x" + UUID.randomUUID().toString().substring(0, 8);
  private final Identity who = who(UUID.randomUUID());
  private final TransactionalKafkaSink sink = sink(Optional.empty(), Optional.empty());
  private final Dataset<Row> rows = sql("select cast(id as string) v from range(0, 2000, 1, 4)");

  private Identity who(UUID queryId) {
    return new Identity(id, "sink", "query", queryId);
  }

  private TransactionalKafkaSink sink(Optional<String> ledger, Optional<Duration> timeout) {
    return (TransactionalKafkaSink)
        new KafkaSink(settings(ledger, timeout, Map.of())).delivering(Guarantee.EXACTLY_ONCE);
  }

  private KafkaSink.Settings settings(
      Optional<String> ledger, Optional<Duration> timeout, Map<String, String> properties) {
    return settings(ledger, timeout, properties, Optional.empty());
  }

  private KafkaSink.Settings settings(
      Optional<String> ledger,
      Optional<Duration> timeout,
      Map<String, String> properties,
      Optional<Duration> retry) {
    return new KafkaSink.Settings(
        SERVERS,
        id,
        Optional.empty(),
        Optional.of("v"),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        properties,
        ledger,
        timeout,
        retry,
        Optional.empty());
  }

  private void topic() {
    LocalBroker.shared().createTopic(id, 2);
  }

  private String ledger() {
    return "millrace-ledger-" + id + "-sink";
  }

  /** What is there when nothing is open any more. */
  private List<String> values() {
    Topics.awaitDecided(SERVERS, id);
    return Topics.values(SERVERS, id);
  }

  private Fence<KafkaReceipt> start() {
    return sink.start(who, APPEND, rows.schema());
  }

  private List<KafkaReceipt> tasks(long batch) {
    return Batches.tasks(sink, who, APPEND, batch, rows);
  }

  private void write(Fence<KafkaReceipt> fence, long batch) {
    fence.begin(batch);
    fence.commit(batch, tasks(batch));
  }

  private Optional<Held> held() {
    return sink.held(Sessions.spark(), who);
  }

  @Test
  void showsABatchWhenItIsCommittedAndNotBefore() {
    topic();
    assertThat(held()).isEmpty();
    try (Fence<KafkaReceipt> fence = start()) {
      assertThat(fence.last()).isEqualTo(-1);
      fence.begin(0);
      List<KafkaReceipt> receipts = tasks(0);
      assertThat(receipts.stream().mapToLong(KafkaReceipt::rows).sum()).isEqualTo(2000);
      assertThat(Topics.values(SERVERS, id)).isEmpty();
      fence.commit(0, receipts);
      assertThat(fence.last()).isZero();
    }
    assertThat(values()).hasSize(2000).doesNotHaveDuplicates();
    assertThat(held())
        .hasValueSatisfying(
            held -> {
              assertThat(held.queryId()).isEqualTo(who.queryId());
              assertThat(held.epoch()).isEqualTo(1);
              assertThat(held.batch()).isZero();
              assertThat(held.rows()).contains(2000L);
              assertThat(held.at()).isPresent();
            });
  }

  @Test
  void writesABatchOnceThoughItComesTwice() {
    topic();
    try (Fence<KafkaReceipt> fence = start()) {
      write(fence, 0);
      write(fence, 0);
    }
    assertThat(Batches.run(sink, who, APPEND, 0, rows)).isEmpty();
    try (Fence<KafkaReceipt> fence = start()) {
      assertThat(fence.last()).isZero();
      write(fence, 0);
      write(fence, 1);
    }
    assertThat(values()).hasSize(4000);
    assertThat(held().map(Held::batch)).contains(1L);
  }

  @Test
  void marksABatchWithoutRows() {
    topic();
    Batches.run(sink, who, APPEND, 0, rows.limit(0));
    assertThat(held().map(Held::batch)).contains(0L);
    assertThat(held().flatMap(Held::rows)).contains(0L);
    assertThat(values()).isEmpty();
  }

  @Test
  void showsNothingOfABatchThatFailsHalfWay() {
    topic();
    String failing = "select if(id = 1999, raise_error('boom'), cast(id as string)) v from ";
    assertThatThrownBy(
            () -> Batches.run(sink, who, APPEND, 0, sql(failing + "range(0, 2000, 1, 4)")))
        .hasMessageContaining("boom");
    assertThat(values()).isEmpty();
    assertThat(held().map(Held::batch)).contains(-1L);

    Batches.run(sink, who, APPEND, 0, rows);
    assertThat(values()).hasSize(2000).doesNotHaveDuplicates();
  }

  @Test
  void commitsNoRowOfAnAttemptThatSparkDoesNotCount() {
    topic();
    try (Fence<KafkaReceipt> fence = start()) {
      fence.begin(0);
      List<KafkaReceipt> lost = tasks(0);
      List<KafkaReceipt> counted = tasks(0);
      assertThat(lost).hasSameSizeAs(counted);
      assertThatThrownBy(() -> fence.commit(0, counted))
          .hasMessage("Cannot commit batch 0 of sink sink: tasks wrote 2000 rows, 4000 were sent");
      assertThat(values()).isEmpty();
      write(fence, 0);
    }
    assertThat(values()).hasSize(2000);
  }

  @Test
  void anAttemptThatGivesUpEndsTheBatch() {
    topic();
    try (Fence<KafkaReceipt> fence = start()) {
      fence.begin(0);
      OpenTransaction open = OpenTransaction.of(who, 0);
      try (KafkaWriter writer =
          new KafkaWriter(
              open,
              sink.settings(),
              new Attempt(who, APPEND, 0, UUID.randomUUID(), rows.schema()))) {
        rows.queryExecution().toRdd().toJavaRDD().map(InternalRow::copy).collect().stream()
            .limit(10)
            .forEach(writer::write);
      }
      assertThatThrownBy(() -> fence.commit(0, List.of()))
          .hasMessage("Cannot commit batch 0 of sink sink: tasks wrote 0 rows, 10 were sent");
    }
    assertThat(values()).isEmpty();
  }

  @Test
  void remembersRowsThatItLeftOutWithTheirBatchUntilTheyAreForwarded() {
    topic();
    KafkaSink.Settings plain = settings(Optional.empty(), Optional.empty(), Map.of());
    TransactionalKafkaSink sink =
        new TransactionalKafkaSink(
            new KafkaSink.Settings(
                SERVERS,
                id,
                Optional.empty(),
                Optional.of("v"),
                Optional.empty(),
                Optional.of("p"),
                Map.of(),
                Optional.empty(),
                Map.of(),
                plain.ledger(),
                plain.transactionTimeout(),
                plain.retry(),
                Optional.empty()));
    Writing letter = new Writing(Mode.APPEND, Write.APPEND, RowFaults.LETTER, Limit.NONE);
    Dataset<Row> rows =
        sql("select cast(id as int) p, cast(id as string) v from range(0, 5, 1, 4)");
    List<Reject> first;
    try (Fence<KafkaReceipt> fence = sink.start(who, letter, rows.schema())) {
      fence.begin(0);
      fence.commit(0, Batches.tasks(sink, who, letter, 0, rows));
      first = fence.rejects(0);
      assertThat(first)
          .extracting(Reject::row)
          .containsExactlyInAnyOrder(
              "{\"p\":2,\"v\":\"2\"}", "{\"p\":3,\"v\":\"3\"}", "{\"p\":4,\"v\":\"4\"}");
    }
    try (Fence<KafkaReceipt> fence = sink.start(who, letter, rows.schema())) {
      assertThat(fence.last()).isZero();
      assertThat(fence.rejects(0))
          .as("whoever died before they were forwarded")
          .usingRecursiveComparison()
          .ignoringFields("place")
          .isEqualTo(first);
      fence.forwarded(0);
      assertThat(fence.rejects(0)).isEmpty();
    }
    try (Fence<KafkaReceipt> fence = sink.start(who, letter, rows.schema())) {
      assertThat(fence.rejects(0)).isEmpty();
      fence.begin(1);
      fence.commit(1, Batches.tasks(sink, who, letter, 1, rows.where("p < 2")));
      assertThat(fence.rejects(1)).isEmpty();
    }
    assertThat(values()).containsExactlyInAnyOrder("0", "1", "0", "1");

    Writing few = new Writing(Mode.APPEND, Write.APPEND, RowFaults.LETTER, new Limit(2, 1));
    try (Fence<KafkaReceipt> fence = sink.start(who, few, rows.schema())) {
      fence.begin(2);
      assertThatThrownBy(() -> fence.commit(2, Batches.tasks(sink, who, few, 2, rows)))
          .hasMessageContaining(
              "Cannot go on: sink sink refuses 3 of 5 rows of batch 2, the limit of dead-letters is"
                  + " 2 rows.");
    }
    assertThat(values()).hasSize(4);
  }

  @Test
  void fencesAWriterThatWakesUpInItsCommit() {
    topic();
    try (Fence<KafkaReceipt> sleeper = start()) {
      sleeper.begin(0);
      List<KafkaReceipt> receipts = tasks(0);
      try (Fence<KafkaReceipt> next = start()) {
        assertThat(next.last()).isEqualTo(-1);
        assertThatThrownBy(() -> sleeper.commit(0, receipts))
            .hasMessage(
                "Cannot commit batch 0 of sink sink: fenced by epoch 2, this start has epoch 1");
        write(next, 0);
      }
    }
    assertThat(values()).hasSize(2000).doesNotHaveDuplicates();
  }

  @Test
  void fencesAWriterThatWakesUpBetweenBatches() {
    topic();
    try (Fence<KafkaReceipt> sleeper = start()) {
      write(sleeper, 0);
      try (Fence<KafkaReceipt> next = start()) {
        assertThat(next.last()).isZero();
        next.begin(1);
        List<KafkaReceipt> receipts = tasks(1);
        assertThatThrownBy(sleeper::last)
            .hasMessage("Cannot go on with sink sink: fenced by epoch 2, this start has epoch 1");
        next.commit(1, receipts);
      }
    }
    assertThat(values()).hasSize(4000);
  }

  @Test
  void theOneThatWakesUpLastOfAllDiesAndTheOtherTriesAgain() {
    topic();
    try (Fence<KafkaReceipt> sleeper = start();
        Fence<KafkaReceipt> next = start()) {
      next.begin(0);
      List<KafkaReceipt> receipts = tasks(0);
      assertThatThrownBy(() -> sleeper.begin(0))
          .hasMessage(
              "Cannot begin batch 0 of sink sink: fenced by epoch 2, this start has epoch 1");
      assertThatThrownBy(() -> next.commit(0, receipts))
          .hasMessage("Cannot commit batch 0 of sink sink: fenced by another start of this job")
          .isInstanceOfSatisfying(Passing.class, fenced -> assertThat(fenced.passes()).isTrue());
      assertThat(sink.patience()).isEqualTo(Duration.ofMinutes(5));
      assertThat(next.last()).isEqualTo(-1);
      write(next, 0);
    }
    assertThat(values()).hasSize(2000);
  }

  @Test
  void aTaskThatIsFencedSaysSo() {
    topic();
    try (Fence<KafkaReceipt> sleeper = start()) {
      sleeper.begin(0);
      try (Fence<KafkaReceipt> next = start()) {
        // A second task could be the first to fail, of this one.
        assertThatThrownBy(() -> Batches.tasks(sink, who, APPEND, 0, rows.coalesce(1)))
            .hasStackTraceContaining(
                "Cannot write to topic "
                    + id
                    + ": fenced by another start of this job, or open for longer than"
                    + " transaction-timeout");
        sleeper.abort(0);
        assertThatThrownBy(sleeper::last)
            .hasMessage("Cannot go on with sink sink: fenced by epoch 2, this start has epoch 1");
        write(next, 0);
      }
    }
    assertThat(values()).hasSize(2000);
  }

  @Test
  void aTaskBesideOneThatIsFencedSaysSoAndTriesAgain() {
    topic();
    try (Fence<KafkaReceipt> sleeper = start()) {
      sleeper.begin(0);
      OpenTransaction open = OpenTransaction.of(who, 0);
      try (Fence<KafkaReceipt> next = start()) {
        assertThatThrownBy(() -> tasks(0)).isNotNull();

        assertThatThrownBy(() -> open.send(new ProducerRecord<>(id, new byte[1]), (at, why) -> {}))
            .hasMessage(
                "Cannot write batch 0 of sink sink: another task of it failed: fenced by another"
                    + " start of this job, or open for longer than transaction-timeout")
            .isInstanceOfSatisfying(Passing.class, fenced -> assertThat(fenced.passes()).isTrue());
        sleeper.abort(0);
        write(next, 0);
      }
    }
    assertThat(values()).hasSize(2000);
  }

  /** The sink's fence over producers whose commits end in a timeout. */
  private TransactionFence fence(Commit commit) {
    Transactions sound = Transactions.of(sink.settings(), who);
    sound.ledger().create(1);
    return new TransactionFence(
        new Transactions(
            sink.settings(), sound.ledger(), who, () -> commit.over(sound.producers().get())),
        new Marks(sound.ledger(), who),
        APPEND,
        TransactionFence.Way.ON_THE_DRIVER);
  }

  /** How a commit goes: its first one is the start's own. */
  private static final class Commit {
    private final boolean arrives;
    private int commits;
    private boolean away;

    Commit(boolean arrives) {
      this.arrives = arrives;
    }

    @SuppressWarnings("unchecked")
    Producer<byte[], byte[]> over(Producer<byte[], byte[]> real) {
      return (Producer<byte[], byte[]>)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Producer.class},
              (proxy, method, arguments) -> {
                if (away && method.getName().equals("initTransactions")) {
                  throw new TimeoutException("no broker in sight");
                }
                boolean lost = method.getName().equals("commitTransaction") && commits++ > 0;
                if (lost && !arrives) {
                  throw new TimeoutException("no answer to the commit");
                }
                try {
                  Object result = method.invoke(real, arguments);
                  if (lost) {
                    throw new TimeoutException("no answer to the commit");
                  }
                  return result;
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }
  }

  @Test
  void aCommitThatArrivedThoughItsAnswerIsLostCounts() {
    topic();
    try (TransactionFence fence = fence(new Commit(true))) {
      write(fence, 0);
      assertThat(fence.last()).isZero();
      write(fence, 1);
      assertThat(fence.last()).isEqualTo(1);
    }
    assertThat(values()).hasSize(4000);
    assertThat(held().map(Held::batch)).contains(1L);
  }

  @Test
  void aCommitThatDidNotArriveIsAbortedAndComesAgain() {
    topic();
    try (TransactionFence fence = fence(new Commit(false))) {
      fence.begin(0);
      List<KafkaReceipt> receipts = tasks(0);
      assertThatThrownBy(() -> fence.commit(0, receipts))
          .hasMessage(
              "Cannot commit batch 0 of sink sink: no answer to the commit. Nothing of it is"
                  + " visible; it comes again");
      assertThat(fence.last()).isEqualTo(-1);
    }
    assertThat(values()).isEmpty();
    Batches.run(sink, who, APPEND, 0, rows);
    assertThat(values()).hasSize(2000);
  }

  @Test
  void aCommitThatNobodyCanAskForIsFoundByTheNextTryAndByTheNextStart() {
    topic();
    Commit commit = new Commit(true);
    try (TransactionFence fence = fence(commit)) {
      fence.begin(0);
      List<KafkaReceipt> receipts = tasks(0);
      commit.away = true;
      assertThatThrownBy(() -> fence.commit(0, receipts))
          .hasMessage(
              "Cannot tell whether batch 0 of sink sink is committed: no answer to the commit. The"
                  + " next try finds it in the ledger topic "
                  + ledger())
          .isInstanceOfSatisfying(Passing.class, away -> assertThat(away.passes()).isTrue());
      commit.away = false;
      write(fence, 0);
      assertThat(fence.last()).isZero();
      assertThat(values()).hasSize(2000);
    }
    try (Fence<KafkaReceipt> next = start()) {
      assertThat(next.last()).isZero();
    }
    assertThat(values()).hasSize(2000);
  }

  @Test
  void whatADeadDriverLeftOpenIsAbortedByTheNextStart() {
    topic();
    Commit commit = new Commit(false);
    TransactionFence dead = fence(commit);
    dead.begin(0);
    List<KafkaReceipt> receipts = tasks(0);
    commit.away = true;
    assertThatThrownBy(() -> dead.commit(0, receipts)).hasMessageStartingWith("Cannot tell");
    assertThat(held().map(Held::batch)).contains(-1L);

    try (Fence<KafkaReceipt> next = start()) {
      assertThat(next.last()).isEqualTo(-1);
      assertThat(values()).isEmpty();
      write(next, 0);
    }
    dead.close();
    assertThat(values()).hasSize(2000);
  }

  @Test
  void refusesTheBatchesOfAnotherCheckpointUntilTheyAreAdopted() {
    topic();
    Batches.run(sink, who, APPEND, 0, rows);
    Identity other = who(UUID.randomUUID());
    assertThatThrownBy(() -> sink.start(other, APPEND, rows.schema()))
        .hasMessageContaining(
            "Cannot go on: the ledger topic %s has batch 0 of job %s, sink sink from another checkpoint"
                .formatted(ledger(), id))
        .hasMessageContaining("Put the old checkpoint back");

    sink.adopt(Sessions.spark(), other, 4);
    assertThat(sink.held(Sessions.spark(), other))
        .hasValueSatisfying(
            held -> {
              assertThat(held.queryId()).isEqualTo(other.queryId());
              assertThat(held.batch()).isEqualTo(4);
              assertThat(held.rows()).isEmpty();
            });
    try (Fence<KafkaReceipt> fence = sink.start(other, APPEND, rows.schema())) {
      assertThat(fence.last()).isEqualTo(4);
    }
  }

  @Test
  void adoptsNothingWhereNothingIsRemembered() {
    topic();
    sink.adopt(Sessions.spark(), who, 4);
    assertThat(held()).isEmpty();
  }

  @Test
  void refusesALedgerThatForgetsOrThatIsNotItsOwn() {
    topic();
    create(id + "-forgets", Map.of("cleanup.policy", "delete"));
    assertThatThrownBy(
            () ->
                sink(Optional.of(id + "-forgets"), Optional.empty())
                    .start(who, APPEND, rows.schema()))
        .hasMessage(
            "Cannot keep the ledger in topic %s-forgets: its cleanup.policy is delete, by which it forgets. Set it to compact, or name another topic in ledger"
                .formatted(id));

    Batches.run(sink(Optional.of(id + "-shared"), Optional.empty()), who, APPEND, 0, rows);
    Identity neighbour = new Identity(id, "neighbour", "query", who.queryId());
    assertThatThrownBy(
            () ->
                sink(Optional.of(id + "-shared"), Optional.empty())
                    .start(neighbour, APPEND, rows.schema()))
        .hasMessage(
            "Cannot use topic %s-shared as the ledger of %s/neighbour: at offset 0 it has a record of %s/sink. Name a topic of its own for each sink in ledger"
                .formatted(id, id, id));

    create(id + "-other", Map.of("cleanup.policy", "compact"));
    Topics.write(
        SERVERS, List.of(new ProducerRecord<>(id + "-other", Mark.key(who), Topics.bytes("{}"))));
    assertThatThrownBy(
            () -> sink(Optional.of(id + "-other"), Optional.empty()).held(Sessions.spark(), who))
        .hasMessage(
            "Cannot read the ledger topic %s-other: at offset 0 is no mark. Name another topic in ledger"
                .formatted(id));
  }

  private static void create(String topic, Map<String, String> configs) {
    try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, SERVERS))) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(configs))).all().get();
    } catch (ExecutionException | InterruptedException e) {
      throw new IllegalStateException("Cannot create " + topic, e);
    }
  }

  @Test
  void saysAtTheStartThatTheBrokersAllowNoTransactionOfThatLength() {
    topic();
    assertThatThrownBy(
            () ->
                sink(Optional.empty(), Optional.of(Duration.ofHours(2)))
                    .start(who, APPEND, rows.schema()))
        .hasMessage(
            "Cannot keep a transaction open for 2h: the brokers at "
                + SERVERS
                + " allow less. Lower transaction-timeout, or raise transaction.max.timeout.ms of"
                + " the brokers");
  }

  @Test
  void refusesSettingsThatDoNotFit() {
    assertThatThrownBy(() -> settings(Optional.empty(), Optional.of(Duration.ZERO), Map.of()))
        .hasMessage("Expected a transaction-timeout from 1s to 20d, found 0s");
    assertThatThrownBy(() -> settings(Optional.of(id), Optional.empty(), Map.of()))
        .hasMessage(
            "Cannot keep the ledger in the topic of the rows, "
                + id
                + ". Name another topic in ledger, or leave it out");
    assertThatThrownBy(
            () ->
                settings(Optional.empty(), Optional.empty(), Map.of("transaction.timeout.ms", "1")))
        .hasMessageStartingWith(
            "Cannot set the property transaction.timeout.ms. Use transaction-timeout");
    for (String property : List.of("transactional.id", "enable.idempotence", "acks")) {
      assertThatThrownBy(() -> settings(Optional.empty(), Optional.empty(), Map.of(property, "x")))
          .hasMessageStartingWith("Cannot set the property " + property + ". One may set: ");
    }
    KafkaSink plain = new KafkaSink(settings(Optional.of("l"), Optional.empty(), Map.of()));
    assertThatThrownBy(() -> plain.guarantee(APPEND))
        .hasMessage(
            "Cannot use ledger without a transaction. Write delivery: exactly-once, or leave it"
                + " out");
    assertThat(
            settings(Optional.empty(), Optional.empty(), Map.of(), Optional.of(Duration.ZERO))
                .transactional())
        .contains("retry");
  }

  @Test
  void promisesExactlyOnceWhereItIsAskedFor() {
    assertThat(sink.guarantee(APPEND)).isEqualTo(Guarantee.EXACTLY_ONCE);
    assertThatThrownBy(() -> sink.guarantee(COMPLETE)).hasMessageContaining("Use mode: update");
    assertThatThrownBy(() -> sink.guarantee(UPSERT)).hasMessageContaining("a topic only grows");
    KafkaSink plain = new KafkaSink(sink.settings());
    assertThat(plain.delivering(Guarantee.ONCE_PER_KEY)).isSameAs(plain);
    assertThat(plain.delivering(Guarantee.AT_LEAST_ONCE)).isSameAs(plain);
  }
}
