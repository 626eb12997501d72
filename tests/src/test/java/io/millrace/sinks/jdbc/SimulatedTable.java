package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Origin;
import io.millrace.engine.spi.Receipt;
import io.millrace.engine.spi.Tenure;
import io.millrace.sinks.pool.DatabaseException;
import io.millrace.tests.simulation.Actor;
import io.millrace.tests.simulation.Bug;
import io.millrace.tests.simulation.Schedule;
import io.millrace.tests.simulation.Store;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A table with its ledger and its stage in a database that is only a model, and over it the order
 * and the rules by which the sink {@code jdbc} ends a batch. Transactions are atomic, the ledger's
 * row can be locked, a COMMIT can be under way when its client dies, and its answer can be lost.
 */
public final class SimulatedTable implements Store.Rows {
  private static final int PATIENCE = 4;

  private final boolean staged;
  private final Bug bug;
  private final List<Open> open = new ArrayList<>();
  private final Map<UUID, List<Integer>> stage = new LinkedHashMap<>();
  private final Set<String> partitions = new HashSet<>();
  private State now = new State(List.of(), Optional.empty());
  private final List<State> history = new ArrayList<>(List.of(now));
  private @Nullable Open locker;

  /** What is committed. */
  private record State(List<Integer> rows, Optional<Held> ledger) {}

  public SimulatedTable(boolean staged, Bug bug) {
    this.staged = staged;
    this.bug = bug;
  }

  @Override
  public List<Integer> rows() {
    return now.rows();
  }

  @Override
  public long last() {
    return now.ledger().map(Held::batch).orElse(-1L);
  }

  @Override
  public Optional<Held> held(Actor actor, Identity who) {
    actor.step("table: read ledger");
    return now.ledger();
  }

  @Override
  public Fence<JdbcReceipt> start(Actor actor, Identity who) {
    try {
      Open raising = new Open(actor);
      try (raising) {
        Held next = Tenure.begin(who, raising.lock(), "ledger", "the rows of before");
        raising.write(next, now.ledger().isEmpty());
        raising.commit();
        return new SimulatedFence(actor, who, Tenure.of(who, next));
      }
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot start: " + e.getMessage(), e);
    }
  }

  @Override
  public List<Receipt> write(Actor actor, Fence<?> fence, long batch, List<List<Integer>> parts) {
    SimulatedFence mine = (SimulatedFence) fence;
    List<Receipt> receipts = new ArrayList<>();
    for (int part = 0; part < parts.size(); part++) {
      List<Integer> rows = parts.get(part);
      actor.step("table: task " + part + " of batch " + batch + " writes " + rows);
      if (staged && bug != Bug.PARTITION_AS_KEY) {
        receipts.add(stage(actor, rows));
      } else {
        if (bug != Bug.PARTITION_AS_KEY) {
          mine.taking().take(rows);
        } else if (partitions.add(batch + "/" + part)) {
          publish(rows);
        }
        receipts.add(receipt(rows.size(), null));
      }
    }
    return receipts;
  }

  /** Some tasks are tried twice, and both tries leave their rows. */
  private JdbcReceipt stage(Actor actor, List<Integer> rows) {
    if (actor.goesWrong("task is tried twice", 5)) {
      stage.put(new UUID(0, stage.size() + 1L), rows);
    }
    UUID attempt = new UUID(1, stage.size() + 1L);
    stage.put(attempt, rows);
    return receipt(rows.size(), attempt);
  }

  private static JdbcReceipt receipt(long rows, @Nullable UUID attempt) {
    return new JdbcReceipt(rows, new byte[0], new byte[0], attempt, List.of(), 0);
  }

  private void publish(List<Integer> rows) {
    List<Integer> all = new ArrayList<>(now.rows());
    all.addAll(rows);
    now = new State(List.copyOf(all), now.ledger());
  }

  @Override
  public void tick(Schedule schedule) {
    decideDead(schedule);
    if (schedule.goesWrong("database restarts", 15)) {
      restart(schedule);
    }
  }

  private void decideDead(Schedule schedule) {
    List.copyOf(open).stream()
        .filter(transaction -> transaction.actor.dead() || transaction.left)
        .forEach(transaction -> transaction.decide(schedule));
  }

