package io.millrace.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.plan.Plan.Trigger;
import io.millrace.engine.spec.Finding;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchSink;
import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.Source;
import io.millrace.engine.spi.Step;
import io.millrace.engine.spi.TextFault;
import io.millrace.engine.spi.Tombstones;
import io.millrace.engine.spi.Transform;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute$;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.apache.spark.sql.catalyst.plans.logical.EventTimeWatermark;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias$;
import org.apache.spark.sql.catalyst.plans.logical.UnresolvedWith;
import org.apache.spark.sql.catalyst.util.IntervalUtils;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import scala.Option;
import scala.Tuple3;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractPartialFunction;

class AnalyzerTest {
  private static final Position AT = new Position("job.yaml", 1, 1);
  private static final String CLICKS =
      "click_id string not null, ad_id string, user_id bigint, price double, clicked_at timestamp";
  private static final String SHOWN = "ad_id string, user_id bigint, shown_at timestamp";

  private final Findings findings = new Findings();
  private final List<Plan.Input> inputs = new ArrayList<>();
  private final List<Plan.Stage> stages = new ArrayList<>();
  private final List<Plan.Output> outputs = new ArrayList<>();

  @Test
  void knowsTheColumnsOfEveryStep() {
    stream("clicks", CLICKS);
    sql("dear", "select ad_id, price * 2 as twice from clicks where price > 1", "clicks");
    sink("out", "dear", Mode.APPEND);

    Analysis analysis = analyze();

    assertThat(findings.list()).isEmpty();
    assertThat(analysis.schema("dear")).contains(StructType.fromDDL("ad_id string, twice double"));
    assertThat(analysis.rows("out")).isEqualTo(analysis.schema("dear"));
    assertThat(analysis.stateful()).isEmpty();
    assertThat(analysis.modes().get("out")).containsExactly(Mode.APPEND, Mode.UPDATE);
  }

  @Test
  void pointsAtAnUnknownColumnAndNamesTheNearest() {
    stream("clicks", CLICKS);
    sql("dear", "select ad_id,\n  pricee * 2 as twice\nfrom clicks", "clicks");

    analyze();

    assertThat(said())
        .containsExactly(
            "text:2:3  steps.dear.sql: Unknown column 'pricee'. Did you mean 'price'?");
  }

  @Test
  void namesAllUnknownColumnsOfAQueryAtOnce() {
    stream("clicks", CLICKS);
    sql("dear", "select pricee, ad_id, nothing_like_it from clicks", "clicks");

    analyze();

    assertThat(said())
        .containsExactly(
            "text:1:8  steps.dear.sql: Unknown column 'pricee'. Did you mean 'price'?",
            "text:1:23  steps.dear.sql: Unknown column 'nothing_like_it'. Known here: click_id,"
                + " ad_id, user_id, price, clicked_at.");
  }

  @Test
  void reportsTheMistakesOfAllStepsAndNothingBehindThem() {
    stream("clicks", CLICKS);
    sql("one", "select adid from clicks", "clicks");
    sql("two", "select usr_id from clicks", "clicks");
    sql("behind", "select whatever from one", "one");
    sink("out", "behind", Mode.APPEND);

    Analysis analysis = analyze();

    assertThat(said())
        .containsExactly(
            "text:1:8  steps.one.sql: Unknown column 'adid'. Did you mean 'ad_id'?",
            "text:1:8  steps.two.sql: Unknown column 'usr_id'. Did you mean 'user_id'?");
    assertThat(analysis.plans().get("behind")).isEmpty();
    assertThat(analysis.modes()).doesNotContainKey("out");
  }

  @Test
  void refusesTypesThatDoNotMatch() {
    stream("clicks", CLICKS);
    sql("odd", "select ad_id from clicks\n where clicked_at > 5.5", "clicks");

    analyze();

    assertThat(said()).hasSize(1);
    assertThat(said().get(0))
        .startsWith("text:2:8  steps.odd.sql: Cannot resolve \"(clicked_at > 5.5)\"")
        .contains("incompatible types (\"TIMESTAMP\" and \"DECIMAL(2,1)\")")
        .doesNotContain("SQLSTATE", "[", "#", ";");
  }

