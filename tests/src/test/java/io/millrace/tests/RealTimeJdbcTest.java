package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RefusedStartException;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import io.millrace.engine.testing.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows that a job hands on to PostgreSQL as they come, each of them once. */
class RealTimeJdbcTest {
  /** How often the job is killed; -Drealtime.kills=50 is the long form. */
  private static final int KILLS = Integer.getInteger("realtime.kills", 2);

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final String JOB =
      """
      job: ${ID}
      checkpoint: ${HOME}/checkpoints
      sources:
        - name: orders
          kafka: {servers: "${KAFKA}", topics: ["${ID}"]}
          decode: {json: "id string not null, price double"}
      steps:
        - {name: items, sql: "select id, explode(array('a', 'b', 'c')) as item from orders where price > 0"}
      dead-letters: drop
      sinks:
        - name: out
          jdbc: {url: "${DB}", user: "${USER}", table: "${ID}"}
          trigger: {realtime: 5s}
      """;

  private final String id = "rj" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("realtime");
  private final Random chance = new Random(5);
  private final Map<String, String> variables =
      Map.of(
          "HOME",
          home.toString(),
          "ID",
          id,
          "KAFKA",
          servers(),
          "DB",
          LocalPostgres.shared().url(),
          "USER",
          LocalPostgres.shared().user());

  private static String servers() {
    return LocalBroker.shared().servers();
  }

