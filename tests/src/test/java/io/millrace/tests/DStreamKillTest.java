package io.millrace.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalPostgres;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * A job of DStreams that the system kills while it works, and that recovers from its checkpoint.
 */
class DStreamKillTest {
  private static final int FILES = 10;
  private static final int LINES = 40;

  private static final String JOB =
      """
      job: ${ID}
      checkpoint: ${HOME}/checkpoint
      engine: dstream
      sources:
        - name: lines
          files: {path: "${HOME}/in", format: text, max-files-per-batch: 2}
        - name: typed
          socket: {host: 127.0.0.1, port: ${PORT}}
      steps:
        - from: lines
          sql: select value, cast(split(value, ' ')[0] as int) as key from lines
        - name: totals
          update-state: {by: [key], aggregate: {lines: count(1)}, unbounded: true}
      sinks:
        - name: rows
          from: sql
          jdbc: {url: "${DB}", user: "${DB_USER}", table: "${ID}_rows"}
          trigger: 500ms
        - name: totals
          from: totals
          jdbc: {url: "${DB}", user: "${DB_USER}", table: "${ID}_totals", keys: [key]}
          mode: update
          write: upsert
          trigger: 500ms
        - name: words
          from: typed
          jdbc: {url: "${DB}", user: "${DB_USER}", table: "${ID}_words"}
          trigger: 500ms
      """;

  private final String id = "k" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("dstream-kill");
  private final Random chance = new Random(5);

  private Map<String, String> variables(Typist typist) {
    return Map.of(
        "ID", id,
        "HOME", home.toString(),
        "PORT", Integer.toString(typist.port()),
        "DB", LocalPostgres.shared().url(),
        "DB_USER", LocalPostgres.shared().user());
  }

  @Test
  void countsEachLineOnceThoughItIsKilledInBetween() throws Exception {
    try (Typist typist = new Typist()) {
      countsEachLineOnce(variables(typist), typist);
    }
  }

  private void countsEachLineOnce(Map<String, String> variables, Typist typist) throws Exception {
    Path in = Files.createDirectories(home.resolve("in"));
    for (int file = 0; file < FILES; file++) {
      StringBuilder text = new StringBuilder();
      for (int line = 0; line < LINES; line++) {
        text.append(line % 7).append(' ').append(file).append(' ').append(line).append('\n');
      }
      Files.writeString(in.resolve("%02d.txt".formatted(file)), text);
    }
    try (JobProcess job = JobProcess.run(home, JOB, variables)) {
      job.until(() -> counted() >= FILES * LINES / 4 && words() > 0);
      assertThat(job.process().waitFor(chance.nextInt(500), TimeUnit.MILLISECONDS)).isFalse();
    }
    assertThat(counted()).as("killed before it was done").isLessThan(FILES * LINES);
    long before = words();
    try (JobProcess job = JobProcess.run(home, JOB, variables)) {
      job.until(() -> counted() == FILES * LINES && number("count(*)", "_rows") == FILES * LINES);
      // What the second start reads of the socket is there in full.
      String second = "value like '2 %' and cast(split_part(value, ' ', 2) as int)";
      long typed = typist.typed();
      job.until(() -> number("count(*)", "_words where " + second + " <= " + typed) == typed);
    }
    assertThat(typist.connections()).as("each start has connected anew").isEqualTo(2);
    assertThat(number("count(*)", "_words where value like '1 %'")).isGreaterThanOrEqualTo(before);
    assertThat(number("count(*)", "_words")).isEqualTo(number("count(distinct value)", "_words"));

    assertThat(number("count(distinct value)", "_rows")).isEqualTo(FILES * LINES);
    for (int key = 0; key < 7; key++) {
      assertThat(number("max(lines)", "_totals where key = " + key))
          .isEqualTo(number("count(*)", "_rows where key = " + key));
    }
  }

  /** Types a line every few milliseconds to whoever connects: the connection and a number. */
  private static final class Typist implements AutoCloseable {
    private final ServerSocket server;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong typed = new AtomicLong();

    Typist() throws IOException {
      server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      Thread typing = new Thread(this::type, "typist");
      typing.setDaemon(true);
      typing.start();
    }

    private void type() {
      while (!server.isClosed()) {
        try (Socket socket = server.accept();
            PrintWriter out = new PrintWriter(socket.getOutputStream(), true, UTF_8)) {
          int connection = connections.incrementAndGet();
          typed.set(0);
          while (!out.checkError() && !server.isClosed()) {
            out.println(connection + " " + typed.incrementAndGet());
            Thread.sleep(20);
          }
        } catch (IOException killed) {
          // So was the job, or the test is over: the next one may connect.
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    int port() {
      return server.getLocalPort();
    }

    int connections() {
      return connections.get();
    }

    /** How many lines the last one who connected was sent. */
    long typed() {
      return typed.get();
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }

  private long words() {
    return exists("words") ? number("count(*)", "_words") : 0;
  }

  private long counted() {
    return exists("totals") ? number("coalesce(sum(lines), 0)", "_totals") : 0;
  }

  private boolean exists(String table) {
    return LocalPostgres.shared()
            .number("select count(*) from pg_tables where tablename = '" + id + "_" + table + "'")
        == 1;
  }

  private long number(String what, String rows) {
    return LocalPostgres.shared().number("select " + what + " from " + id + rows);
  }
}
