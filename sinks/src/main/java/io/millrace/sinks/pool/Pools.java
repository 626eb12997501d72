package io.millrace.sinks.pool;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The pools of this JVM, one for each way to reach a database, closed when the JVM ends. */
public final class Pools {
  private static final Map<Database, JdbcPool> OPEN = new ConcurrentHashMap<>();
  private static final Map<RedisServer, RedisPool> REDIS = new ConcurrentHashMap<>();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Pools::close, "millrace-pools"));
  }

  private Pools() {}

  /**
   * The pool of a database, opened by the first who asks.
   *
   * @throws DatabaseException if it cannot be reached or refuses the login
   */
  public static JdbcPool jdbc(Database database) {
    return OPEN.computeIfAbsent(database, JdbcPool::new);
  }

  /** The pool of a Redis server. It connects when somebody borrows. */
  public static RedisPool redis(RedisServer server) {
    return REDIS.computeIfAbsent(server, RedisPool::new);
  }

  private static void close() {
    OPEN.values().forEach(JdbcPool::close);
    REDIS.values().forEach(RedisPool::close);
  }
}