  @Test
  void refusesAFunctionThatIsNotThere() {
    stream("clicks", CLICKS);
    sql("odd", "select uper(ad_id) from clicks", "clicks");

    analyze();

    assertThat(said())
        .containsExactly("text:1:8  steps.odd.sql: Unknown function 'uper'. Did you mean 'upper'?");
  }

  @Test
  void refusesATableThatIsNoPartOfTheJob() {
    stream("clicks", CLICKS);
    sql("odd", "select 1 from orders", "clicks");

    analyze();

    assertThat(said())
        .containsExactly(
            "text:1:15  steps.odd.sql: Unknown table 'orders'. A query reads the sources and steps"
                + " of its job by their names.");
  }

  @Test
  void tellsAColumnOutsideOfTheGroups() {
    table("clicks", CLICKS);
    sql("odd", "select user_id, count(*) from clicks group by ad_id", "clicks");

    analyze();

    assertThat(said())
        .containsExactly(
            "text:1:8  steps.odd.sql: Cannot use 'user_id' beside aggregates: it is not in GROUP"
                + " BY. Add it there, or write any_value(…) around it.");
  }

  @Test
  void ignoresTheCaseOfColumnsAsSparkDoes() {
    stream("clicks", CLICKS);
    sql("upper", "select AD_ID from CLICKS", "clicks");

    analyze();

    assertThat(findings.list()).isEmpty();
  }

  @Test
  void readsSubqueriesAndCommonTableExpressions() {
    stream("clicks", CLICKS);
    table("ads", "ad_id string, owner string");
    sql(
        "mine",
        "with dear as (select * from clicks where price > 1) select d.ad_id, s.owner from dear d"
            + " join (select * from ads where owner is not null) s on s.ad_id = d.ad_id"
            + " where d.price > (select 1.0) and d.ad_id in (select ad_id from ads)",
        "clicks",
        "ads");
    sink("out", "mine", Mode.APPEND);

    Analysis analysis = analyze();

    assertThat(said()).isEmpty();
    assertThat(analysis.schema("mine")).contains(StructType.fromDDL("ad_id string, owner string"));
    assertThat(analysis.stateful()).isEmpty();
  }

  @Test
  void pointsIntoACommonTableExpression() {
    stream("clicks", CLICKS);
    sql("odd", "with dear as (\n  select prise from clicks\n) select * from dear", "clicks");

    analyze();

    assertThat(said())
        .containsExactly("text:2:10  steps.odd.sql: Unknown column 'prise'. Did you mean 'price'?");
  }

  @Test
  void needsAWatermarkBelowAWindow() {
    stream("clicks", CLICKS);
    sql("per_minute", WINDOW, "clicks");
    sink("out", "per_minute", Mode.APPEND);

    Analysis analysis = analyze();

    assertThat(said())
        .containsExactly(
            "job.yaml:1:1  steps.per_minute: Needs a watermark on clicks: without one a window"
                + " never closes. Add watermark: {time: …, delay: …} to it.");
    assertThat(analysis.stateful()).containsExactly("per_minute");
  }

  private static final String WINDOW =
      "select ad_id, window.start as window_start, count(*) as clicks from clicks"
          + " group by ad_id, window(clicked_at, '1 minute')";

  @Test
  void allowsAllModesForAWindowBehindAWatermark() {
    stream("clicks", CLICKS, watermark("clicked_at"));
    sql("per_minute", WINDOW, "clicks");
    sink("out", "per_minute", Mode.UPDATE);

    Analysis analysis = analyze();

    assertThat(said()).isEmpty();
    assertThat(analysis.watermarks("clicks")).containsExactly("clicked_at");
    assertThat(analysis.modes().get("out"))
        .containsExactly(Mode.APPEND, Mode.UPDATE, Mode.COMPLETE);
  }

