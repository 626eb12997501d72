package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Failpoint;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Origin;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.RowFaults;
import io.millrace.engine.spi.Tenure;
import io.millrace.engine.spi.Tracing;
import io.millrace.engine.spi.Writing;
import io.millrace.sinks.pool.Budget;
import io.millrace.sinks.pool.JdbcPool;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The driver's side: one transaction per batch, which holds its rows and its number. */
final class JdbcFence implements Fence<JdbcReceipt> {
  private static final String TEMPORARY = "pg_temp.\"millrace_batch\"";

  private final JdbcSettings settings;
  private final Dialect dialect;
  private final Identity who;
  private final Writing how;
  private final JdbcPool pool;
  private final Target target;
  private final Ledger ledger;
  private final StructType rows;
  private final Rejects rejects;
  private final Optional<Stage> stage;
  private final KeyedRows keyed;
  private Tenure tenure;
  private @Nullable OpenBatch open;
  private @Nullable Committed committed;
  private @Nullable Origin origin;
  private Tracing tracing = Tracing.NONE;

  /**
   * A batch that this start has committed.
   *
   * @param rejects what it left out
   * @param existing rows that came to keys which were there, and stay as they are
   * @param waited how long tasks and driver waited for connections, added up
   */
  private record Committed(long batch, List<Reject> rejects, long existing, Duration waited) {}

  /**
   * Makes table and ledger ready, and fences earlier starts.
   *
   * @param staged whether tasks leave their rows in a stage; else in the open transaction
   */
  JdbcFence(JdbcSettings settings, Identity who, Writing how, StructType rows, boolean staged) {
    this.settings = settings;
    this.dialect = Dialect.of(settings.url());
    this.who = who;
    this.how = how;
    this.rows = rows;
    this.pool = settings.pool();
    Target found =
        patiently(connection -> new Tables(settings, rows).target(connection, who, how.write()));
    this.target = staged ? found.staged(how.faults()) : found;
    this.ledger = new Ledger(dialect, target.table(), who);
    this.rejects = new Rejects(dialect, target.table(), who);
    this.stage = staged ? Optional.of(new Stage(target, who)) : Optional.empty();
    this.keyed = new KeyedRows(target);
    create();
    this.tenure = patiently(ledger::raise);
    Targets.put(settings, who, how.write(), rows, target);
  }

  /** Not in a transaction, which would end when another start creates it too. */
  private void create() {
    pool.borrow(
        connection -> {
          try {
            ledger.create(connection);
            if (stage.isPresent()) {
              stage.get().create(connection);
            }
            if (how.faults() == RowFaults.LETTER) {
              rejects.create(connection);
            }
            Optional<Deletes> deletes = Deletes.of(target);
            if (deletes.isPresent()) {
              deletes.get().create(dialect, connection);
            }
            return connection;
          } catch (SQLException e) {
            throw Refusal.of(settings, e);
          }
        });
  }

  private <T> T patiently(JdbcPool.Work<T> work) {
    return Limits.inTransaction(settings, work, e -> Refusal.of(settings, e));
  }

  @Override
  public long last() {
    Optional<Held> found = pool.borrow(ledger::committed);
    tenure.endIfReplaced(found, "go on with");
    tenure = tenure.knowing(found);
    return found.map(Held::batch).orElse(-1L);
  }

  @Override
  public void note(Origin told) {
    origin = told;
  }

  @Override
  public void trace(Tracing told) {
    tracing = told;
  }

  @Override
  public Optional<Origin> noted(long batch) {
    return pool.borrow(ledger::committed)
        .filter(held -> held.batch() == batch)
        .flatMap(Held::origin);
  }

  @Override
  public void begin(long batch) {
    if (settings.budget().isPresent()) {
      Budget.announce();
    }
    if (stage.isEmpty()) {
      open = transaction(batch);
    }
  }