  @BeforeEach
  void topicAndTable() throws SQLException {
    LocalBroker.shared().createTopic(id, 2);
    execute("create table " + id + " (id text, item text)");
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = LocalPostgres.shared().connection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private List<String> rows() throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = LocalPostgres.shared().connection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select id || item from " + id)) {
      while (row.next()) {
        rows.add(row.getString(1));
      }
    }
    return rows.stream().sorted().toList();
  }

  private RunningJob launch() {
    return new Launcher(Sessions.spark()).launch(Jobs.plan(JOB, variables));
  }

  private void orders(int from, int to) {
    Topics.write(
        servers(),
        id,
        IntStream.range(from, to)
            .mapToObj(n -> "{\"id\":\"%06d\",\"price\":%d}".formatted(n, n % 7))
            .toArray(String[]::new));
  }

  /** What must be there, by plain Java. */
  private static List<String> expected(int orders) {
    return IntStream.range(0, orders)
        .filter(n -> n % 7 > 0)
        .boxed()
        .flatMap(n -> List.of("a", "b", "c").stream().map(item -> "%06d%s".formatted(n, item)))
        .toList();
  }

  private List<String> await(int orders) throws SQLException, InterruptedException {
    int size = expected(orders).size();
    long end = System.nanoTime() + PATIENCE.toNanos();
    List<String> now = rows();
    while (now.size() < size && System.nanoTime() < end) {
      assertThat(now.size() % 3).as("rows of one record come together").isZero();
      Thread.sleep(10);
      now = rows();
    }
    return now;
  }

  private void untilABatchEnds() throws InterruptedException {
    Path commits = home.resolve("checkpoints/orders/commits/0");
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!Files.exists(commits)) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(20);
    }
  }

  @Test
  void rowsComeOnceOverStopsAndEndsOfBatches() throws Exception {
    orders(0, 100);
    try (RunningJob job = launch()) {
      assertThat(await(100)).isEqualTo(expected(100));
      orders(100, 150);
      assertThat(await(150)).isEqualTo(expected(150));
      untilABatchEnds();
      orders(150, 200);
      assertThat(await(200)).isEqualTo(expected(200));
      assertThat(Objects.requireNonNull(job.queries().get("orders")).isActive()).isTrue();
    }
    try (RunningJob job = launch()) {
      orders(200, 250);
      assertThat(await(250)).isEqualTo(expected(250));
      assertThat(Objects.requireNonNull(job.queries().get("orders")).isActive()).isTrue();
    }
  }

  @Test
  void theClockEndsABatchWhileMoreRecordsAreThere() throws Exception {
    String slow = JOB.replace("price > 0", "price > 0 and sha2(repeat(id, 100000), 512) <> ''");
    int orders = 8_000;
    orders(0, orders);
    try (RunningJob job = new Launcher(Sessions.spark()).launch(Jobs.plan(slow, variables))) {
      untilABatchEnds();
      job.close();
    }
    assertThat(rows()).hasSizeLessThan(expected(orders).size());

    try (RunningJob job = launch()) {
      assertOnce(orders);
      assertThat(Objects.requireNonNull(job.queries().get("orders")).isActive()).isTrue();
    }
  }

  @Test
  void aTableThatWentBackInTimeIsRefused() throws Exception {
    orders(0, 50);
    try (RunningJob job = launch()) {
      assertThat(await(50)).hasSize(expected(50).size());
      job.close();
    }
    execute("update millrace_offsets set next = next - 1 where next > 0 and job = '" + id + "'");

    List<String> reasons =
        catchThrowableOfType(RefusedStartException.class, () -> launch().close()).reasons();
    assertThat(reasons).hasSize(1);
    assertThat(reasons.get(0))
        .startsWith("Cannot start query 'orders': sink 'out' went back in time. It has rows up to")
        .endsWith("}. Put its newer state back");

    execute("delete from millrace_offsets where job = '" + id + "'");
    assertThat(catchThrowableOfType(RefusedStartException.class, () -> launch().close()).reasons())
        .singleElement()
        .asString()
        .startsWith("Cannot start query 'orders': sink 'out' knows no offsets of this job");
  }

  @Test
  void aLaterStartFencesTheOneThatRuns() throws Exception {
    try (RunningJob job = launch()) {
      orders(0, 20);
      assertThat(await(20)).hasSize(expected(20).size());
      execute("update millrace_offsets set epoch = epoch + 1 where job = '" + id + "'");
      orders(20, 40);

      assertThatThrownBy(job::await)
          .isInstanceOf(JobFailedException.class)
          .hasMessageContaining("fenced by a later start or writer, this start has epoch 1");
    }
    assertThat(rows()).isEqualTo(expected(20));
  }

  @Test
  void aRowThatTheTableRefusesStopsTheJob() throws Exception {
    execute("alter table " + id + " add check (id <> '000003')");
    try (RunningJob job = launch()) {
      orders(3, 4);

      assertThatThrownBy(job::await)
          .isInstanceOf(JobFailedException.class)
          .hasMessageContaining("Cannot write to the table " + id)
          .hasMessageContaining("violates check constraint");
    }
  }

  @Test
  void leavesEachRowOnceHoweverOftenItIsKilled() throws Exception {
    int orders = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      try (JobProcess job = JobProcess.run(home, JOB, variables)) {
        int before = rows().size();
        int from = orders;
        Thread load =
            new Thread(
                () -> {
                  for (int at = from; at < from + 2_000; at += 20) {
                    orders(at, at + 20);
                  }
                });
        load.start();
        job.until(() -> size() > before + 600);
        boolean ended = job.process().waitFor(chance.nextInt(400), TimeUnit.MILLISECONDS);
        assertThat(ended).as("killed while it runs").isFalse();
        job.close();
        load.join();
        orders += 2_000;
      }
    }
    try (RunningJob job = launch()) {
      assertOnce(orders);
      assertThat(Objects.requireNonNull(job.queries().get("orders")).isActive()).isTrue();
    }
  }

  private void assertOnce(int orders) throws SQLException, InterruptedException {
    List<String> there = await(orders);
    assertThat(without(expected(orders), there)).as("lost").isEmpty();
    assertThat(without(there, expected(orders))).as("there too often").isEmpty();
  }

  /** What the first list has more often than the second. */
  private static List<String> without(List<String> rows, List<String> others) {
    Map<String, Integer> count = new HashMap<>();
    others.forEach(row -> count.merge(row, 1, Integer::sum));
    return rows.stream().filter(row -> count.merge(row, -1, Integer::sum) < 0).toList();
  }

  private int size() {
    try {
      return rows().size();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
