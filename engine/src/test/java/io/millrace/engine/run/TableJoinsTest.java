package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.StaticTable;
import io.millrace.engine.source.MemoryRows;
import io.millrace.engine.source.MemorySource;
import io.millrace.engine.spec.Position;
import io.millrace.engine.testing.Sessions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.SparkPlan;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.jdk.javaapi.CollectionConverters;

class TableJoinsTest {
  private static final String PAID =
      """
      select * from values (1, 'ada'), (2, 'eve'), (3, 'zoe'), (4, null), (5, 'ada')
        as paid(id, customer)
      """;

  private final SparkSession spark = Sessions.spark().newSession();
  private final String name = UUID.randomUUID().toString();
  private final MemoryRows rows = MemoryRows.named(name);

  @TempDir Path folder = Path.of("");
  private Tables tables = Tables.unread();

  @BeforeEach
  void setUp() {
    spark.conf().set("spark.sql.adaptive.enabled", "false");
    tables = Tables.of(spark, folder.toString());
    add("ada", "uk", 1);
    add("ada", "us", 2);
    add("eve", null, 3);
    add(null, "fr", 4);
    Plan.Input input =
        new Plan.Input(
            "customers",
            Position.JAVA,
            new MemorySource(
                new MemorySource.Settings(name, "customer string, country string, tier int")),
            Optional.empty(),
            Optional.empty(),
            Optional.of(new StaticTable(Optional.of("on-change"), Optional.empty())));
    tables.frame(spark, input).createOrReplaceTempView("customers");
    Dataset<Row> paid = spark.sql(PAID);
    Catalyst.frame(spark, paid.queryExecution().toRdd(), paid.schema())
        .createOrReplaceTempView("paid");
    tables.start(-1);
  }

  @AfterEach
  void tearDown() {
    tables.close();
    spark.sparkContext().setLocalProperty("streaming.sql.batchId", null);
  }

  private void add(@Nullable String customer, @Nullable String country, int tier) {
    rows.add(RowFactory.create(customer, country, tier));
  }

  private Dataset<Row> batch(long number, String query) {
    BatchNumber.set(spark.sparkContext(), number);
    return spark.sql(query);
  }

  private static List<String> texts(Dataset<Row> rows) {
    return rows.collectAsList().stream().map(Row::toString).sorted().toList();
  }

  /** What the joins of a frame, which has run, broadcast of static tables. */
  private static List<Broadcast<?>> kept(Dataset<Row> rows) {
    List<Broadcast<?>> found = new ArrayList<>();
    kept(rows.queryExecution().executedPlan(), found);
    return found;
  }

  private static void kept(SparkPlan plan, List<Broadcast<?>> found) {
    if (plan instanceof KeptBroadcastExec exec) {
      found.add(exec.doExecuteBroadcast());
    }
    CollectionConverters.asJava(plan.children()).forEach(child -> kept(child, found));
  }

  private Broadcast<?> after(long number) {
    Dataset<Row> joined = batch(number, "select * from paid left join customers using (customer)");
    assertThat(joined.count()).isEqualTo(7);
    assertThat(kept(joined)).hasSize(1);
    return kept(joined).get(0);
  }

  @Test
  void oneBroadcastServesAllBatchesThatSeeTheSameRows() {
    Broadcast<?> first = after(0);
    assertThat(after(1).id()).isEqualTo(first.id());
    assertThat(after(2).id()).isEqualTo(first.id());

    add("max", "de", 5);
    Broadcast<?> second = after(3);
    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(first.isValid()).isFalse();

    tables.close();
    assertThat(second.isValid()).isFalse();
  }

  @Test
  void oneThatNoBatchAsksForIsClosed() {
    Broadcast<?> all = after(0);
    String some = "select id from paid join customers using (customer) where tier < %d";
    Dataset<Row> one = batch(1, some.formatted(2));
    assertThat(texts(one)).containsExactly("[1]", "[5]");
    Broadcast<?> few = kept(one).get(0);
    assertThat(all.isValid()).isTrue();

    Dataset<Row> two = batch(2, some.formatted(3));
    assertThat(texts(two)).containsExactly("[1]", "[1]", "[5]", "[5]");
    assertThat(all.isValid()).isFalse();
    assertThat(few.isValid()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * from paid left join %s as t using (customer)",
        "select * from paid join %s as t using (customer)",
        "select * from paid join %s as t on paid.customer = t.customer and t.tier > id",
        "select * from paid left join %s as t on paid.id = cast(t.tier as bigint)",
        "select * from paid left join %s as t on paid.customer <=> t.customer",
        "select * from paid left semi join %s as t using (customer)",
        "select * from paid left anti join %s as t using (customer)",
        "select * from paid where customer not in (select customer from %s where tier < 4)",
        "select * from %s as t right join paid using (customer)",
        "select * from paid left join %s as t on paid.id < t.tier",
        "select * from paid left join (select a.customer, b.tier from %1$s as a join %1$s as b on"
            + " a.tier = b.tier + 1) using (customer)"
      })
  void aJoinGivesWhatSparkGives(String query) {
    Dataset<Row> ours = batch(0, query.formatted("customers"));
    String values =
        "(select * from values ('ada', 'uk', 1), ('ada', 'us', 2), ('eve', null, 3), (null, 'fr',"
            + " 4) as v(customer, country, tier))";

    assertThat(texts(ours)).isEqualTo(texts(spark.sql(query.formatted(values))));
    assertThat(kept(ours)).isNotEmpty();
  }

  @Test
  void whatIsTooLargeIsLeftToSpark() {
    spark.conf().set("spark.sql.autoBroadcastJoinThreshold", "-1");
    Dataset<Row> joined = batch(0, "select * from paid left join customers using (customer)");

    assertThat(joined.count()).isEqualTo(7);
    assertThat(kept(joined)).isEmpty();
  }

  @Test
  void whatIsAnotherInEachBatchIsLeftToSpark() {
    for (String side :
        List.of(
            "select customer, rand() as r from customers",
            "select customer from customers union all select 'max'",
            "select customer from customers where tier < (select max(id) from paid)")) {
      Dataset<Row> joined =
          batch(0, "select * from paid left join (" + side + ") using (customer)");
      assertThat(joined.count()).as(side).isEqualTo(7);
      assertThat(kept(joined)).as(side).isEmpty();
    }
  }
}
