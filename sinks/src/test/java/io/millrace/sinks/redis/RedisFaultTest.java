package io.millrace.sinks.redis;

import static io.millrace.sinks.testing.Batches.UPSERT;
import static io.millrace.sinks.testing.Batches.query;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Fence;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalRedis;
import io.millrace.engine.testing.Relay;
import io.millrace.sinks.pool.RedisException;
import io.millrace.sinks.testing.Batches;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the server's own faults look like, and that a batch gets through them. */
class RedisFaultTest {
  private static final Path FOLDER = Folders.temporary("redis-faults");
  private static final LocalRedis REDIS = LocalRedis.startSecured(FOLDER, "change-me");

  @BeforeAll
  static void users() {
    ask("ACL", "SETUSER", "app", "on", ">word", "~*", "+@all");
    ask("ACL", "SETUSER", "reader", "on", ">word", "~*", "+@read", "+@connection");
  }

  @AfterAll
  static void stop() {
    REDIS.close();
  }

  @BeforeEach
  void empty() {
    ask("FLUSHALL");
  }

  private static @Nullable Object ask(String... words) {
    return Given.ask(REDIS.port(), words);
  }

  private static Dataset<Row> rows() {
    return sql("select 1 id, 'a' v");
  }

  private static void refuses(Given given, boolean passes, String... sentences) {
    assertThatThrownBy(() -> given.sink().start(query(), UPSERT, rows().schema()))
        .isInstanceOfSatisfying(
            RedisException.class, e -> assertThat(e.passes()).as(e.getMessage()).isEqualTo(passes))
        .satisfies(e -> assertThat(e.getMessage()).contains(sentences));
  }

  @Test
  void goesOnAfterTheServerWasKilled() {
    Identity who = query();
    RedisSink sink = Given.at(REDIS.url(0), "id").sink();
    try (Fence<RedisReceipt> fence = sink.start(who, UPSERT, rows().schema())) {
      fence.begin(0);
      List<RedisReceipt> receipts = Batches.tasks(sink, who, UPSERT, 0, rows());
      REDIS.kill();
      assertThatThrownBy(() -> fence.commit(0, receipts))
          .isInstanceOfSatisfying(RedisException.class, e -> assertThat(e.passes()).isTrue())
          .hasMessageContaining("Cannot reach " + REDIS.url(0) + ". Check host, port");
      REDIS.restart();
      users();

      assertThatThrownBy(() -> fence.commit(0, receipts))
          .isInstanceOfSatisfying(RedisException.class, e -> assertThat(e.passes()).isTrue())
          .hasMessageStartingWith("Cannot tell whether all rows of batch 0 of sink sink are there");
      assertThat(fence.last()).isEqualTo(-1);
      fence.begin(0);
      fence.commit(0, Batches.tasks(sink, who, UPSERT, 0, rows()));
      assertThat(fence.last()).isZero();
    }
  }

  @Test
  void readsTheLedgerWhereTheAnswerToACommitWasLost() {
    try (Relay relay = Relay.to(REDIS.port())) {
      RedisSink sink = Given.at("redis://localhost:" + relay.port(), "id").sink();
      try (Fence<RedisReceipt> fence = sink.start(query(), UPSERT, rows().schema())) {
        fence.begin(0);
        relay.loseTheAnswerTo("rows");
        assertThatThrownBy(() -> fence.commit(0, List.of())).isInstanceOf(RedisException.class);
        assertThat(relay.lost()).isTrue();

        assertThat(fence.last()).isZero();
        fence.begin(1);
        fence.commit(1, List.of());
        assertThat(fence.last()).isEqualTo(1);
      }
    }
  }

  @Test
  void waitsWhileTheServerIsFullOrReadOnly() {
    Identity who = query();
    RedisSink sink = Given.at(REDIS.url(0), "id").sink();
    ask("CONFIG", "SET", "maxmemory", "1");
    refuses(Given.at(REDIS.url(0), "id"), true, "Cannot write to", "OOM", "raise maxmemory");
    ask("CONFIG", "SET", "maxmemory", "0");
    try (Fence<RedisReceipt> fence = sink.start(who, UPSERT, rows().schema())) {
      fence.begin(0);
      ask("REPLICAOF", "127.0.0.1", "1");
      try {
        assertThatThrownBy(() -> Batches.tasks(sink, who, UPSERT, 0, rows()))
            .hasStackTraceContaining("READONLY")
            .hasStackTraceContaining("Name the primary server in url");
      } finally {
        ask("REPLICAOF", "NO", "ONE");
      }
    }
  }

  @Test
  void saysWhoMayNotLogInOrWrite() {
    Given.at(REDIS.url(0), "id")
        .login("app", "word")
        .sink()
        .start(query(), UPSERT, rows().schema())
        .close();

    refuses(
        Given.at(REDIS.url(0), "id").login("app", "wrong"),
        true,
        "Cannot log in to " + REDIS.url(0) + " as app. Check user and password: WRONGPASS");
    refuses(
        Given.at(REDIS.url(0), "id").login("reader", "word"),
        false,
        "Cannot do that in " + REDIS.url(0) + " as reader: NOPERM",
        "Grant it to the user");
    refuses(Given.at(REDIS.url(99), "id"), false, "Cannot find database 99 in");
    refuses(Given.at("redis://localhost:1", "id"), true, "Cannot reach redis://localhost:1.");
    refuses(Given.at("redis://no.such.host.invalid", "id"), true, "no.such.host.invalid");
    assertThat(Given.at(REDIS.url(0), "id").login("app", "hidden").sink().toString())
        .doesNotContain("hidden");
  }

  @Test
  void verifiesTheCertificateOfTheServer() {
    String url = "rediss://localhost:" + REDIS.securedPort();
    String authority = FOLDER.resolve("authority.pem").toString();
    Batches.run(Given.at(url, "id").trusting(authority).sink(), query(), UPSERT, 0, rows());
    assertThat(ask("HGET", "1", "v")).isEqualTo("a");

    refuses(Given.at(url, "id"), false, "Cannot connect to " + url + " by TLS: ");
    refuses(
        Given.at("rediss://127.0.0.1:" + REDIS.securedPort(), "id").trusting(authority),
        false,
        "by TLS: No subject alternative names matching IP address 127.0.0.1 found");
    ask(
        "CONFIG",
        "SET",
        "tls-cert-file",
        FOLDER.resolve("expired.crt").toString(),
        "tls-key-file",
        FOLDER.resolve("expired.key").toString());
    refuses(Given.at(url + "/1", "id").trusting(authority), false, "the certificate has expired");
    RedisSink nobody = Given.at(url, "id").trusting("/no/such.pem").sink();
    assertThatThrownBy(() -> nobody.start(query(), UPSERT, rows().schema()))
        .hasMessage(
            "Cannot read the truststore /no/such.pem: there is no such file. Check its path");
  }
}