  @Test
  void refusesGroupsWithoutEndUnlessTheStepAcceptsThem() {
    String counts = "select ad_id, count(*) as clicks from clicks group by ad_id";
    stream("clicks", CLICKS);
    sql("counts", counts, "clicks");
    stages.add(
        new Plan.Stage(
            "accepted", AT, new Unbounded(new Sql(counts)), List.of("clicks"), Optional.empty()));
    sink("all", "counts", Mode.COMPLETE);
    sink("changes", "counts", Mode.UPDATE);
    sink("accepted_changes", "accepted", Mode.UPDATE);

    analyze();

    assertThat(said())
        .containsExactly(
            "job.yaml:1:1  steps.counts: Needs an end for its groups: it keeps every group for"
                + " ever. Group by a window of a column with a watermark, or write it in mode"
                + " complete.");
  }

  @Test
  void refusesCompleteWithoutAnAggregate() {
    stream("clicks", CLICKS);
    sink("out", "clicks", Mode.COMPLETE);

    analyze();

    assertThat(said())
        .containsExactly(
            "job.yaml:1:1  sinks.out.mode: Cannot write 'clicks' in mode complete: it keeps no"
                + " table of results, for it does not aggregate. What works: append, update.");
  }

  @Test
  void refusesSessionsInUpdate() {
    stream("clicks", CLICKS, watermark("clicked_at"));
    sql(
        "sessions",
        "select user_id, count(*) as clicks from clicks"
            + " group by user_id, session_window(clicked_at, '5 minutes')",
        "clicks");
    sink("out", "sessions", Mode.UPDATE);

    analyze();

    assertThat(said())
        .containsExactly(
            "job.yaml:1:1  sinks.out.mode: Cannot write 'sessions' in mode update: a session is"
                + " known only when it is over. What works: append, complete.");
  }

  @Test
  void refusesAJoinOfStreamsInUpdate() {
    stream("clicks", CLICKS, watermark("clicked_at"));
    stream("shown", SHOWN, watermark("shown_at"));
    sql(
        "both",
        JOIN + " and clicked_at between shown_at and shown_at + interval 10 seconds",
        "clicks",
        "shown");
    sink("out", "both", Mode.UPDATE);

    Analysis analysis = analyze();

    assertThat(said())
        .containsExactly(
            "job.yaml:1:1  sinks.out.mode: Cannot write 'both' in mode update: a join of two"
                + " streams gives a row once and never changes it. What works: append.");
    assertThat(analysis.stateful()).containsExactly("both");
  }

  private static final String JOIN =
      "select c.ad_id, clicked_at from clicks c join shown s on c.ad_id = s.ad_id";

  @Test
  void needsABoundForAJoinOfStreams() {
    stream("clicks", CLICKS);
    stream("shown", SHOWN, watermark("shown_at"));
    sql("both", JOIN, "clicks", "shown");
    sink("out", "both", Mode.APPEND);

    analyze();

    assertThat(said())
        .containsExactly(
            "job.yaml:1:1  steps.both: Needs a watermark on both sides and a bound between their"
                + " times: without them it keeps every row for ever. No watermark: clicks.");
  }

  @Test
  void refusesAtTheStepWhatNoModeAllows() {
    stream("clicks", CLICKS);
    sql("sorted", "select * from clicks order by price", "clicks");
    sql("behind", "select ad_id from sorted", "sorted");
    sink("out", "behind", Mode.APPEND);

    analyze();

    assertThat(said())
        .containsExactly(
            "job.yaml:1:1  steps.sorted: Cannot stream 'sorted': a stream can be sorted only behind"
                + " an aggregate, in mode complete.");
  }

