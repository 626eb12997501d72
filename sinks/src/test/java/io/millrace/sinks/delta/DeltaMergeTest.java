package io.millrace.sinks.delta;

import static io.millrace.sinks.delta.Given.MERGE;
import static io.millrace.sinks.delta.Given.UPSERT;
import static io.millrace.sinks.delta.Given.batch;
import static io.millrace.sinks.testing.Batches.query;
import static io.millrace.sinks.testing.Batches.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import io.millrace.engine.testing.Sessions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeltaMergeTest {
  private static final String UPSERTS = "keys: [id], order-by: [at]";
  private static final String CHANGES = UPSERTS + ", delete-when: op = 'd', columns: [id, at, v]";

  private final Given given;

  DeltaMergeTest(@TempDir Path folder) {
    this.given = new Given(folder);
  }

  @Test
  void keepsTheNewestRowOfEachKey() {
    Identity who = query();
    DeltaSink sink = given.sink(UPSERTS);
    sink.write(batch(who, UPSERT, 0, "values (1, 5, 'a'), (1, 7, 'b'), (2, 1, 'c') t(id, at, v)"));
    sink.write(
        batch(who, UPSERT, 1, "values (1, 6, 'late'), (2, 2, 'd'), (3, 0, 'e') t(id, at, v)"));
    sink.write(batch(who, UPSERT, 1, "values (1, 9, 'again') t(id, at, v)"));
    sink.write(batch(who, UPSERT, 2, "select 1 id, 9 at, 'none' v where false"));
    sink.write(batch(who, UPSERT, 2, "values (1, 9, 'again') t(id, at, v)"));

    assertThat(given.rows("id", "at", "v")).containsExactly("1 7 b", "2 2 d", "3 0 e");
    assertThat(given.history())
        .filteredOn(row -> row.getAs("operation").equals("MERGE"))
        .extracting(row -> row.<String>getAs("userMetadata"))
        .containsExactly(
            "millrace job=job sink=sink query=query batch=2",
            "millrace job=job sink=sink query=query batch=1",
            "millrace job=job sink=sink query=query batch=0");
    assertThat(sink.held(Sessions.spark(), who).orElseThrow().batch()).isEqualTo(2);
  }

  @Test
  void breaksTiesTheSameWayInOneBatchAndInTwo() {
    DeltaSink sink = given.sink(UPSERTS);
    Identity who = query();
    sink.write(batch(who, UPSERT, 0, "values (1, 5, 'b'), (1, 5, 'a') t(id, at, v)"));
    sink.write(batch(who, UPSERT, 1, "values (1, 5, 'c'), (2, 5, 'b') t(id, at, v)"));
    sink.write(batch(who, UPSERT, 2, "values (1, 5, 'a'), (2, 5, 'a') t(id, at, v)"));

    assertThat(given.rows("id", "v")).containsExactly("1 c", "2 b");
  }

  @Test
  void deletesAndKeepsOlderRowsOutForGood() {
    Identity who = query();
    DeltaSink sink = given.sink(CHANGES);
    String columns = " t(id, at, v, op)";
    sink.write(batch(who, MERGE, 0, "values (1, 5, 'a', 'u'), (2, 5, 'b', 'u')" + columns));
    sink.write(
        batch(who, MERGE, 1, "values (1, 7, '', 'd'), (2, 3, '', 'd'), (3, 9, '', 'd')" + columns));
    assertThat(given.rows("id", "at", "v")).containsExactly("2 5 b");

    sink.write(
        batch(
            who,
            MERGE,
            2,
            "values (1, 6, 'late', 'u'), (1, 7, 'tie', null), (3, 8, 'late', 'u')" + columns));
    assertThat(given.rows("id", "at", "v")).containsExactly("2 5 b");

    sink.write(batch(who, MERGE, 3, "values (1, 8, 'new', 'u'), (3, 9, 'tie', 'u')" + columns));
    assertThat(given.rows("id", "at", "v")).containsExactly("1 8 new", "2 5 b");
    sink.write(batch(who, MERGE, 4, "values (3, 1, 'late', 'u')" + columns));
    assertThat(given.rows("id", "at", "v")).containsExactly("1 8 new", "2 5 b");
  }

  /** However changes are cut into batches and mixed, the newest of each key is what stays. */
  @Test
  void agreesWithPlainJavaInWhateverOrderChangesCome() {
    Random random = new Random(7);
    DeltaSink sink = given.sink(CHANGES);
    Identity who = query();
    Map<Integer, int[]> newest = new TreeMap<>();
    for (int batch = 0; batch < 2; batch++) {
      List<String> rows = new ArrayList<>();
      for (int row = 0; row < 40; row++) {
        int[] change = {
          random.nextInt(12), random.nextInt(40), random.nextInt(9), random.nextInt(3)
        };
        rows.add(
            "(%d, %d, %d, '%s')"
                .formatted(change[0], change[1], change[2], change[3] == 0 ? "d" : "u"));
        newest.merge(change[0], change, DeltaMergeTest::newer);
      }
      String text = rows.stream().collect(Collectors.joining(", ", "values ", " t(id, at, v, op)"));
      sink.write(batch(who, MERGE, batch, text));
    }

    assertThat(given.rows("id", "at", "v"))
        .containsExactlyInAnyOrderElementsOf(
            newest.values().stream()
                .filter(change -> change[3] != 0)
                .map(change -> change[0] + " " + change[1] + " " + change[2])
                .toList());
  }

  private static int[] newer(int[] one, int[] other) {
    if (one[1] != other[1]) {
      return one[1] > other[1] ? one : other;
    }
    if ((one[3] == 0) != (other[3] == 0)) {
      return one[3] == 0 ? one : other;
    }
    return one[2] >= other[2] ? one : other;
  }

  @Test
  void goesOnWhereACrashBetweenDeletesAndTableLeftIt() {
    Identity who = query();
    DeltaSink sink = given.sink(CHANGES);
    sink.write(batch(who, MERGE, 0, "values (1, 5, 'a', 'u') t(id, at, v, op)"));
    Batch deletes = batch(who, MERGE, 1, "values (1, 7, '', 'd') t(id, at, v, op)");
    StructType columns = Changes.only(deletes.rows().schema(), sink.settings().columns());
    Changes changes = Changes.of(sink.settings(), columns, "merge");
    new DeltaDeletes(new DeltaTarget(Sessions.spark(), sink.settings()), changes)
        .add(deletes, changes.read(deletes.rows()), List.of("id"));
    assertThat(given.rows("id")).containsExactly("1");

    sink.write(deletes);
    assertThat(given.rows("id")).isEmpty();
  }

  @Test
  void ofTwoWritersOfABatchOneWritesAndOneDoesNothing() {
    Identity who = query();
    DeltaSink sink = given.sink(UPSERTS);
    sink.write(batch(who, UPSERT, 0, "values (1, 1, 'a') t(id, at, v)"));
    List<Thread> writers = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    for (String value : List.of("b", "c")) {
      Batch rows =
          new Batch(
              who,
              UPSERT,
              1,
              Sessions.spark()
                  .newSession()
                  .sql("select cast(id as int) id, 2 at, '" + value + "' v from range(9)"));
      writers.add(
          new Thread(
              () -> {
                try {
                  sink.write(rows);
                } catch (RuntimeException e) {
                  synchronized (failures) {
                    failures.add(e);
                  }
                }
              }));
    }
    writers.forEach(Thread::start);
    writers.forEach(DeltaMergeTest::join);

    assertThat(given.table().select("v").distinct().where("v <> 'a'").count()).isEqualTo(1);
    assertThat(given.table().count()).isEqualTo(9);
    assertThat(failures)
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .hasMessageStartingWith(
                        "Cannot commit batch 1 of sink sink: fenced by another driver"));
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void leavesNoMarkBehindAndRefusesOneThatIsThere() {
    Identity who = query();
    DeltaSink sink = given.sink(UPSERTS);
    assertThatThrownBy(
            () ->
                sink.write(
                    batch(
                        who,
                        UPSERT,
                        0,
                        "select id, if(id = 1, raise_error('boom'), 1) at from range(3)")))
        .hasStackTraceContaining("boom");
    assertThat(Sessions.spark().conf().contains("spark.databricks.delta.write.txnVersion"))
        .isFalse();
    Sessions.spark().conf().set("spark.databricks.delta.write.txnVersion", 9);
    try {
      assertThatThrownBy(() -> sink.write(batch(who, UPSERT, 0, "select 1L id, 1 at")))
          .hasMessageStartingWith(
              "Cannot merge while spark.databricks.delta.write.txnVersion is set to 9: ");
    } finally {
      Sessions.spark().conf().unset("spark.databricks.delta.write.txnVersion");
    }
  }

  @Test
  void upsertsTheResultsOfAnAggregateByTheirGroup() {
    Writing update = new Writing(Mode.UPDATE, Write.UPSERT);
    Identity who = query();
    DeltaSink sink = given.sink("keys: [id]");
    sink.write(batch(who, update, 0, "values (1, 5), (2, 1) t(id, n)"));
    sink.write(batch(who, update, 1, "values (1, 3), (1, 3) t(id, n)"));

    assertThat(given.rows("id", "n")).containsExactly("1 3", "2 1");
    assertThatThrownBy(() -> sink.write(batch(who, update, 2, "values (1, 3), (1, 4) t(id, n)")))
        .hasMessageStartingWith("Cannot upsert two different rows of one key in one batch");
  }

  @Test
  void comparesRowsWithMapsAndStrangeNames() {
    Identity who = query();
    DeltaSink sink = given.sink("keys: [\"a.b\"], order-by: [\"o`p\"]");
    for (int batch = 0; batch < 2; batch++) {
      sink.write(
          batch(
              who,
              UPSERT,
              batch,
              "select 1 `a.b`, "
                  + batch
                  + " `o``p`, map('k', "
                  + batch
                  + ") m, parse_json('"
                  + batch
                  + "') v"));
    }

    assertThat(given.rows("`a.b`", "`o``p`", "m['k']", "to_json(struct(v))"))
        .containsExactly("1 1 1 {\"v\":1}");
  }

  @Test
  void createsATableOfTheCatalogWithPartitions() {
    DeltaSink sink =
        new DeltaSink(
            Given.settings("{table: merged, keys: [id], order-by: [at], partition-by: [part]}"));
    Identity who = query();
    sink.write(batch(who, UPSERT, 0, "values (1, 1, 'x'), (2, 1, 'x') t(id, at, part)"));
    sink.write(batch(who, UPSERT, 1, "values (1, 2, 'y') t(id, at, part)"));

    assertThat(sql("select * from merged order by id").collectAsList())
        .extracting(Row::toString)
        .containsExactly("[1,2,y]", "[2,1,x]");
  }

  @Test
  void saysWhatARowMayNotBe() {
    Identity who = query();
    assertThatThrownBy(
            () ->
                given
                    .sink(UPSERTS + ", create: never")
                    .write(batch(who, UPSERT, 0, "select 1 id, 1 at")))
        .hasMessage(
            "Cannot find the Delta table "
                + given.path()
                + ". Create it, or use create: if-missing");
    DeltaSink sink = given.sink(UPSERTS);
    assertThatThrownBy(() -> sink.write(batch(who, UPSERT, 0, "select map(1, 2) id, 1 at")))
        .hasMessageStartingWith("Cannot use column id of type MAP<INT, INT> as key column");
    assertThatThrownBy(() -> sink.write(batch(who, UPSERT, 0, "select cast(null as int) id, 1 at")))
        .hasMessage(
            "Cannot upsert a row whose key column id is NULL. Filter such rows before, or choose"
                + " other columns");
    assertThatThrownBy(() -> sink.write(batch(who, UPSERT, 0, "select 1 id, cast(null as int) at")))
        .hasMessageStartingWith("Cannot upsert a row whose order-by column at is NULL. ");
    assertThatThrownBy(() -> sink.write(batch(who, UPSERT, 0, "select 1 id")))
        .hasMessage("Missing column at in the stream, which has id");
  }

  @Test
  void saysWhatItPromisesAndRefuses() {
    Writing update = new Writing(Mode.UPDATE, Write.UPSERT);
    assertThat(given.sink(UPSERTS).guarantee(UPSERT)).isEqualTo(Guarantee.EXACTLY_ONCE);
    assertThat(given.sink(CHANGES).guarantee(MERGE)).isEqualTo(Guarantee.EXACTLY_ONCE);
    assertThat(given.sink("keys: [id]").guarantee(update)).isEqualTo(Guarantee.EXACTLY_ONCE);
    refuses(
        "",
        UPSERT,
        "Missing keys for upsert. Name the columns that identify a row, for example keys: [id]");
    refuses("keys: [id]", UPSERT, "Missing order-by for upsert. ");
    refuses("keys: [id]", MERGE, "Missing order-by for merge. ");
    refuses(CHANGES, UPSERT, "Cannot use delete-when to upsert");
    refuses(UPSERTS + ", options: {a: b}", UPSERT, "Cannot use options to upsert");
    refuses(UPSERTS, new Writing(Mode.APPEND, Write.APPEND), "Cannot use keys to append");
    assertThatThrownBy(() -> given.sink("keys: [id, id]"))
        .hasMessage("Cannot use a column twice in keys: [id, id]");
    assertThatThrownBy(() -> given.sink("keys: [id], columns: [v]"))
        .hasMessage("Missing key column id among columns: v");
    assertThatThrownBy(() -> given.sink("delete-when: op =="))
        .hasMessageStartingWith("Cannot read the condition: Syntax error");
  }

  private void refuses(String settings, Writing how, String sentence) {
    assertThatThrownBy(() -> given.sink(settings).guarantee(how)).hasMessageStartingWith(sentence);
  }
}
