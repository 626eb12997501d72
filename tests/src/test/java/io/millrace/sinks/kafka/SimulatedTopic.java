package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Origin;
import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.tests.simulation.Actor;
import io.millrace.tests.simulation.Bug;
import io.millrace.tests.simulation.Schedule;
import io.millrace.tests.simulation.Store;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A topic with its ledger topic on brokers that are only a model, and over them the whole driver's
 * side of the exactly-once sink {@code kafka}. A transaction is first decided, and only later seen
 * in each topic; the request that ends it can be under way when its producer dies, arrive after the
 * producer has given up, or be answered to nobody.
 */
public final class SimulatedTopic implements Store.Rows {
  private static final KafkaSink.Settings SETTINGS =
      new KafkaSink.Settings(
          "simulated:1",
          "out",
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          Optional.empty(),
          Map.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  private final Bug bug;
  private final List<Integer> rows = new ArrayList<>();
  private final List<Held> marks = new ArrayList<>();
  private final List<Integer> pendingRows = new ArrayList<>();
  private final List<Held> pendingMarks = new ArrayList<>();
  private Phase phase = Phase.EMPTY;
  private int epoch;
  private int underWay = -1;
  private boolean rowsSeen;

  private enum Phase {
    EMPTY,
    ONGOING,
    DECIDED
  }

  public SimulatedTopic(Bug bug) {
    this.bug = bug;
  }

  @Override
  public List<Integer> rows() {
    finish();
    return List.copyOf(rows);
  }

  @Override
  public long last() {
    finish();
    return marks.isEmpty() ? -1 : marks.get(marks.size() - 1).batch();
  }

  @Override
  public Optional<Held> held(Actor actor, Identity who) {
    Log log = new Log(actor);
    return log.settled() ? log.last() : Optional.empty();
  }

  @Override
  public Fence<?> start(Actor actor, Identity who) {
    Log log = new Log(actor);
    Transactions transactions =
        new Transactions(SETTINGS, LedgerTopic.of(SETTINGS, who), who, () -> producer(actor, log));
    return new SimulatedFence(
        who,
        new TransactionFence(
            transactions,
            log,
            new Writing(Mode.APPEND, Write.APPEND),
            TransactionFence.Way.ON_THE_DRIVER));
  }

  private Producer<byte[], byte[]> producer(Actor actor, Log log) {
    if (bug == Bug.MARK_BEFORE_INIT) {
      log.remember();
    }
    return new SimulatedProducer(actor);
  }

  @Override
  public List<Receipt> write(Actor actor, Fence<?> fence, long batch, List<List<Integer>> parts) {
    OpenTransaction open = ((SimulatedFence) fence).open();
    List<Receipt> receipts = new ArrayList<>();
    for (List<Integer> part : parts) {
      for (int row : part) {
        byte[] value = ByteBuffer.allocate(4).putInt(row).array();
        open.send(
            new ProducerRecord<>("out", value),
            (where, why) -> {
              if (why != null) {
                throw new IllegalStateException("Cannot write: " + open.refused(why), why);
              }
            });
      }
      receipts.add(new KafkaReceipt(part.size(), List.of()));
    }
    return receipts;
  }

  @Override
  public void tick(Schedule schedule) {
    if (underWay >= 0 && schedule.draw(2) == 0) {
      arrive();
    }
    if (phase == Phase.DECIDED && schedule.draw(2) == 0) {
      advance();
    }
    if (phase == Phase.ONGOING && schedule.goesWrong("transaction times out", 4)) {
      drop();
      epoch++;
    }
  }

  private void arrive() {
    if (underWay == epoch && phase == Phase.ONGOING) {
      phase = Phase.DECIDED;
    }
    underWay = -1;
  }

  /** The end of a transaction becomes known to one topic after another. */
  private void advance() {
    if (phase == Phase.DECIDED && !rowsSeen) {
      rows.addAll(pendingRows);
      rowsSeen = true;
    } else if (phase == Phase.DECIDED) {
      marks.addAll(pendingMarks);
      drop();
    }
  }

  private void finish() {
    while (phase == Phase.DECIDED) {
      advance();
    }
  }

  private void drop() {
    pendingRows.clear();
    pendingMarks.clear();
    rowsSeen = false;
    phase = Phase.EMPTY;
  }

  @Override
  public boolean goBack(Schedule schedule) {
    return false;
  }

  private final class Log implements MarkLog {
    private final Actor actor;
    private Optional<Held> remembered = Optional.empty();
    private boolean stale;

    Log(Actor actor) {
      this.actor = actor;
    }

    void remember() {
      remembered = last();
      stale = true;
    }

    @Override
    public Optional<Held> last() {
      if (stale) {
        stale = false;
        return remembered;
      }
      actor.step("topic: read marks");
      return marks.isEmpty() ? Optional.empty() : Optional.of(marks.get(marks.size() - 1));
    }

    @Override
    public long position() {
      return marks.size();
    }

    @Override
    public List<Reject> rejects(long batch) {
      return List.of();
    }

    @Override
    public boolean settled() {
      actor.step("topic: wait until decided");
      finish();
      return true;
    }

    @Override
    public void close() {}
  }

  /** The fence, and the transaction that it has opened: a JVM of its own would know only that. */
  private static final class SimulatedFence implements Fence<KafkaReceipt> {
    private final Identity who;
    private final TransactionFence sound;
    private @Nullable OpenTransaction open;

    SimulatedFence(Identity who, TransactionFence sound) {
      this.who = who;
      this.sound = sound;
    }

    OpenTransaction open() {
      OpenTransaction now = open;
      if (now == null) {
        throw new IllegalStateException("Cannot write: no transaction is open");
      }
      return now;
    }

    @Override
    public long last() {
      return sound.last();
    }

    @Override
    public Optional<Origin> noted(long batch) {
      return sound.noted(batch);
    }

    @Override
    public void note(Origin told) {
      sound.note(told);
    }

    @Override
    public void begin(long batch) {
      sound.begin(batch);
      open = OpenTransaction.of(who, batch);
    }

    @Override
    public void commit(long batch, List<KafkaReceipt> receipts) {
      sound.commit(batch, receipts);
    }

    @Override
    public void abort(long batch) {
      sound.abort(batch);
    }

    @Override
    public void close() {
      sound.close();
    }
  }

  private final class SimulatedProducer extends MockProducer<byte[], byte[]> {
    private final Actor actor;
    private int mine = -1;

    SimulatedProducer(Actor actor) {
      this.actor = actor;
    }

    @Override
    public void initTransactions() {
      actor.step("topic: init");
      if (actor.goesWrong("init times out", 2)) {
        throw new TimeoutException("no answer to InitProducerId");
      }
      finish();
      drop();
      mine = ++epoch;
    }

    @Override
    public void beginTransaction() {}

    private boolean fenced() {
      return mine != epoch;
    }

    @Override
    public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
      return send(record, null);
    }

    @Override
    public synchronized Future<RecordMetadata> send(
        ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
      actor.step("topic: send to " + record.topic());
      if (fenced()) {
        if (callback != null) {
          callback.onCompletion(null, new ProducerFencedException("fenced"));
        }
      } else {
        phase = Phase.ONGOING;
        if (record.topic().equals("out")) {
          pendingRows.add(ByteBuffer.wrap(record.value()).getInt());
        } else {
          pendingMarks.add(Mark.of(record.value()));
        }
      }
      return new CompletableFuture<>();
    }

    @Override
    public void commitTransaction() {
      boolean sent = false;
      try {
        actor.step("topic: EndTxn");
        sent = true;
      } finally {
        if (!sent && actor.schedule().draw(2) == 0) {
          underWay = mine;
        }
      }
      if (fenced()) {
        throw new ProducerFencedException("fenced");
      }
      if (actor.goesWrong("lost answer of EndTxn", 6)) {
        switch (actor.schedule().draw(3)) {
          case 0 -> phase = Phase.DECIDED;
          case 1 -> underWay = mine;
          default -> actor.schedule().happened("EndTxn never arrives");
        }
        throw new TimeoutException("no answer to EndTxn");
      }
      phase = Phase.DECIDED;
    }

    @Override
    public void abortTransaction() {
      actor.step("topic: abort");
      if (fenced()) {
        throw new ProducerFencedException("fenced");
      }
      if (phase == Phase.ONGOING) {
        drop();
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}

    @Override
    public void close(java.time.Duration timeout) {}
  }
}