  @Test
  void readsTablesInABatchRun() {
    stream("clicks", CLICKS);
    sql("sorted", "select ad_id, count(*) as n from clicks group by ad_id order by n", "clicks");
    sink("out", "sorted", Mode.APPEND);

    Analysis analysis = analyze(Analyzer.Run.BATCH);

    assertThat(said()).isEmpty();
    assertThat(analysis.stateful()).isEmpty();
  }

  @Test
  void saysNothingBehindASourceThatOnlySparkKnows() {
    inputs.add(
        new Plan.Input(
            "clicks",
            AT,
            new Rows(null, false),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()));
    sql("odd", "select whatever from clicks", "clicks");
    sink("out", "odd", Mode.COMPLETE);

    Analysis analysis = analyze();

    assertThat(said()).isEmpty();
    assertThat(analysis.schema("clicks")).isEmpty();
    assertThat(analysis.rows("out")).isEmpty();
  }

  @Test
  void hidesDeadLettersFromStepsThatDoNotKeepThem() {
    inputs.add(
        new Plan.Input(
            "clicks",
            AT,
            new Rows("value binary, _source struct<topic: string>", false),
            Optional.of(new Fields(CLICKS, Tombstones.DEAD_LETTER)),
            Optional.of(watermark("clicked_at")),
            Optional.empty()));
    sql("all_columns", "select * from clicks", "clicks");
    sql("odd", "select _dead from clicks", "clicks");
    sink("out", "clicks", Mode.APPEND);

    Analysis analysis = analyze();

    assertThat(analysis.schema("clicks").orElseThrow().fieldNames())
        .contains(Columns.DEAD, Columns.RAW, Columns.SOURCE);
    assertThat(analysis.schema("all_columns").orElseThrow().fieldNames())
        .containsExactly("click_id", "ad_id", "user_id", "price", "clicked_at", Columns.SOURCE);
    assertThat(analysis.rows("out").orElseThrow().fieldNames())
        .doesNotContain(Columns.DEAD, Columns.RAW);
    assertThat(analysis.watermarks("all_columns")).containsExactly("clicked_at");
    assertThat(said())
        .containsExactly(
            "text:1:8  steps.odd.sql: Unknown column '_dead'. Known here: click_id, ad_id,"
                + " user_id, price, clicked_at, _source.");
  }

  @Test
  void aColumnIsNullInARecordWithoutAValueThatIsKept() {
    for (Tombstones tombstones : Tombstones.values()) {
      inputs.add(
          new Plan.Input(
              tombstones.name(),
              AT,
              new Rows("value binary", false),
              Optional.of(new Fields(CLICKS, tombstones)),
              Optional.empty(),
              Optional.empty()));
    }

    Analysis analysis = analyze();

    assertThat(Tombstones.values())
        .filteredOn(each -> analysis.schema(each.name()).orElseThrow().apply("click_id").nullable())
        .containsExactly(Tombstones.KEEP);
  }

  @Test
  void refusesToDecodeRowsWithoutAPayload() {
    inputs.add(
        new Plan.Input(
            "clicks",
            AT,
            new Rows(CLICKS, false),
            Optional.of(new Fields(CLICKS, Tombstones.DEAD_LETTER)),
            Optional.empty(),
            Optional.empty()));

    analyze();

    assertThat(said())
        .containsExactly(
            "job.yaml:1:1  sources.clicks: Cannot decode 'clicks': its rows have no column"
                + " 'value'. Leave out decode.");
  }

  @Test
  void checksTheConditionsOfStepsAndSinks() {
    stream("clicks", CLICKS);
    stages.add(
        new Plan.Stage(
            "dear",
            AT,
            new Sql("select * from clicks"),
            List.of("clicks"),
            Optional.of("prize > 1")));
    outputs.add(output("out", "clicks", Optional.of("user_id =\n adid"), Mode.APPEND));
    outputs.add(output("odd", "clicks", Optional.of("price >"), Mode.APPEND));
    outputs.add(output("number", "clicks", Optional.of("price + 1"), Mode.APPEND));

    analyze();

    assertThat(said())
        .containsExactlyInAnyOrder(
            "text:1:1  steps.dear.prize > 1: Unknown column 'prize'. Did you mean 'price'?",
            "text:2:2  sinks.out.user_id =\n adid: Unknown column 'adid'. Did you mean 'ad_id'?",
            "text:1:8  sinks.odd.price >: Cannot read this SQL: syntax error at or near end of input.",
            "text:1:1  sinks.number.price + 1: Needs a condition that is true or false: '(price + 1)' is of type DOUBLE.");
  }