  private OpenBatch transaction(long batch) {
    Optional<Refusals> refusals =
        how.faults() == RowFaults.STOP
            ? Optional.empty()
            : Optional.of(new Refusals(who, batch, how.limit(), UUID.randomUUID(), rows));
    OpenBatch.Form form = new OpenBatch.Form(copyInto(), Dialect.insert(target), rows, refusals);
    OpenBatch next = OpenBatch.open(who, batch, settings, target, form);
    try {
      prepare(next);
      return next;
    } catch (SQLException e) {
      next.close();
      throw Refusal.of(settings, e);
    }
  }

  /** The stream of rows is one statement, which may take as long as its batch. */
  private void limitStatements(OpenBatch batch, long millis) throws SQLException {
    if (dialect == Dialect.POSTGRESQL && Limits.run(settings) > 0) {
      batch.execute("set local statement_timeout = " + millis);
    }
  }

  private void prepare(OpenBatch next) throws SQLException {
    next.connection().setAutoCommit(false);
    for (String limit : Limits.of(settings)) {
      next.execute(limit);
    }
    if (collects()) {
      next.execute(temporary());
    }
    next.beginMerging();
    if (how.mode() == Mode.COMPLETE) {
      next.execute("delete from " + target.table().sql());
    }
    limitStatements(next, 0);
  }

  @Override
  public void commit(long batch, List<JdbcReceipt> receipts) {
    OpenBatch begun = stage.isPresent() ? transaction(batch) : opened(batch);
    open = null;
    try (OpenBatch now = begun) {
      for (JdbcReceipt receipt : receipts) {
        if (receipt.inline().length > 0) {
          now.copy(
              receipt.inline(),
              receipt.inline().length,
              receipt.kept().length == 0 ? null : KeptRows.of(rows, receipt.kept()));
        }
      }
      tenure = Settlement.run(new Open(now, batch, receipts), tenure, batch, receipts);
    } catch (SQLException e) {
      throw Refusal.of(settings, e);
    }
  }

  /** The transaction of a batch, at its end. */
  private final class Open implements Settlement.Books {
    private final OpenBatch now;
    private final long batch;
    private final List<JdbcReceipt> receipts;
    private long existing;
    private List<Reject> refused = List.of();

    Open(OpenBatch now, long batch, List<JdbcReceipt> receipts) {
      this.now = now;
      this.batch = batch;
      this.receipts = receipts;
    }

    @Override
    public long taken() throws SQLException {
      long taken = now.finish();
      limitStatements(now, Limits.run(settings));
      return taken + now.refused().size();
    }

    @Override
    public Optional<Held> lock() throws SQLException {
      return ledger.lock(now.connection());
    }

    @Override
    public long staged(List<UUID> attempts) throws SQLException {
      return stage.isEmpty() ? 0 : stage.get().count(now.connection(), batch, attempts);
    }

    @Override
    public void write(List<UUID> attempts, long handed) throws SQLException {
      long written = now.merged();
      Optional<String> staged =
          attempts.isEmpty() ? Optional.empty() : stage.map(from -> from.rows(batch, attempts));
      if (collects() && handed > now.refused().size()) {
        String waiting = temporaryRows() + staged.map(more -> " union all " + more).orElse("");
        written = move(now, waiting);
      } else if (staged.isPresent()) {
        move(now, staged.get());
      }
      existing = target.changes().keeps() ? handed - now.refused().size() - written : 0;
      if (stage.isPresent()) {
        stage.get().clear(now.connection(), batch);
      }
      Failpoint.ROWS_STORED.reached(who.sink());
      refused = tracing.trace(refused());
      long given = receipts.stream().mapToLong(JdbcReceipt::rows).sum();
      if (!refused.isEmpty()) {
        String example = refused.get(0).reason();
        how.limit().check("sink " + who.sink(), batch, refused.size(), given, example);
      }
      if (how.faults() == RowFaults.LETTER) {
        rejects.write(now.connection(), batch, tenure.epoch(), refused);
      }
      ledger.write(now.connection(), batch, given - refused.size(), Optional.ofNullable(origin));
      Failpoint.NUMBER_STORED.reached(who.sink());
    }

