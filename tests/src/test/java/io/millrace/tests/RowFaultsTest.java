package io.millrace.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.DeadLetters;
import io.millrace.engine.run.DeadLetters.Filter;
import io.millrace.engine.run.DeadLetters.Letter;
import io.millrace.engine.run.Drive;
import io.millrace.engine.run.Drives;
import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LineFolder;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole jobs in which a table refuses some rows. */
class RowFaultsTest {
  private static final LocalPostgres DATABASE =
      LocalPostgres.shared().createDatabase("rows" + System.nanoTime());

  private static final String JOB =
      """
      job: ${ID}
      checkpoint: ${HOME}/checkpoints
      sources:
        - name: lines
          files: {path: "${HOME}/in", format: text}
          decode: {json: "id int not null, v int"}
      steps:
        - {name: orders, from: lines, sql: "select id, v from lines"}
      %s
      sinks:
        - {name: table, from: orders, jdbc: {url: "${DB}", user: "${DB_USER}", table: "${ID}"%s}, trigger: available-now}
      """;

  private final String id = "r" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("rows");
  private final Map<String, String> variables =
      Map.of(
          "HOME", home.toString(),
          "ID", id,
          "KAFKA", LocalBroker.shared().servers(),
          "DB", DATABASE.url(),
          "DB_USER", DATABASE.user());

  @BeforeEach
  void create() throws Exception {
    Files.createDirectories(home.resolve("in"));
    DATABASE.execute("create table " + id + " (id int primary key, v int check (v >= 0))");
  }

  private Plan plan(String dead, String... more) {
    return Jobs.plan(JOB.formatted(dead, String.join("", more)), variables);
  }

  private static String to(String target) {
    return "dead-letters: " + target;
  }

  /** Rows of which each that is a multiple of ten is faulty, and one line that is no JSON. */
  private void add(int from, int to) throws IOException {
    List<String> lines =
        new ArrayList<>(
            IntStream.range(from, to)
                .mapToObj(n -> "{\"id\": %d, \"v\": %d}".formatted(n, n % 10 == 0 ? -1 : n))
                .toList());
    lines.add("broken" + from);
    new LineFolder(home.resolve("in").toString()).add(lines.toArray(String[]::new));
  }