  @Test
  void goesOnBehindATransformWhoseColumnsAreKnown() {
    stream("clicks", CLICKS, watermark("clicked_at"));
    sql("per_minute", WINDOW, "clicks");
    stages.add(
        new Plan.Stage("scored", AT, new Score("clicks"), List.of("per_minute"), Optional.empty()));
    sql("odd", "select scor from scored", "scored");
    sink("out", "scored", Mode.APPEND);

    Analysis analysis = analyze();

    assertThat(said())
        .containsExactly("text:1:8  steps.odd.sql: Unknown column 'scor'. Did you mean 'score'?");
    assertThat(analysis.schema("scored").orElseThrow().fieldNames())
        .containsExactly("ad_id", "window_start", "clicks", "score");
    assertThat(analysis.stateful()).containsExactly("per_minute");
    assertThat(analysis.modes().get("out")).contains(Mode.APPEND);
  }

  @Test
  void tellsWhatATransformCannotWorkOn() {
    stream("clicks", CLICKS);
    stages.add(
        new Plan.Stage("scored", AT, new Score("dwell"), List.of("clicks"), Optional.empty()));

    analyze();

    assertThat(said()).containsExactly("job.yaml:1:1  steps.scored: Needs the column 'dwell'.");
  }

  @Test
  void pointsIntoASettingThatCannotBeParsed() {
    stream("clicks", CLICKS);
    stages.add(new Plan.Stage("odd", AT, new Unreadable(), List.of("clicks"), Optional.empty()));

    analyze();

    assertThat(said()).containsExactly("setting:3:7  steps.odd.by: Cannot read 'a b'.");
  }

  @Test
  void takesStepsInAnyOrder() {
    sql("last", "select ad_id from first", "first");
    sql("first", "select * from clicks", "clicks");
    stream("clicks", CLICKS);

    Analysis analysis = analyze();

    assertThat(said()).isEmpty();
    assertThat(analysis.schema("last")).contains(StructType.fromDDL("ad_id string"));
  }

  private Analysis analyze() {
    return analyze(Analyzer.Run.STREAM);
  }

  private Analysis analyze(Analyzer.Run run) {
    Analyzer analyzer = new Analyzer(new Places(), Map.of("spark.sql.session.timeZone", "UTC"));
    return analyzer.analyze(inputs, stages, outputs, run, findings);
  }

  @Test
  void refusesToUpsertWhatAReplayGivesAnew() {
    stream("clicks", CLICKS);
    sql("drawn", "select ad_id, price,\n  price + rand() as bid from clicks", "clicks");
    sql("renamed", "select ad_id, bid * 2 as offer from drawn", "drawn");
    upserts("table", "renamed", Optional.empty());

    analyze();

    assertThat(said())
        .containsExactly(
            "text:2:11  steps.drawn.sql: Cannot upsert column 'offer' of 'renamed' into 'table': rand"
                + " gives another result when a batch comes again. Work it out from the row itself,"
                + " such as by xxhash64 of its key, or write: append.");
  }

