package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.dstream.DStreams;
import io.millrace.engine.dstream.RunningDStreams;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.memory.MemorySink;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.StreamBlockId;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

/** Jobs with {@code engine: dstream}, on real streams. */
class DStreamJobTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofMillis(50);

  private static final String JOB =
      """
      job: ${ID}
      checkpoint: ${HOME}/checkpoint
      engine: dstream
      sources:
        - name: orders
          files: {path: "${HOME}/in", format: json, schema: "item string, price double"}
        - name: items
          files: {path: "${HOME}/items", format: csv, schema: "item string, room string"}
          static: true
      steps:
        - name: valid
          from: orders
          validate: [{rule: positive, that: price > 0}]
        - name: placed
          lookup: {table: items, on: [item]}
        - name: rooms
          update-state: {by: [room], aggregate: {orders: count(1), turnover: sum(price), least: min(price)}, unbounded: true}
        - name: dear
          sql: select room, turnover from rooms where turnover > 100
      dead-letters: {memory: "${ID}-dead"}
      sinks:
        - {name: rows, from: placed, memory: "${ID}-rows", trigger: 500ms}
        - {name: changed, from: rooms, memory: "${ID}-changed", mode: update, trigger: 500ms}
        - {name: dearest, from: dear, memory: "${ID}-dear", mode: complete, trigger: 500ms}
      """;

  private final String id = "d" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("dstream");
  private final Map<String, String> variables = Map.of("ID", id, "HOME", home.toString());

  @Test
  void carriesTotalsOnFromWhereItStopped() throws Exception {
    write("items/items.csv", "lamp,hall\ndesk,study\n");
    Path old =
        write(
            "in/old.json",
            order("lamp", 10) + order("desk", 70) + order("lamp", -1) + "no order\n");
    Files.setLastModifiedTime(old, FileTime.from(Instant.parse("2001-01-01T00:00:00Z")));
    try (RunningDStreams job = start(JOB)) {
      until(job, () -> rows("changed").size() == 2);
      until(job, () -> rows("dead").size() == 2);
      write("in/second.json", order("lamp", 5));
      until(job, () -> rows("changed").contains("[hall,2,15.0,5.0]"));
    }
    write("in/third.json", order("desk", 50));
    try (RunningDStreams job = start(JOB)) {
      until(job, () -> rows("changed").size() == 4);
      // The sinks of a batch are written one after the other, and a stop may come between them.
      until(job, () -> rows("rows").size() == 4 && !rows("dear").isEmpty());
    }

    assertThat(rows("changed"))
        .containsExactlyInAnyOrder(
            "[hall,1,10.0,10.0]",
            "[study,1,70.0,70.0]",
            "[hall,2,15.0,5.0]",
            "[study,2,120.0,50.0]");
    assertThat(rows("rows"))
        .containsExactlyInAnyOrder(
            "[lamp,10.0,hall]", "[desk,70.0,study]", "[lamp,5.0,hall]", "[desk,50.0,study]");
    assertThat(rows("dear")).contains("[study,120.0]");
  }

  @Test
  void refusesAJobOfAnotherShapeOnItsCheckpoint() throws Exception {
    write("items/items.csv", "lamp,hall\n");
    write("in/one.json", order("lamp", 10));
    try (RunningDStreams job = start(JOB)) {
      until(job, () -> !rows("changed").isEmpty());
    }

    assertThatThrownBy(() -> start(JOB.replace("least: min", "least: max")))
        .isInstanceOf(JobFailedException.class)
        .hasMessageStartingWith("Cannot go on from the checkpoint " + home)
        .hasMessageContaining("Put them back, or move the folder away to begin anew.");
  }

  @Test
  void slidesWindowsOverItsBatches() throws Exception {
    Files.createDirectories(home.resolve("in"));
    String text =
        """
        job: ${ID}
        checkpoint: ${HOME}/checkpoint
        engine: dstream
        sources:
          - name: lines
            files: {path: "${HOME}/in", format: text, max-files-per-batch: 1}
        steps:
          - window: {time: processed, every: 1s, size: 2s, by: [value], aggregate: {lines: count(1)}}
        sinks:
          - {name: out, memory: "${ID}-out", trigger: 500ms}
        """;
    write("in/a.txt", "x\ny\n");
    write("in/b.txt", "x\n");
    try (RunningDStreams job = start(text)) {
      until(job, () -> lines("x") == 4 && lines("y") == 2);
    }

    assertThat(MemorySink.rows(id + "-out"))
        .as("each line is in two windows of 2 s")
        .allSatisfy(
            window ->
                assertThat(window.getTimestamp(1).getTime() - window.getTimestamp(0).getTime())
                    .isEqualTo(2000));
  }

  private long lines(String value) {
    return MemorySink.rows(id + "-out").stream()
        .filter(window -> window.getString(2).equals(value))
        .mapToLong(window -> window.getLong(3))
        .sum();
  }

  /** A job over the lines that a server sends, with one step. */
  private static String typed(ServerSocket server, String sql) {
    return """
        job: ${ID}
        checkpoint: ${HOME}/checkpoint
        engine: dstream
        sources:
          - name: typed
            socket: {host: 127.0.0.1, port: %d}
            decode: {text: line}
        steps:
          - sql: %s
        dead-letters: drop
        sinks:
          - {name: out, memory: "${ID}-out", trigger: 500ms}
        """
        .formatted(server.getLocalPort(), sql);
  }

  @Test
  void readsLinesOfASocket() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        RunningDStreams job =
            start(typed(server, "select explode(split(line, ' ')) as word from typed"));
        Socket socket = server.accept();
        PrintWriter out = new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8)) {
      out.println("so much depends");
      out.println("upon");
      until(job, () -> rows("out").size() == 4);
      assertThat(job.plan().output("out").guarantee().name()).isEqualTo("NONE");
    }
    assertThat(rows("out")).containsExactlyInAnyOrder("[so]", "[much]", "[depends]", "[upon]");
  }

  @Test
  void rowsBehindABatchThatIsGoneAreNotTakenForIt() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String job = typed(server, "select cast(line as int) as number from typed");
      typing(
          server,
          job,
          (running, out) -> {
            out.println("1");
            until(running, () -> rows("out").size() == 1);
            out.println("two");
            assertThatThrownBy(() -> until(running, () -> false))
                .isInstanceOf(JobFailedException.class)
                .hasMessageStartingWith("Query 'typed' stopped: batch 1");
          });
      loseWhatWasReceived();
      typing(
          server,
          job,
          (running, out) -> {
            out.println("3");
            until(running, () -> rows("out").size() == 2);
            out.println("4");
            until(running, () -> rows("out").size() == 3);
          });
    }
    assertThat(rows("out")).containsExactly("[1]", "[3]", "[4]");
  }

  /** As a process that is killed does. */
  private static void loseWhatWasReceived() {
    BlockManager blocks = SparkEnv.get().blockManager();
    List<BlockId> received =
        List.copyOf(
            CollectionConverters.asJava(
                blocks.getMatchingBlockIds(block -> block instanceof StreamBlockId)));
    assertThat(received).isNotEmpty();
    received.forEach(block -> blocks.removeBlock(block, true));
  }

  private void typing(
      ServerSocket server, String job, BiConsumer<RunningDStreams, PrintWriter> work)
      throws Exception {
    try (RunningDStreams running = start(job);
        Socket socket = server.accept();
        PrintWriter out = new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8)) {
      work.accept(running, out);
    }
  }

  @Test
  void readsTheFilesOfAFailedBatchAgain() throws Exception {
    String text =
        """
        job: ${ID}
        checkpoint: ${HOME}/checkpoint
        engine: dstream
        sources:
          - name: lines
            files: {path: "${HOME}/in", format: text}
        steps:
          - sql: select cast(value as int) as number, current_timestamp() as at from lines
        sinks:
          - {name: out, memory: "${ID}-out", trigger: 500ms}
        """;
    write("in/a.txt", "1\n");
    Path bad = home.resolve("in/b.txt");
    try (RunningDStreams job = start(text)) {
      until(job, () -> rows("out").size() == 1);
      write("in/b.txt", "two\n");
      assertThatThrownBy(() -> until(job, () -> false))
          .isInstanceOf(JobFailedException.class)
          .hasMessageStartingWith("Query 'lines' stopped: batch ");
    }
    Files.writeString(bad, "2\n");
    try (RunningDStreams job = start(text)) {
      until(job, () -> rows("out").size() == 2);
      write("in/c.txt", "3\n");
      until(job, () -> rows("out").size() == 3);
    }
    assertThat(MemorySink.rows(id + "-out"))
        .extracting(row -> row.getInt(0))
        .containsExactly(1, 2, 3);
  }

  private RunningDStreams start(String text) {
    Plan plan = Jobs.plan(text, variables);
    return new DStreams(Sessions.spark(), report -> {}).launch(plan);
  }

  private static void until(RunningDStreams job, BooleanSupplier so) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!so.getAsBoolean()) {
      assertThat(job.await(LOOK)).as("it goes on").isFalse();
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
    }
  }

  private List<String> rows(String sink) {
    return MemorySink.rows(id + "-" + sink).stream().map(Row::toString).toList();
  }

  private static String order(String item, double price) {
    return "{\"item\": \"%s\", \"price\": %s}\n".formatted(item, price);
  }

  /** Puts a file there in one step, as a folder that is read needs it. */
  private Path write(String name, String text) throws IOException {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    Path beside = Files.writeString(Files.createTempFile(home, "new", ".tmp"), text);
    return Files.move(beside, file);
  }
}