    private List<Reject> refused() {
      List<Reject> all = new ArrayList<>(now.refused());
      receipts.forEach(receipt -> all.addAll(receipt.rejects()));
      return all;
    }

    @Override
    public void commit() throws SQLException {
      now.connection().commit();
      Failpoint.COMMITTED.reached(who.sink());
      long waited = now.waited() + receipts.stream().mapToLong(JdbcReceipt::waited).sum();
      committed = new Committed(batch, List.copyOf(refused), existing, Duration.ofNanos(waited));
    }
  }

  /**
   * Moves rows that wait in the database into the table; where that fails for the fault of some,
   * all others.
   *
   * @param waiting the query of all of them
   * @return how many rows of a table with keys it inserted or changed
   */
  private long move(OpenBatch now, String waiting) throws SQLException {
    Optional<Refusals> refusals = now.refusals();
    if (refusals.isEmpty()) {
      return moveAll(now, waiting);
    }
    try {
      now.execute("savepoint millrace_move");
      return moveAll(now, waiting);
    } catch (SQLException e) {
      if (!RowFault.is(e)) {
        throw e;
      }
      now.execute("rollback to savepoint millrace_move");
      return new Pile(now.connection(), target, refusals.get()).write(waiting);
    }
  }

  private long moveAll(OpenBatch now, String waiting) throws SQLException {
    if (merges()) {
      return keyed.write(now.connection(), waiting);
    }
    now.execute(
        "insert into %1$s (%2$s) select %2$s from (%3$s) as \"rows\""
            .formatted(target.table().sql(), Dialect.names(target.names()), waiting));
    return 0;
  }

  @Override
  public long existing(long batch) {
    Committed own = committed;
    return own != null && own.batch() == batch ? own.existing() : 0;
  }

  @Override
  public Optional<Duration> waited(long batch) {
    return Optional.ofNullable(committed)
        .filter(own -> own.batch() == batch)
        .map(Committed::waited);
  }

  @Override
  public List<Reject> rejects(long batch) {
    Committed own = committed;
    if (own != null && own.batch() == batch) {
      return own.rejects();
    }
    return how.faults() == RowFaults.LETTER
        ? pool.borrow(connection -> rejects.waiting(connection, batch))
        : List.of();
  }

  @Override
  public void forwarded(long batch) {
    pool.borrow(
        connection -> {
          rejects.forwarded(connection, batch);
          return batch;
        });
    committed =
        new Committed(batch, List.of(), existing(batch), waited(batch).orElse(Duration.ZERO));
  }

  @Override
  public void abort(long batch) {
    OpenBatch now = open;
    open = null;
    if (now != null) {
      now.close();
    }
  }

  @Override
  public void close() {
    abort(-1);
  }

  private OpenBatch opened(long batch) {
    OpenBatch now = open;
    if (now == null) {
      throw new IllegalStateException("Cannot commit batch " + batch + ", which was not begun");
    }
    return now;
  }

  private boolean merges() {
    return dialect == Dialect.POSTGRESQL && !target.keys().isEmpty();
  }

  /** Whether the rows of a batch wait beside the table, as they have more columns than it. */
  private boolean collects() {
    return dialect == Dialect.POSTGRESQL && target.numbered();
  }

  private String copyInto() {
    return "copy %s (%s) from stdin (format binary)"
        .formatted(collects() ? TEMPORARY : target.table().sql(), target.copied());
  }

  private String temporary() {
    return "create temporary table \"millrace_batch\" (%s) on commit drop"
        .formatted(target.waiting());
  }

  private String temporaryRows() {
    return "select %s from %s".formatted(target.copied(), TEMPORARY);
  }
}
