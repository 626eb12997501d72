package io.millrace.tests.torture;

import io.millrace.engine.spi.Attempt;
import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Reject;
import io.millrace.engine.spi.RowSink;
import io.millrace.engine.spi.RowWriter;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Writing;
import io.millrace.sinks.jdbc.JdbcReceipt;
import io.millrace.sinks.jdbc.JdbcSettings;
import io.millrace.sinks.jdbc.JdbcSink;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The sink {@code jdbc} with a bug of our choice in it, such as sinks have had. */
record PlantedSink(Settings settings) implements RowSink<JdbcReceipt> {
  /** The batch in which this process dies, once; -1 for none. */
  static final AtomicLong DIES_IN = new AtomicLong(-1);

  /** What is wrong with it. */
  enum Bug {
    NONE,
    /** It says that it has no batch, and takes its number back before each. */
    FORGETS_THE_LEDGER,
    /** A task makes its rows visible when it ends, before the others have. */
    COMMITS_EARLY,
    /** What is in the last chunk of the last partition is never handed on. */
    LOSES_THE_LAST,
    /** What the table refused is known to this process alone. */
    REJECTS_IN_MEMORY
  }

  /** Where it writes. */
  record Settings(String url, String user, String table, Bug bug) implements java.io.Serializable {
    private JdbcSink sound() {
      Duration patience = Duration.ofSeconds(30);
      return new JdbcSink(
          new JdbcSettings(
              url,
              Optional.of(user),
              Optional.empty(),
              table,
              List.of(),
              List.of(),
              Optional.empty(),
              JdbcSettings.Existing.REPLACE,
              List.of(),
              JdbcSettings.Create.IF_MISSING,
              JdbcSettings.Form.AUTO,
              4,
              Optional.empty(),
              patience,
              patience,
              Optional.empty(),
              Duration.ZERO,
              Duration.ofMinutes(10),
              Optional.empty(),
              Map.of()));
    }

    private void execute(String sql, Object... values) {
      try (Connection connection = DriverManager.getConnection(url, user, "");
          PreparedStatement statement = connection.prepareStatement(sql)) {
        for (int at = 0; at < values.length; at++) {
          statement.setObject(at + 1, values[at]);
        }
        statement.executeUpdate();
      } catch (SQLException e) {
        throw new IllegalStateException("Cannot execute " + sql, e);
      }
    }
  }

  /** The kind {@code planted}. */
  static final class Kinds implements Plugin {
    @Override
    public List<Kind<?, Sink>> sinks() {
      return List.of(
          new Kind<>("planted", "Rows into a table, wrongly.", Settings.class, PlantedSink::new));
    }
  }

  @Override
  public Guarantee guarantee(Writing how) {
    return settings.sound().guarantee(how);
  }

  @Override
  public Fence<JdbcReceipt> start(Identity who, Writing how, StructType rows) {
    return new Wrong(settings, who, settings.sound().start(who, how, rows));
  }

  @Override
  public RowWriter<JdbcReceipt> writer(Attempt attempt) {
    TaskContext task = TaskContext.get();
    RowWriter<JdbcReceipt> sound = settings.sound().writer(attempt);
    boolean last = task.partitionId() == task.numPartitions() - 1;
    return switch (settings.bug()) {
      case COMMITS_EARLY -> last ? sound : new Early(settings, sound);
      case LOSES_THE_LAST -> last ? new Losing(sound) : sound;
      default -> sound;
    };
  }

  private static final class Wrong implements Fence<JdbcReceipt> {
    private final Settings settings;
    private final Identity who;
    private final Fence<JdbcReceipt> sound;
    private final Map<Long, List<Reject>> rejects = new HashMap<>();

    Wrong(Settings settings, Identity who, Fence<JdbcReceipt> sound) {
      this.settings = settings;
      this.who = who;
      this.sound = sound;
    }

    @Override
    public long last() {
      return settings.bug() == Bug.FORGETS_THE_LEDGER ? -1 : sound.last();
    }

    @Override
    public void begin(long batch) {
      if (settings.bug() == Bug.FORGETS_THE_LEDGER) {
        ledger(batch - 1);
      }
      sound.begin(batch);
    }

    @Override
    public void commit(long batch, List<JdbcReceipt> receipts) {
      if (settings.bug() == Bug.REJECTS_IN_MEMORY) {
        sound.commit(batch, receipts);
        rejects.put(batch, sound.rejects(batch));
        sound.forwarded(batch);
      } else {
        die(batch);
        sound.commit(batch, receipts);
      }
    }

    @Override
    public List<Reject> rejects(long batch) {
      if (settings.bug() == Bug.REJECTS_IN_MEMORY) {
        die(batch);
        return rejects.getOrDefault(batch, List.of());
      }
      return sound.rejects(batch);
    }

    @Override
    public void forwarded(long batch) {
      sound.forwarded(batch);
    }

    private static void die(long batch) {
      if (DIES_IN.compareAndSet(batch, -1)) {
        throw new Replays.Crash();
      }
    }

    private void ledger(long batch) {
      settings.execute(
          "update \"millrace_ledger\" set \"last_batch\" = ? where \"job\" = ? and \"sink\" = ?",
          batch,
          who.job(),
          who.sink());
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

  /** Inserts each row on its own. */
  private record Early(Settings settings, RowWriter<JdbcReceipt> sound)
      implements RowWriter<JdbcReceipt> {
    @Override
    public void write(InternalRow row) {
      settings.execute(
          "insert into \"%s\" (part, pos, id, k, micros, amount) values (?, ?, ?, ?, ?, ?)"
              .formatted(settings.table()),
          row.getInt(0),
          row.getLong(1),
          row.getLong(2),
          row.getString(3),
          row.getLong(4),
          row.getLong(5));
    }

    @Override
    public JdbcReceipt finish() {
      return sound.finish();
    }

    @Override
    public void close() {
      sound.close();
    }
  }

  /** Hands on each row when the next one comes. */
  private static final class Losing implements RowWriter<JdbcReceipt> {
    private final RowWriter<JdbcReceipt> sound;
    private @Nullable InternalRow kept;

    Losing(RowWriter<JdbcReceipt> sound) {
      this.sound = sound;
    }

    @Override
    public void write(InternalRow row) {
      if (kept != null) {
        sound.write(kept);
      }
      kept = row.copy();
    }

    @Override
    public JdbcReceipt finish() {
      return sound.finish();
    }

    @Override
    public void close() {
      sound.close();
    }
  }
}
