package io.millrace.tests.torture;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One job with its topic, its sinks and its folder.
 *
 * @param job its name, and the name of its topic
 * @param text the job file
 * @param servers of Kafka for those who fill the topic and look
 * @param brokers the same as the job gets them
 * @param database the URL that the job gets
 * @param readers the URL of the same database for those who only look
 */
record Trial(
    String job,
    String text,
    Path folder,
    String servers,
    String brokers,
    String database,
    String readers,
    String user) {

  /** The query whose state closes windows; the others have none. */
  static final String STATEFUL = "per_key";

  /** What the job file refers to. */
  Map<String, String> variables(String trigger) {
    return Map.of(
        "JOB", job,
        "FOLDER", folder.toString(),
        "KAFKA", brokers,
        "TOPIC", job,
        "DB", database,
        "DB_USER", user,
        "TRIGGER", trigger);
  }

  Checkpoint checkpoint() {
    return new Checkpoint(folder.resolve("checkpoint"));
  }

  /** The sinks of a job of {@link Mode#job}. */
  List<Table> tables(List<Mode> modes) {
    List<Table> tables = new ArrayList<>();
    for (Mode mode : modes) {
      tables.add(mode.table(this, Part.ROWS));
      tables.add(mode.table(this, Part.WINDOWS));
    }
    tables.add(modes.get(0).table(this, Part.DEAD_LETTERS));
    return List.copyOf(tables);
  }

  /** Executes a statement in the database, for those who look. */
  void execute(String sql) {
    try (Connection connection = DriverManager.getConnection(readers, user, "");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot execute " + sql, e);
    }
  }
}
