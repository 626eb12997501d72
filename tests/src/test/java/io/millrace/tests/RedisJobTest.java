package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RefusedStartException;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.source.MemoryRows;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalRedis;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.memory.MemorySink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol;

/** Jobs over a Redis that goes away, forgets, or has something else under a key. */
class RedisJobTest {
  private static LocalRedis redis;

  private final String id = "r" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("redis-job");
  private final MemoryRows rows = MemoryRows.named(id);

  @BeforeAll
  static void start() {
    redis = LocalRedis.start(Folders.temporary("redis-jobs"));
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  private Plan plan(String trigger) {
    return Jobs.plan(
        """
        job: ${ID}
        checkpoint: ${HOME}/checkpoints
        sources:
          - {name: orders, memory: {name: "${ID}", schema: "id string"}}
        dead-letters: {memory: "letters_${ID}"}
        sinks:
          - name: cache
            redis: {url: "${REDIS}", keys: [id], prefix: "${ID}:", form: json}
            write: upsert
            trigger: ${TRIGGER}
        """,
        Map.of("ID", id, "HOME", home.toString(), "REDIS", redis.url(0), "TRIGGER", trigger));
  }

  private void add(int from, int to) {
    rows.add(
        IntStream.range(from, to).mapToObj(n -> RowFactory.create("o" + n)).toArray(Row[]::new));
  }

  private static Object ask(Protocol.Command command, String... words) {
    try (Connection connection = new Connection("127.0.0.1", redis.port())) {
      connection.sendCommand(command, words);
      return connection.getOne();
    }
  }

  private int keys() {
    return ((List<?>) ask(Protocol.Command.KEYS, id + ":*")).size();
  }

  @Test
  void goesOnByItselfWhenTheServerIsBack() {
    Jobs.Delivered delivered = new Jobs.Delivered();
    Plan plan = plan("200ms");
    assertThat(plan.output("cache").guarantee()).isEqualTo(Guarantee.ONCE_PER_KEY);
    try (RunningJob job = new Launcher(Sessions.spark(), delivered, List.of()).launch(plan)) {
      add(0, 5);
      until(job, delivered, 5);
      redis.kill();
      add(5, 9);
      assertThat(job.await(Duration.ofSeconds(2))).isFalse();
      redis.restart();
      until(job, delivered, 9);
    }
    assertThat(keys()).isEqualTo(9);
  }

  private static void until(RunningJob job, Jobs.Delivered delivered, long count) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (delivered.rows().getOrDefault("cache", 0L) < count && System.nanoTime() < end) {
      assertThat(job.await(Duration.ofMillis(50))).isFalse();
    }
    assertThat(delivered.rows().get("cache")).isEqualTo(count);
  }

  @Test
  void refusesAServerThatLostItsKeysUntilThatIsAdopted() {
    add(0, 3);
    Jobs.run(plan("available-now"));
    ask(Protocol.Command.FLUSHALL);
    add(3, 5);

    assertThat(
            catchThrowableOfType(RefusedStartException.class, () -> run(Launcher.Start.CHECKED))
                .reasons())
        .singleElement()
        .asString()
        .contains(
            "'cache' knows nothing of this job, but the checkpoint", "that it has batches up to 0");
    assertThat(keys()).isZero();

    run(Launcher.Start.ADOPTING);
    assertThat(keys()).isEqualTo(2);
    add(5, 6);
    run(Launcher.Start.CHECKED);
    assertThat(keys()).isEqualTo(3);
  }

  private void run(Launcher.Start start) {
    try (RunningJob job = new Launcher(Sessions.spark()).launch(plan("available-now"), start)) {
      job.await();
    }
  }

  @Test
  void makesARowWhoseKeyIsSomethingElseADeadLetter() {
    ask(Protocol.Command.RPUSH, id + ":o1", "a list");
    add(0, 3);

    assertThat(Jobs.run(plan("available-now"))).isEqualTo(Map.of("cache", 2L, "dead_letters", 1L));
    assertThat(MemorySink.rows("letters_" + id))
        .singleElement()
        .satisfies(
            letter ->
                assertThat(letter.mkString(" "))
                    .contains("cache wrong_type key " + id + ":o1 is there and no string"));
  }
}