  @Test
  void refusesToUpsertRowsThatAReplayChoosesAnew() {
    stream("clicks", CLICKS);
    sql("some", "select ad_id, price from clicks where rand() < 0.1", "clicks");
    sql("dear", "select ad_id, price from clicks", "clicks");
    sql("both", "select * from some union all select * from dear", "some", "dear");
    sql("ids", "select ad_id, price from dear union all select uuid(), price from dear", "dear");
    sql("made", "select explode(array(price, randn())) as price from clicks", "clicks");
    upserts("a", "both", Optional.empty());
    upserts("b", "ids", Optional.empty());
    upserts("c", "made", Optional.empty());
    upserts("d", "dear", Optional.of("rand() < 0.5"));

    analyze();

    assertThat(said())
        .extracting(said -> said.replaceFirst(" gives .*", ""))
        .containsExactlyInAnyOrder(
            "text:1:39  steps.some.sql: Cannot upsert the rows of 'both' into 'a': rand",
            "text:1:48  steps.ids.sql: Cannot upsert column 'ad_id' of 'ids' into 'b': uuid",
            "text:1:29  steps.made.sql: Cannot upsert column 'price' of 'made' into 'c': randn",
            "text:1:1  sinks.d.rand() < 0.5: Cannot upsert the rows of 'dear' into 'd': rand");
  }

  @Test
  void letsThroughWhatAReplayGivesAgain() {
    stream("clicks", CLICKS);
    sql("drawn", "select ad_id, now() as seen, rand() as dice from clicks", "clicks");
    sql(
        "sure",
        "select ad_id, seen, xxhash64(ad_id) as id, input_file_name() f from drawn",
        "drawn");
    upserts("table", "sure", Optional.empty());
    sink("log", "drawn", Mode.APPEND);

    analyze();

    assertThat(said()).isEmpty();
  }

  private List<String> said() {
    return findings.list().stream().map(Finding::toString).toList();
  }

  private void stream(String name, String columns, Step... watermark) {
    inputs.add(
        new Plan.Input(
            name,
            AT,
            new Rows(columns, false),
            Optional.empty(),
            Arrays.stream(watermark).findFirst(),
            Optional.empty()));
  }

  private void table(String name, String columns) {
    inputs.add(
        new Plan.Input(
            name,
            AT,
            new Rows(columns, false),
            Optional.empty(),
            Optional.empty(),
            Optional.of(StaticTable.once())));
  }

  private void sql(String name, String text, String... from) {
    stages.add(new Plan.Stage(name, AT, new Sql(text), List.of(from), Optional.empty()));
  }

  private void sink(String name, String from, Mode mode) {
    outputs.add(output(name, from, Optional.empty(), mode));
  }

  private void upserts(String name, String from, Optional<String> when) {
    outputs.add(output(name, from, when, new Writing(Mode.UPDATE, Write.UPSERT)));
  }

  private static Plan.Output output(String name, String from, Optional<String> when, Mode mode) {
    return output(name, from, when, new Writing(mode, Write.APPEND));
  }

  private static Plan.Output output(String name, String from, Optional<String> when, Writing how) {
    return new Plan.Output(
        name,
        AT,
        new Nowhere(),
        from,
        when,
        how,
        Guarantee.AT_LEAST_ONCE,
        new Trigger.AvailableNow());
  }

  private static Step watermark(String column) {
    return new Watermark(column);
  }

  private static final class Places implements AnalysisPlaces {
    @Override
    public Place of(Part part, String name) {
      return new Place(AT, path(part, name));
    }

    @Override
    public Place inText(Part part, String name, String text, int line, int column) {
      String setting = text.contains("select") ? "sql" : text;
      return new Place(new Position("text", line, column), path(part, name) + "." + setting);
    }

    @Override
    public Place inSetting(Part part, String name, String setting, int line, int column) {
      Position at = setting.equals("mode") ? AT : new Position("setting", line, column);
      return new Place(at, path(part, name) + "." + setting);
    }

    private static String path(Part part, String name) {
      return switch (part) {
            case SOURCE -> "sources.";
            case STEP -> "steps.";
            case SINK -> "sinks.";
          }
          + name;
    }
  }

  private record Rows(@org.jspecify.annotations.Nullable String columns, boolean decodes)
      implements Source {
    @Override
    public Dataset<Row> open(SparkSession spark) {
      throw new AssertionError("An analysis opens nothing.");
    }

    @Override
    public Dataset<Row> read(SparkSession spark) {
      throw new AssertionError("An analysis reads nothing.");
    }

    @Override
    public Optional<StructType> schema() {
      return Optional.ofNullable(columns).map(StructType::fromDDL);
    }
  }

