package io.millrace.engine.run;

import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.Sessions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class RowPathTest {
  private static final StructType SCHEMA =
      StructType.fromDDL("id bigint, item string, price double, at struct<x: int, y: int>");
  private static final List<Row> ROWS =
      List.of(
          RowFactory.create(1L, "lamp", 10.0, RowFactory.create(1, 2)),
          RowFactory.create(2L, "desk", 200.0, RowFactory.create(3, 4)),
          RowFactory.create(3L, null, null, null));

  @Test
  void projectsAndFiltersAsTheFrameDoes() {
    same(rows -> rows.where("price > 5").select("item", "price"));
    same(
        rows ->
            rows.selectExpr("id * 2 as twice", "at.y as y").where("y is not null or twice > 5"));
    same(rows -> rows.withColumnRenamed("item", "what").where("what like 'l%'"));
    same(rows -> rows.selectExpr("coalesce(item, 'none') as item", "to_json(at) as at"));
    same(rows -> rows);
  }

  @Test
  void readsOnlyTheColumnsThatItNeeds() {
    RowPath path = path(rows -> rows.where("price > 5").select("item")).orElseThrow();

    assertThat(path.reads()).containsExactlyInAnyOrder("price", "item");
  }

  @Test
  void worksOverATrunkThatHasOnlyTheseColumns() {
    RowPath path =
        path(rows -> rows.where("price > 5").select("item"))
            .orElseThrow()
            .over(Set.of("price", "item"));

    assertThat(through(path, table().select("item", "price"))).containsExactly("[lamp]", "[desk]");
  }

  @Test
  void leavesWhatIsNoProjectionOrFilterToTheKeptFrame() {
    assertThat(path(rows -> rows.groupBy("item").count())).isEmpty();
    assertThat(path(rows -> rows.selectExpr("explode(array(id, id)) as id"))).isEmpty();
    assertThat(path(rows -> rows.where("id in (select max(id) from range(3))"))).isEmpty();
  }

  @Test
  void leavesTheClockToTheBatch() {
    assertThat(path(rows -> rows.select(expr("current_timestamp()")))).isEmpty();
    assertThat(path(rows -> rows.where("current_date() > date'2020-01-01'"))).isEmpty();
  }

  @Test
  void drawsAFreshNumberForEachRow() {
    RowPath path = path(rows -> rows.selectExpr("rand() as r")).orElseThrow();

    assertThat(through(path, table())).hasSize(3).doesNotHaveDuplicates();
  }

  private static void same(UnaryOperator<Dataset<Row>> branch) {
    RowPath path = path(branch).orElseThrow();
    Dataset<Row> input =
        table()
            .select(
                path.reads().stream()
                    .map(Frames::quoted)
                    .toArray(org.apache.spark.sql.Column[]::new));
    List<String> expected =
        branch.apply(table()).collectAsList().stream().map(Row::toString).toList();

    RowPath slim = path.over(path.reads());
    List<String> columns = new ArrayList<>(path.reads());
    assertThat(through(slim, input.selectExpr(inOrder(columns)))).isEqualTo(expected);
  }

  /** A pruned trunk keeps the order of its columns. */
  private static String[] inOrder(List<String> columns) {
    return List.of(SCHEMA.fieldNames()).stream().filter(columns::contains).toArray(String[]::new);
  }

  private static List<String> through(RowPath path, Dataset<Row> rows) {
    List<String> out = new ArrayList<>();
    Consumer<InternalRow> next =
        row ->
            out.add(
                String.valueOf(CatalystTypeConverters.convertToScala(row.copy(), path.output())));
    Consumer<InternalRow> first = path.open(0, next);
    rows.queryExecution().toRdd().toJavaRDD().map(InternalRow::copy).collect().forEach(first);
    return out;
  }

  private static Dataset<Row> table() {
    return Sessions.spark().createDataFrame(ROWS, SCHEMA);
  }

  private static Optional<RowPath> path(UnaryOperator<Dataset<Row>> branch) {
    SparkSession spark = Sessions.spark();
    Dataset<Row> built =
        branch.apply(Catalyst.frame(spark, spark.sparkContext().emptyRDD(Catalyst.ROW), SCHEMA));
    return RowPath.of(
        built.queryExecution().analyzed(), built.queryExecution().optimizedPlan(), built.schema());
  }
}