  private static List<String> letters(Plan plan) {
    return DeadLetters.of(Sessions.spark(), plan, Filter.ALL).newest(1000).stream()
        .map(
            letter ->
                "%s %s %s %d %s"
                    .formatted(
                        letter.source(),
                        letter.step(),
                        letter.rule(),
                        letter.batch(),
                        new String(Objects.requireNonNull(letter.raw()), UTF_8)))
        .sorted()
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{delta: {path: \"${HOME}/dead\"}}",
        "{files: {path: \"${HOME}/dead\", format: json}}",
        "{jdbc: {url: \"${DB}\", user: \"${DB_USER}\", table: \"dead_${ID}\"}}",
        "{kafka: {servers: \"${KAFKA}\", topic: \"${ID}\"}}",
      })
  void makesARowThatTheTableRefusesADeadLetter(String target) throws Exception {
    LocalBroker.shared().createTopic(id, 1);
    Plan plan = plan(to(target));
    add(1, 25);
    assertThat(Jobs.run(plan)).isEqualTo(Map.of("table", 22L, "dead_letters", 3L));
    add(25, 35);
    assertThat(Jobs.run(plan)).isEqualTo(Map.of("table", 9L, "dead_letters", 2L));

    assertThat(letters(plan))
        .containsExactly(
            "lines lines decode 0 broken1",
            "lines lines decode 1 broken25",
            "lines table check_violation_23514 0 {\"id\": 10, \"v\": -1}",
            "lines table check_violation_23514 0 {\"id\": 20, \"v\": -1}",
            "lines table check_violation_23514 1 {\"id\": 30, \"v\": -1}");
    assertThat(DATABASE.read("select count(*) || ' ' || min(v) from " + id))
        .containsExactly("31 1");
  }

  /**
   * Refused as they are copied, or moved from where they wait: inline, in a stage, by their keys.
   */
  @ParameterizedTest
  @ValueSource(strings = {"", ", keys: [id]", ", form: staged", ", form: staged, keys: [id]"})
  void tellsTheRecordThatARefusedRowWasReadFrom(String form) throws Exception {
    Plan plan =
        plan(to("{jdbc: {url: \"${DB}\", user: \"${DB_USER}\", table: \"dead_${ID}\"}}"), form);
    new LineFolder(home.resolve("in").toString())
        .add(
            IntStream.range(0, 6000)
                .mapToObj(n -> "{\"v\": %d,  \"id\": %d}".formatted(n % 2500 == 1700 ? -1 : 1, n))
                .toArray(String[]::new));
    Jobs.run(plan);

    List<Letter> letters = DeadLetters.of(Sessions.spark(), plan, Filter.ALL).newest(10);
    assertThat(letters)
        .extracting(letter -> new String(Objects.requireNonNull(letter.raw()), UTF_8))
        .containsExactlyInAnyOrder("{\"v\": -1,  \"id\": 1700}", "{\"v\": -1,  \"id\": 4200}");
    assertThat(letters)
        .allSatisfy(
            letter -> {
              String raw = new String(Objects.requireNonNull(letter.raw()), UTF_8);
              assertThat(letter.row())
                  .isEqualTo(
                      "{\"id\":%s,\"v\":-1}".formatted(raw.replaceAll("[^0-9]*-1[^0-9]*|}", "")));
              assertThat(letter.coordinates()).contains("\"file\":", "timestamp");
              assertThat(letter.attempt()).hasSize(36);
            });
    assertThat(DeadLetters.of(Sessions.spark(), plan, rule("check_violation_23514")).newest(10))
        .hasSize(2);
    assertThat(DeadLetters.of(Sessions.spark(), plan, rule("other")).newest(10)).isEmpty();
  }

  private static Filter rule(String name) {
    return new Filter(
        Optional.empty(),
        Optional.of("table"),
        Optional.of(name),
        Optional.of(Instant.now().minusSeconds(3600)),
        Optional.empty());
  }

  /** One record may become several rows. */
  @Test
  void tellsNoRecordOfARowThatIsNotOneAlone() throws Exception {
    String text =
        JOB.replace("select id, v from lines", "select id, explode(array(v)) as v from lines");
    Plan plan =
        Jobs.plan(
            text.formatted(
                to("{jdbc: {url: \"${DB}\", user: \"${DB_USER}\", table: \"dead_${ID}\"}}"), ""),
            variables);
    new LineFolder(home.resolve("in").toString())
        .add("{\"id\": 1, \"v\": 1}", "{\"id\": 2, \"v\": -1}");
    Jobs.run(plan);

    Letter letter = DeadLetters.of(Sessions.spark(), plan, Filter.ALL).newest(2).get(0);
    assertThat(letter.row()).isEqualTo("{\"id\":2,\"v\":-1}");
    assertThat(letter.coordinates()).isEmpty();
    assertThat(letter.raw()).isNull();
    assertThat(new Drives(Sessions.spark(), plan).look(Filter.ALL, Set.of()).groups())
        .containsExactly(new Drive.Group("lines", "table", List.of("table"), 1, false));
  }

  /** As the version before wrote them: without the record, and without attempt and row. */
  @Test
  void goesOnWithRejectsAndLettersOfBefore() throws Exception {
    Plan plan = plan(to("{jdbc: {url: \"${DB}\", user: \"${DB_USER}\", table: \"dead_${ID}\"}}"));
    add(1, 12);
    Jobs.run(plan);
    DATABASE.execute("alter table dead_%s drop column attempt, drop column \"row\"".formatted(id));
    DATABASE.execute(
        "update dead_%s set raw = '{\"id\":10,\"v\":-1}'::bytea where step = 'table'"
            .formatted(id));
    DATABASE.execute(
        "alter table millrace_rejects drop column coordinates, drop column source_key, drop column"
            + " source_raw");

    assertThat(letters(plan))
        .containsExactly(
            "lines lines decode 0 broken1",
            "lines table check_violation_23514 0 {\"id\":10,\"v\":-1}");
    assertThat(new Drives(Sessions.spark(), plan).look(Filter.ALL, Set.of("table")).groups())
        .contains(new Drive.Group("lines", "table", List.of("table"), 1, false));
    add(20, 22);
    assertThatThrownBy(() -> Jobs.run(plan))
        .hasMessageContaining("Missing column attempt in the table public.dead_" + id);
    DATABASE.execute(
        "alter table dead_%s add column attempt text, add column \"row\" text".formatted(id));
    Jobs.run(plan);
    assertThat(letters(plan)).hasSize(4).last().asString().contains("{\"id\": 20, \"v\": -1}");
  }

  @ParameterizedTest
  @CsvSource({"delta", "jdbc"})
  void forwardsEachRejectOnceHoweverOftenItsBatchComes(String kind) throws Exception {
    String target =
        kind.equals("delta")
            ? "{delta: {path: \"${HOME}/dead\"}}"
            : "{jdbc: {url: \"${DB}\", user: \"${DB_USER}\", table: \"dead_${ID}\"}}";
    Plan plan = plan(to(target), ", form: staged, keys: [id]");
    add(1, 25);
    Jobs.run(plan);
    for (String mark : List.of("now()", "null")) {
      DATABASE.execute(
          "update millrace_rejects set forwarded_at = " + mark + " where job = '" + id + "'");
      Jobs.forget(home.resolve("checkpoints"), "lines", 0);
      Jobs.run(plan);
      assertThat(letters(plan)).hasSize(3);
    }
    assertThat(
            DATABASE.read(
                "select count(forwarded_at) from millrace_rejects where job = '" + id + "'"))
        .containsExactly("2");
    assertThat(DATABASE.read("select count(*) from " + id)).containsExactly("22");
  }

  @Test
  void forwardsWhatAKilledJobLeft() throws Exception {
    String dead = "dead_" + id;
    Plan plan = plan(to("{jdbc: {url: \"${DB}\", user: \"${DB_USER}\", table: \"dead_${ID}\"}}"));
    Jobs.run(plan);
    new LineFolder(home.resolve("in").toString())
        .add("{\"id\": 1, \"v\": 1}", "{\"id\": 2, \"v\": -1}");
    DATABASE.execute(
        "create table if not exists "
            + dead
            + " (job text, query text, batch bigint, time timestamptz, source text, step text,"
            + " rule text, reason text, coordinates text, key bytea, raw bytea,"
            + " attempt text, \"row\" text)");
    try (Connection other = DATABASE.connection()) {
      other.setAutoCommit(false);
      other.createStatement().execute("lock table " + dead + " in share mode");
      killWhenTheBatchIsThere();
    }
    assertThat(DATABASE.read("select count(*) from " + dead)).containsExactly("0");
    assertThat(
            DATABASE.read(
                "select raw from millrace_rejects where job = '"
                    + id
                    + "' and forwarded_at is null"))
        .containsExactly("{\"id\":2,\"v\":-1}");

    Jobs.run(plan);
    assertThat(letters(plan))
        .containsExactly("lines table check_violation_23514 0 {\"id\": 2, \"v\": -1}");
    assertThat(DATABASE.read("select id::text from " + id)).containsExactly("1");
    Jobs.run(plan);
    assertThat(letters(plan)).hasSize(1);
  }

  private void killWhenTheBatchIsThere() throws Exception {
    String text =
        JOB.formatted(
            to("{jdbc: {url: \"${DB}\", user: \"${DB_USER}\", table: \"dead_${ID}\"}}"), "");
    try (JobProcess job = JobProcess.run(home, text, variables)) {
      job.until(() -> !DATABASE.read("select count(*) from " + id).contains("0"));
    }
  }

  @Test
  void dropsAndCountsWhereTheJobDropsDeadLetters() throws Exception {
    add(1, 25);
    assertThat(Jobs.run(plan("dead-letters: drop"))).isEqualTo(Map.of("table", 22L));
    assertThat(DATABASE.read("select count(*) from " + id)).containsExactly("22");
  }

  @Test
  void stopsWhereTheJobSaysNothingOfDeadLetters() throws Exception {
    new LineFolder(home.resolve("in").toString()).add("10");
    String text =
        JOB.formatted("", "")
            .replace("decode: {json: \"id int not null, v int\"}", "")
            .replace("select id, v from lines", "select 1 id, -10 v from lines");
    assertThatThrownBy(() -> Jobs.run(Jobs.plan(text, variables)))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("violates check constraint");
    assertThat(DATABASE.read("select count(*) from " + id)).containsExactly("0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{delta: {path: '${HOME}/dead'}, limit: {rows: 12}} | sink 'table': Cannot go on: sink"
            + " table refuses 13 or more rows of batch 1, the limit of dead-letters is 12 rows. One"
            + " of them: new row for relation",
        "{delta: {path: '${HOME}/dead'}, limit: {share: 9.5%}} | sink 'table': Cannot go on: sink"
            + " table refuses 20 of 200 rows of batch 1, the limit of dead-letters is 9.5%. One of"
            + " them: new row for relation",
        "{delta: {path: '${HOME}/dead'}, limit: {rows: 0}} | Cannot go on: query lines refuses 1 of"
            + " 201 rows of batch 1, the limit of dead-letters is 0 rows. One of them: decode: ",
        "{jdbc: {url: '${DB}', user: '${DB_USER}', table: 'dead_${ID}'}, limit: {rows: 0, share:"
            + " 50%}} | Cannot go on: query lines refuses 1 of 201 rows of batch 1, the limit of"
            + " dead-letters is 0 rows and 50%. ",
      })
  void stopsBeforeABatchOfWhichItRefusesTooMuch(String target, String sentence) throws Exception {
    new LineFolder(home.resolve("in").toString()).add("{\"id\": 1000, \"v\": 1}");
    Jobs.run(plan(to(target)));
    add(1, 201);
    assertThatThrownBy(() -> Jobs.run(plan(to(target))))
        .isInstanceOf(JobFailedException.class)
        .hasMessageStartingWith("Query 'lines' stopped: batch 1")
        .hasMessageContaining(sentence)
        .hasMessageContaining("Nothing of this batch is delivered");
    assertThat(DATABASE.read("select count(*) from " + id)).containsExactly("1");
    Plan more = plan(to(target.replaceFirst("limit: \\{.*?}", "limit: {rows: 100}")));
    if (!sentence.startsWith("sink")) {
      assertThat(letters(more)).isEmpty();
    }
    Jobs.run(more);
    assertThat(DATABASE.read("select count(*) from " + id)).containsExactly("181");
    assertThat(letters(more)).hasSize(21);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{rows: many}  | job.yaml:LINE  dead-letters.limit.rows: Expected a number of rows such as"
            + " 1000, found 'many'",
        "{share: 0.05} | job.yaml:LINE  dead-letters.limit.share: Expected a share such as 5%,"
            + " found '0.05'",
        "{}            | job.yaml:LINE  dead-letters.limit: Missing rows or share. Write limit:"
            + " {rows: 1000, share: 5%}",
        "{row: 3}      | job.yaml:LINE  dead-letters.limit: Unknown key 'row'. Known are rows,"
            + " share. Did you mean 'rows'?",
      })
  void saysWhatALimitIs(String limit, String finding) {
    String text = JOB.formatted(to("{console: {}, limit: " + limit + "}"), "");
    assertThat(Jobs.lint(text, variables))
        .map(each -> each.replaceFirst("[0-9]+:[0-9]+", "LINE"))
        .containsExactly(finding);
  }
}