  private record Fields(String columns, Tombstones tombstones) implements Decoder {
    @Override
    public StructType schema() {
      return StructType.fromDDL(columns);
    }

    @Override
    public Column decode(Column payload) {
      throw new AssertionError("An analysis decodes nothing.");
    }
  }

  private record Nowhere() implements BatchSink {
    @Override
    public void write(Batch batch) {
      throw new AssertionError("An analysis writes nothing.");
    }

    @Override
    public Guarantee guarantee(Writing how) {
      return Guarantee.AT_LEAST_ONCE;
    }
  }

  private record Sql(String text) implements Planned {
    @Override
    public LogicalPlan plan(List<Input> inputs) {
      return CatalystSqlParser$.MODULE$
          .parsePlan(text)
          .transformUpWithSubqueries(new Named(inputs));
    }
  }

  private static final class Named extends AbstractPartialFunction<LogicalPlan, LogicalPlan> {
    private final transient List<Planned.Input> inputs;

    private Named(List<Planned.Input> inputs) {
      this.inputs = inputs;
    }

    @Override
    public boolean isDefinedAt(LogicalPlan plan) {
      return plan instanceof UnresolvedWith
          || (plan instanceof UnresolvedRelation relation
              && input(relation).findFirst().isPresent());
    }

    @Override
    public LogicalPlan apply(LogicalPlan plan) {
      if (plan instanceof UnresolvedWith with) {
        return named(with);
      }
      Planned.Input input = input((UnresolvedRelation) plan).findFirst().orElseThrow();
      return SubqueryAlias$.MODULE$.apply(input.name(), input.plan());
    }

    private LogicalPlan named(UnresolvedWith with) {
      List<Tuple3<String, SubqueryAlias, Option<Object>>> named =
          CollectionConverters.asJava(with.cteRelations()).stream()
              .map(
                  one ->
                      new Tuple3<>(
                          one._1(),
                          (SubqueryAlias) one._2().transformUpWithSubqueries(this),
                          one._3()))
              .toList();
      return new UnresolvedWith(
          with.child(), CollectionConverters.asScala(named).toSeq(), with.allowRecursion());
    }

    private Stream<Planned.Input> input(UnresolvedRelation relation) {
      return inputs.stream().filter(input -> input.name().equalsIgnoreCase(relation.name()));
    }
  }

  private record Watermark(String column) implements Planned {
    @Override
    public LogicalPlan plan(List<Input> inputs) {
      return new EventTimeWatermark(
          UUID.randomUUID(),
          UnresolvedAttribute$.MODULE$.quotedString(column),
          IntervalUtils.stringToInterval(UTF8String.fromString("30 seconds")),
          inputs.get(0).plan());
    }

    @Override
    public boolean keepsDead() {
      return true;
    }
  }

  private record Unbounded(Sql sql) implements Planned {
    @Override
    public LogicalPlan plan(List<Input> inputs) {
      return sql.plan(inputs);
    }

    @Override
    public boolean unbounded() {
      return true;
    }
  }

  private record Unreadable() implements Planned {
    @Override
    public LogicalPlan plan(List<Input> inputs) {
      throw new TextFault("by", 3, 7, "Cannot read 'a b'.");
    }
  }

  private record Score(String needs) implements Transform {
    @Override
    public Dataset<Row> apply(Dataset<Row> rows) {
      throw new AssertionError("An analysis runs nothing.");
    }

    @Override
    public Optional<StructType> schema(StructType rows) {
      if (!Arrays.asList(rows.fieldNames()).contains(needs)) {
        throw new IllegalArgumentException("Needs the column '" + needs + "'.");
      }
      return Optional.of(rows.add("score", "double"));
    }
  }
}