  private void restart(Schedule schedule) {
    List.copyOf(open).forEach(transaction -> transaction.decide(schedule));
    if (bug == Bug.UNLOGGED_STAGE) {
      stage.replaceAll((attempt, rows) -> List.of());
    }
  }

  @Override
  public boolean goBack(Schedule schedule) {
    restart(schedule);
    now = history.get(schedule.draw(history.size()));
    return true;
  }

  /** A transaction. */
  private final class Open implements Settlement.Books, AutoCloseable {
    private final Actor actor;
    private final List<Integer> taken = new ArrayList<>();
    private final List<Integer> more = new ArrayList<>();
    private Optional<Held> next = Optional.empty();
    private Optional<Origin> origin = Optional.empty();
    private boolean inserts;
    private boolean sent;
    private boolean left;
    private boolean over;
    private long batch = -1;
    private long epoch = -1;
    private long known = -1;

    Open(Actor actor) {
      this.actor = actor;
      open.add(this);
    }

    void take(List<Integer> rows) {
      if (over) {
        throw new IllegalStateException("Cannot write: the connection is gone");
      }
      taken.addAll(rows);
    }

    @Override
    public long taken() throws SQLException {
      actor.step("table: end rows");
      failIfOver();
      return taken.size();
    }

    @Override
    public Optional<Held> lock() throws SQLException {
      actor.step("table: lock ledger");
      for (int wait = 0; locker != null && locker != this; wait++) {
        decideDead(actor.schedule());
        if (locker != null) {
          if (wait == PATIENCE) {
            throw new SQLException("canceled due to lock timeout", "55P03");
          }
          actor.step("table: wait for lock");
        }
      }
      failIfOver();
      if (now.ledger().isPresent()) {
        locker = this;
      }
      return now.ledger().map(this::planted);
    }

    private Held planted(Held found) {
      return new Held(
          found.queryId(),
          bug == Bug.NO_EPOCH && epoch >= 0 ? epoch : found.epoch(),
          bug == Bug.IGNORES_THE_BATCH && epoch >= 0
              ? -1
              : bug == Bug.FORGETS_WHAT_IT_WROTE ? Math.max(found.batch(), known) : found.batch(),
          found.rows(),
          found.at(),
          found.origin());
    }

    @Override
    public long staged(List<UUID> attempts) {
      return attempts.stream()
          .mapToLong(attempt -> stage.getOrDefault(attempt, List.of()).size())
          .sum();
    }

    @Override
    public void write(List<UUID> attempts, long rows) throws SQLException {
      actor.step("table: write batch " + batch);
      failIfOver();
      attempts.forEach(attempt -> more.addAll(stage.getOrDefault(attempt, List.of())));
      Held before = now.ledger().orElseThrow();
      next =
          Optional.of(
              new Held(
                  before.queryId(),
                  before.epoch(),
                  batch,
                  Optional.of(rows),
                  Optional.empty(),
                  origin));
    }

    void write(Held held, boolean first) {
      next = Optional.of(held);
      inserts = first;
    }

    @Override
    public void commit() throws SQLException {
      sent = true;
      try {
        actor.step("table: COMMIT of batch " + batch);
        failIfOver();
        if (actor.goesWrong("lost answer of COMMIT", 6)) {
          // It is tried at once, or it will be decided when the client has given up.
          if (actor.schedule().draw(2) == 0) {
            decide(actor.schedule());
          } else {
            left = true;
          }
          throw new SQLException("the connection broke during COMMIT", "08006");
        }
        if (insertedTwice()) {
          forget();
          throw new SQLException("duplicate key value of the ledger");
        }
        apply();
      } catch (SQLException e) {
        planted(e);
      }
    }

    private void planted(SQLException why) throws SQLException {
      if (bug == Bug.RETRY_WITHOUT_ROWS && batch >= 0) {
        Open again = new Open(actor);
        again.next = next;
        decide(actor.schedule());
        again.apply();
      } else if (bug == Bug.GUESSES_THE_OUTCOME && batch >= 0) {
        Open again = new Open(actor);
        again.taken.addAll(taken);
        again.more.addAll(more);
        again.next = next;
        decide(actor.schedule());
        again.apply();
      } else {
        throw why;
      }
    }

