package io.millrace.sinks.redis;

import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Tenure;
import io.millrace.sinks.pool.RedisException;
import io.millrace.sinks.pool.RedisPool;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol;

/**
 * What the server remembers of one sink, in a hash. It says which round is open too: rows of any
 * other are refused by the server itself. Each begin of a batch opens a round, each end closes it.
 */
final class RedisLedger {
  private static final String NONE = "";

  private final RedisPool pool;
  private final Identity who;
  private final String key;

  RedisLedger(RedisPool pool, Identity who) {
    this.pool = pool;
    this.who = who;
    this.key = RedisSettings.OWN + who.job() + ":" + who.sink();
  }

  /** The key of the hash. */
  String key() {
    return key;
  }

  /** The key that holds the order of rows while a batch is written. */
  String order() {
    return key + ":order";
  }

  Optional<Held> held() {
    List<@Nullable String> found = fields("query_id", "epoch", "batch", "rows", "at");
    String id = found.get(0);
    String epoch = found.get(1);
    String batch = found.get(2);
    if (id == null || epoch == null || batch == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Held(
            UUID.fromString(id),
            Long.parseLong(epoch),
            Long.parseLong(batch),
            Optional.ofNullable(found.get(3)).map(Long::parseLong),
            Optional.ofNullable(found.get(4)).map(Instant::parse)));
  }

  /**
   * The same, of the checkpoint that writes.
   *
   * @throws IllegalStateException if it holds batches of another checkpoint
   */
  Optional<Held> own() {
    Optional<Held> held = held();
    held.ifPresent(found -> Tenure.refuseOther(who, found, name(), anew()));
    return held;
  }

  /**
   * The round that is open for a batch.
   *
   * @return empty if there is none
   */
  Optional<String> round(long batch) {
    List<@Nullable String> found = fields("round", "open");
    return Long.toString(batch).equals(found.get(1))
        ? Optional.ofNullable(found.get(0))
        : Optional.empty();
  }

  /**
   * Starts a new epoch.
   *
   * @throws IllegalStateException if it holds batches of another checkpoint
   */
  Tenure raise() {
    while (true) {
      Optional<Held> before = held();
      Held next = Tenure.begin(who, before, name(), anew());
      if (change(
          before,
          "query",
          who.query(),
          "query_id",
          next.queryId().toString(),
          "epoch",
          Long.toString(next.epoch()),
          "batch",
          Long.toString(next.batch()),
          "round",
          NONE,
          "open",
          NONE)) {
        return Tenure.of(who, next);
      }
    }
  }

  /**
   * Opens a round for a batch.
   *
   * @return the run of the server that has it; empty if the ledger is not as this writer left it
   */
  Optional<String> open(Tenure tenure, long batch) {
    List<byte[]> arguments =
        arguments(tenure, "round", UUID.randomUUID().toString(), "open", Long.toString(batch));
    return pool.borrow(
        connection ->
            Script.LEDGER.run(connection, arguments) == 1
                ? Optional.of(run(connection))
                : Optional.empty());
  }

  /**
   * Notes that a batch is there; false if the ledger is not as this writer left it.
   *
   * @param run of the server when its round was opened
   * @throws RedisException if it is another run, which may lack rows that the one before took
   */
  boolean write(Tenure tenure, long batch, long rows, String run) {
    List<byte[]> arguments =
        arguments(
            tenure,
            "batch",
            Long.toString(batch),
            "rows",
            Long.toString(rows),
            "at",
            Instant.now().toString(),
            "round",
            NONE,
            "open",
            NONE);
    return pool.borrow(
        connection -> {
          if (!run(connection).equals(run)) {
            throw new RedisException(
                "Cannot tell whether all rows of batch %d of sink %s are there: the server was started again, or another took its place, while they were written"
                    .formatted(batch, who.sink()),
                true);
          }
          return Script.LEDGER.run(connection, arguments) == 1;
        });
  }

  /** What changes when the server starts again, and when another one takes its place. */
  private static String run(Connection connection) {
    byte[] info = (byte[]) connection.executeCommand(new CommandArguments(Protocol.Command.INFO));
    return new String(info, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("run_id:") || line.startsWith("master_replid:"))
        .collect(Collectors.joining(" "));
  }

  /** Makes it remember another checkpoint, or another batch. */
  void adopt(long batch) {
    Optional<Held> before = held();
    while (before.isPresent()
        && !change(
            before,
            "query_id",
            who.queryId().toString(),
            "batch",
            Long.toString(batch),
            "round",
            NONE,
            "open",
            NONE)) {
      before = held();
    }
  }

  private List<byte[]> arguments(Tenure tenure, String... fields) {
    return arguments(Long.toString(tenure.epoch()), Long.toString(tenure.last()), fields);
  }

  private boolean change(Optional<Held> before, String... fields) {
    List<byte[]> arguments =
        arguments(
            before.map(held -> Long.toString(held.epoch())).orElse(NONE),
            before.map(held -> Long.toString(held.batch())).orElse(NONE),
            fields);
    return pool.borrow(connection -> Script.LEDGER.run(connection, arguments)) == 1;
  }

  private List<byte[]> arguments(String epoch, String batch, String... fields) {
    List<byte[]> arguments = new ArrayList<>();
    for (String each : List.of(key, order(), epoch, batch)) {
      arguments.add(Script.bytes(each));
    }
    for (String each : fields) {
      arguments.add(Script.bytes(each));
    }
    return arguments;
  }

  private List<@Nullable String> fields(String... names) {
    CommandArguments command = new CommandArguments(Protocol.Command.HMGET).add(key);
    for (String name : names) {
      command.add(name);
    }
    List<?> found = (List<?>) pool.borrow(connection -> connection.executeCommand(command));
    List<@Nullable String> texts = new ArrayList<>();
    for (Object each : found) {
      texts.add(each == null ? null : new String((byte[]) each, StandardCharsets.UTF_8));
    }
    return texts;
  }

  private String name() {
    return "ledger " + key;
  }

  private String anew() {
    return "the keys of before left there, delete the key " + key;
  }
}
