package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.DeadLetters;
import io.millrace.engine.run.DeadLetters.Filter;
import io.millrace.engine.run.Drive;
import io.millrace.engine.run.Drives;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LineFolder;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import io.millrace.engine.testing.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dead letters that go through their job again. */
class DriveTest {
  private static final LocalPostgres DATABASE =
      LocalPostgres.shared().createDatabase("drive" + System.nanoTime());

  private static final String JOB =
      """
      job: ${ID}
      checkpoint: ${HOME}/checkpoints
      sources:
        - name: lines
          kafka: {servers: "${KAFKA}", topics: ["${ID}"]}
          decode: {json: "SCHEMA"}
          watermark: {time: at, delay: 1m}
      steps:
        - {name: small, from: lines, validate: [{rule: below, that: n < MOST}]}
        - {name: placed, sql: "select n, at, _source.offset as pos, _source.timestamp as came from small"}
        - {name: either, sql: "select n from small union all select n from lines"}
        - {name: minutes, from: small, window: {time: at, every: 1m, aggregate: {rows: count(*)}}}
      dead-letters: {jdbc: {url: "${DB}", user: "${DB_USER}", table: "${ID}_dead"}, limit: {share: 90%}}
      sinks:
        - {name: everything, from: lines, jdbc: {url: "${DB}", user: "${DB_USER}", table: "${ID}_all"}, trigger: available-now}
        - {name: table, from: placed, jdbc: {url: "${DB}", user: "${DB_USER}", table: "${ID}"}, trigger: available-now}
      """;
  private static final String MORE =
      """
        - {name: windows, from: minutes, jdbc: {url: "${DB}", user: "${DB_USER}", table: "${ID}_windows"}, trigger: available-now}
        - {name: both, from: either, jdbc: {url: "${DB}", user: "${DB_USER}", table: "${ID}_both"}, trigger: available-now}
      """;

  private static final String LINES =
      """
      job: ${ID}
      checkpoint: ${HOME}/CHECKPOINTS
      sources:
        - name: lines
          files: {path: "${HOME}/in", format: text}
          decode: {json: "n int not null"}
      steps:
        - {name: small, validate: [{rule: below, that: n < MOST}]}
      dead-letters: TARGET
      sinks:
        - {name: table, from: small, jdbc: {url: "${DB}", user: "${DB_USER}", table: "${ID}"}, trigger: available-now}
      """;
  private static final String JDBC_DEAD =
      "{jdbc: {url: \"${DB}\", user: \"${DB_USER}\", table: \"${ID}_dead\"}}";
  private static final String DELTA_DEAD = "{delta: {path: \"${HOME}/dead\"}}";

  private final String id = "d" + UUID.randomUUID().toString().substring(0, 8);
  private final Path home = Folders.temporary("drive");

  private Plan plan(String at, int most, String more) {
    return Jobs.plan(
        JOB.replace("SCHEMA", "n int not null, at " + at).replace("MOST", Integer.toString(most))
            + more,
        variables());
  }

  private static String lines(String checkpoints, String letters) {
    return LINES.replace("CHECKPOINTS", checkpoints).replace("TARGET", letters);
  }

  private Map<String, String> variables() {
    return Map.of(
        "HOME", home.toString(),
        "ID", id,
        "KAFKA", LocalBroker.shared().servers(),
        "DB", DATABASE.url(),
        "DB_USER", DATABASE.user());
  }

  /** One row without its time, one above the limit, one that the table refuses. */
  private Plan refuse(String more) throws Exception {
    DATABASE.execute(
        "create table %s (n int check (n <> 7), at timestamptz, pos bigint, came timestamptz)"
            .formatted(id));
    LocalBroker.shared().createTopic(id, 1);
    Topics.write(
        LocalBroker.shared().servers(), id, row("1"), "{\"n\": 2}", row("30"), row("7"), row("4"));
    Plan plan = plan("timestamp not null", 10, more);
    Jobs.run(plan);
    assertThat(open(plan)).containsExactly("lines lines 1", "lines small 1", "lines table 1");
    assertThat(numbers()).containsExactly("1 0", "4 4");
    return plan;
  }

  private Plan mended() {
    DATABASE.execute("alter table " + id + " drop constraint " + id + "_n_check");
    return plan("timestamp", 100, "");
  }

  private static String row(String number) {
    return "{\"n\": %s, \"at\": \"2026-01-01T00:00:00Z\"}".formatted(number);
  }

  @Test
  void takesEachRowOnceToTheSinksThatLackIt() throws Exception {
    refuse("");
    Plan plan = mended();
    Drives drives = new Drives(Sessions.spark(), plan);
    Drive drive = drives.begin(Filter.ALL, Set.of()).orElseThrow();
    assertThat(drive.groups())
        .containsExactly(
            new Drive.Group("lines", "lines", List.of("everything", "table"), 1, false),
            new Drive.Group("lines", "small", List.of("table"), 1, false),
            new Drive.Group("lines", "table", List.of("table"), 1, true));
    drives.plans(drive).forEach(Jobs::run);

    Drives again = new Drives(Sessions.spark(), plan);
    assertThat(again.underWay()).as("it was killed before it could end").contains(drive);
    Jobs.forget(home.resolve("checkpoints/drives/" + drive.id() + "/0"), "lines", 0);
    again.plans(drive).forEach(Jobs::run);
    again.end(drive);

    assertThat(again.underWay()).isEmpty();
    assertThat(again.begin(Filter.ALL, Set.of())).isEmpty();
    assertThat(open(plan)).isEmpty();
    assertThat(numbers()).containsExactly("1 0", "2 1", "30 2", "4 4", "7 3");
    assertThat(DATABASE.read("select count(*) from %s where came is null".formatted(id)))
        .as("coordinates are those of the row's own record")
        .containsExactly("0");
    assertThat(DATABASE.read("select n from %s_all order by n".formatted(id)))
        .containsExactly("1", "2", "4", "7", "30");
  }

