package io.millrace.tests.torture;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Relay;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A broker, a database and a folder.
 *
 * @param wayToBroker on which jobs come to the broker
 * @param way on which jobs come to the database
 */
record Lab(LocalBroker broker, Relay wayToBroker, LocalPostgres postgres, Relay way, Path folder)
    implements AutoCloseable {

  static Lab start() throws IOException {
    Path folder = Files.createTempDirectory("millrace-torture-");
    Relay wayToBroker = Relay.open();
    LocalBroker broker =
        LocalBroker.startBehind(wayToBroker, Files.createDirectories(folder.resolve("broker")));
    try {
      LocalPostgres postgres =
          LocalPostgres.start(Files.createDirectories(folder.resolve("postgres")));
      return new Lab(
          broker,
          wayToBroker,
          postgres,
          Relay.to(URI.create(postgres.url().substring(5)).getPort()),
          folder);
    } catch (RuntimeException e) {
      broker.close();
      throw e;
    }
  }

  /** A job of its own, with its topic. */
  Trial trial(String name, String text) throws IOException {
    broker.createTopic(name, Workload.PARTITIONS);
    broker.createTopic(KafkaTable.topic(name, Part.ROWS), 1);
    broker.createTopic(KafkaTable.topic(name, Part.WINDOWS), 1);
    return new Trial(
        name,
        text,
        Files.createDirectories(folder.resolve(name)),
        broker.servers(),
        "localhost:" + wayToBroker.port(),
        "jdbc:postgresql://localhost:" + way.port() + "/postgres",
        postgres.url(),
        postgres.user());
  }

  void restartDatabase() {
    postgres.crash();
    postgres.restart();
  }

  @Override
  public void close() {
    way.close();
    wayToBroker.close();
    postgres.close();
    broker.close();
  }

  /** Deletes what is left of all trials. */
  void clean() {
    Folders.delete(folder);
  }
}