    /** No answer can be lost of a COMMIT that the key of the ledger does not let happen. */
    private boolean insertedTwice() {
      return inserts && now.ledger().isPresent();
    }

    private void failIfOver() throws SQLException {
      if (over) {
        throw new SQLException("terminating connection", "57P01");
      }
    }

    private void apply() {
      List<Integer> all = new ArrayList<>(now.rows());
      all.addAll(taken);
      all.addAll(more);
      boolean apart = bug == Bug.LEDGER_APART && batch >= 0;
      now = new State(List.copyOf(all), apart ? now.ledger() : next.or(now::ledger));
      history.add(now);
      forget();
      if (apart && !actor.dead()) {
        actor.step("table: write number apart");
        now = new State(now.rows(), next);
        history.add(now);
      }
    }

    /** The client hears no more of it: what it asked for last may still be done. */
    void decide(Schedule schedule) {
      if (!over && sent && !insertedTwice() && schedule.draw(2) == 0) {
        apply();
      } else {
        forget();
      }
    }

    private void forget() {
      over = true;
      open.remove(this);
      if (locker == this) {
        locker = null;
      }
    }

    @Override
    public void close() {
      // What is under way is the server's to decide.
      if (!sent && !actor.dead()) {
        forget();
      } else if (!over && !actor.dead()) {
        left = true;
      }
    }
  }

  private final class SimulatedFence implements Fence<JdbcReceipt> {
    private final Actor actor;
    private final Identity who;
    private Tenure tenure;
    private @Nullable Open begun;
    private @Nullable Origin origin;
    private int asked;

    SimulatedFence(Actor actor, Identity who, Tenure tenure) {
      this.actor = actor;
      this.who = who;
      this.tenure = tenure;
    }

    Open taking() {
      Open now = begun;
      if (now == null) {
        throw new IllegalStateException("Cannot write: no batch is begun");
      }
      return now;
    }

    @Override
    public long last() {
      actor.step("table: read last");
      now.ledger().ifPresent(held -> Tenure.refuseOther(who, held, "ledger", "nothing"));
      if (bug != Bug.NO_EPOCH) {
        tenure.endIfReplaced(now.ledger(), "go on with");
      }
      tenure = tenure.knowing(now.ledger());
      boolean loop = asked++ > 0;
      return bug == Bug.IGNORES_THE_BATCH && loop ? -1 : SimulatedTable.this.last();
    }

    @Override
    public void note(Origin told) {
      origin = told;
    }

    @Override
    public Optional<Origin> noted(long batch) {
      actor.step("table: read origin");
      return now.ledger().filter(held -> held.batch() == batch).flatMap(Held::origin);
    }

    @Override
    public void begin(long batch) {
      if (!staged) {
        begun = new Open(actor);
      }
    }

    @Override
    public void commit(long batch, List<JdbcReceipt> receipts) {
      Open mine = staged ? new Open(actor) : taking();
      begun = null;
      mine.batch = batch;
      mine.origin = bug == Bug.NO_EPOCH ? Optional.empty() : Optional.ofNullable(origin);
      mine.epoch = tenure.epoch();
      mine.known = tenure.last();
      try (Open books = mine) {
        List<JdbcReceipt> told =
            (bug == Bug.UNLOGGED_STAGE && staged) || bug == Bug.PARTITION_AS_KEY
                ? receipts.stream().map(receipt -> believed(books, receipt)).toList()
                : receipts;
        Tenure now = bug == Bug.IGNORES_THE_BATCH ? tenure.after(-1) : tenure;
        tenure = Settlement.run(books, now, batch, told);
      } catch (SQLException e) {
        throw new DatabaseException("Cannot write: " + e.getMessage(), e);
      }
    }

    /** A count that always agrees. */
    private JdbcReceipt believed(Open books, JdbcReceipt receipt) {
      UUID attempt = receipt.staged();
      long rows = attempt == null ? books.taken.size() : books.staged(List.of(attempt));
      return receipt(rows, attempt);
    }

    @Override
    public void abort(long batch) {
      Open now = begun;
      begun = null;
      if (now != null) {
        now.close();
      }
    }

    @Override
    public void close() {
      abort(-1);
    }
  }
}
