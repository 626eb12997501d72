package io.millrace.tests.torture;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A broker and a database that nobody torments, and a folder. */
record Lab(LocalBroker broker, LocalPostgres postgres, Path folder) implements AutoCloseable {

  static Lab start() throws IOException {
    Path folder = Files.createTempDirectory("millrace-torture-");
    LocalBroker broker = LocalBroker.start(Files.createDirectories(folder.resolve("broker")));
    try {
      return new Lab(
          broker, LocalPostgres.start(Files.createDirectories(folder.resolve("postgres"))), folder);
    } catch (RuntimeException e) {
      broker.close();
      throw e;
    }
  }

  /** A job of its own, with its topic. */
  Trial trial(String name, String text) throws IOException {
    broker.createTopic(name, Workload.PARTITIONS);
    return new Trial(
        name,
        text,
        Files.createDirectories(folder.resolve(name)),
        broker.servers(),
        postgres.url(),
        postgres.user());
  }

  @Override
  public void close() {
    postgres.close();
    broker.close();
  }

  /** Deletes what is left of all trials. */
  void clean() {
    Folders.delete(folder);
  }
}