  /** Coordinates of a file are those of all its lines. */
  @Test
  void takesEachLineOfAFileAlsoWhereTheyAreAlike() throws Exception {
    String lines = lines("checkpoints", JDBC_DEAD);
    new LineFolder(Files.createDirectories(home.resolve("in")).toString())
        .add("{\"n\": 30}", "{\"n\": 30}", "{\"n\": 40}", "{\"n\": 1}");
    Jobs.run(Jobs.plan(lines.replace("MOST", "10"), variables()));
    Plan mended = Jobs.plan(lines.replace("MOST", "100"), variables());

    Drives drives = new Drives(Sessions.spark(), mended);
    Drive drive = drives.begin(Filter.ALL, Set.of()).orElseThrow();
    drives.plans(drive).forEach(Jobs::run);
    drives.end(drive);

    assertThat(open(mended)).isEmpty();
    assertThat(DATABASE.read("select n from " + id + " order by n"))
        .containsExactly("1", "30", "30", "40");
  }

  /** On another machine the job has the same sinks, and another checkpoint folder. */
  @ParameterizedTest
  @ValueSource(strings = {JDBC_DEAD, DELTA_DEAD})
  void isKnownOnAnotherMachine(String target) throws Exception {
    new LineFolder(Files.createDirectories(home.resolve("in")).toString())
        .add("{\"n\": 30}", "{\"n\": 40}", "{\"n\": 1}");
    String here = lines("here", target);
    Jobs.run(Jobs.plan(here.replace("MOST", "10"), variables()));
    Plan mended = Jobs.plan(here.replace("MOST", "100"), variables());
    Plan there = Jobs.plan(lines("there", target).replace("MOST", "100"), variables());

    Drives drives = new Drives(Sessions.spark(), mended);
    Drive drive = drives.begin(Filter.ALL, Set.of()).orElseThrow();
    Drives other = new Drives(Sessions.spark(), there);
    assertThat(other.underWay()).contains(drive);
    assertThat(open(there)).isEmpty();
    assertThat(other.begin(Filter.ALL, Set.of())).as("all letters are taken").isEmpty();
    if (target.contains("jdbc")) {
      assertThatThrownBy(() -> other.plans(drive))
          .hasMessageStartingWith(
              "Cannot go on with the drive %s: its letters were set aside under another checkpoint folder, and are not in %s/there/drives. Go on with it there; or take it back"
                  .formatted(drive.id(), home));
      drives.plans(drive).forEach(Jobs::run);
    } else {
      other.plans(drive).forEach(Jobs::run);
    }
    other.end(drive);

    assertThat(drives.underWay()).isEmpty();
    assertThat(open(mended)).isEmpty();
    assertThat(open(there)).isEmpty();
    assertThat(other.begin(Filter.ALL, Set.of())).isEmpty();
    assertThat(DATABASE.read("select n from " + id + " order by n"))
        .containsExactly("1", "30", "40");
    assertThat(home.resolve("there")).as("nothing was set aside there").doesNotExist();
  }

  @Test
  void makesALetterOfWhatIsRefusedAgain() throws Exception {
    Plan plan = refuse("");
    Drives drives = new Drives(Sessions.spark(), plan);
    Drive drive = drives.begin(Filter.ALL, Set.of("table")).orElseThrow();
    assertThat(open(plan)).as("while it is under way").isEmpty();
    drives.plans(drive).forEach(Jobs::run);
    drives.end(drive);

    assertThat(open(plan)).containsExactly("lines lines 1", "lines small 1", "lines table 1");
    assertThat(numbers()).containsExactly("1 0", "4 4");

    Drive other = drives.begin(Filter.ALL, Set.of("table")).orElseThrow();
    drives.giveUp(other);
    assertThat(open(plan)).hasSize(3);
    assertThat(drives.underWay()).isEmpty();
  }

  @Test
  void refusesSinksThatCannotTakeARowAgain() throws Exception {
    Drives drives = new Drives(Sessions.spark(), refuse(MORE));

    assertThatThrownBy(() -> drives.look(Filter.ALL, Set.of()))
        .hasMessage(
            """
            Cannot drive letters of step lines to sink windows: step minutes keeps state, which has gone on without these rows. Name the sinks that can take them with --sink
            Cannot drive letters of step small to sink windows: step minutes keeps state, which has gone on without these rows. Name the sinks that can take them with --sink\
            """
                .stripIndent());
    assertThatThrownBy(() -> drives.look(Filter.ALL, Set.of("both")))
        .hasMessage(
            "Cannot drive letters of step small to sink both: rows also come to it on a way around"
                + " that step, and are there already. Name other sinks with --sink");
    assertThatThrownBy(() -> drives.look(Filter.ALL, Set.of("tabel")))
        .hasMessage("There is no sink tabel. The job has everything, table, windows, both");
    assertThat(drives.look(Filter.ALL, Set.of("everything")).groups())
        .extracting(Drive.Group::step)
        .containsExactly("lines");
  }

  private static List<String> open(Plan plan) {
    return DeadLetters.of(Sessions.spark(), plan, Filter.ALL).groups().stream()
        .map(group -> "%s %s %d".formatted(group.source(), group.step(), group.letters()))
        .sorted()
        .toList();
  }

  private List<String> numbers() {
    return DATABASE.read("select n || ' ' || pos from " + id + " order by n::text");
  }
}
