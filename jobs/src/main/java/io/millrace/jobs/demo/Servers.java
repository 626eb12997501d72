package io.millrace.jobs.demo;

import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/** A Kafka broker and a PostgreSQL that start side by side. */
public final class Servers implements AutoCloseable {
  /** The topic that the job writes to. */
  public static final String SCORED = "scored-clicks";

  private static final int PARTITIONS = 2;

  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private final CompletableFuture<LocalBroker> broker;
  private final CompletableFuture<LocalPostgres> postgres;
  private boolean closed;

  private Servers(Path folder) {
    this.broker = begin("kafka", () -> LocalBroker.start(folder.resolve("kafka")));
    this.postgres = begin("postgres", () -> LocalPostgres.start(folder.resolve("postgres")));
  }

  /** Servers on their way; {@link #await} waits for them. */
  public static Servers start(Path folder) {
    return new Servers(folder);
  }

  /**
   * Waits until both are up and the topics are there.
   *
   * @throws IllegalStateException with the reason, if one does not come up
   */
  public void await() {
    try {
      for (Topic topic : Topic.values()) {
        broker.join().createTopic(topic.title(), PARTITIONS);
      }
      broker.join().createTopic(SCORED, PARTITIONS);
      postgres.join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalStateException(String.valueOf(cause.getMessage()), cause);
    }
  }

  /** Where Kafka listens: host and port. */
  public String kafka() {
    return broker.join().servers();
  }

  public LocalPostgres postgres() {
    return postgres.join();
  }

  private <T extends AutoCloseable> CompletableFuture<T> begin(String name, Supplier<T> start) {
    CompletableFuture<T> future = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                future.complete(started(start.get()));
              } catch (RuntimeException e) {
                future.completeExceptionally(e);
              }
            },
            "start-" + name);
    thread.setDaemon(true);
    thread.start();
    return future;
  }

  private synchronized <T extends AutoCloseable> T started(T server) {
    running.push(server);
    if (closed) {
      close();
    }
    return server;
  }

  /** Stops what runs, and what comes up later as soon as it does. */
  @Override
  public synchronized void close() {
    closed = true;
    RuntimeException failure = null;
    while (!running.isEmpty()) {
      try {
        running.pop().close();
      } catch (Exception e) {
        failure = new IllegalStateException("Cannot stop a server: " + e.getMessage(), e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
