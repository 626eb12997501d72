package io.millrace.jobs.trial;

import io.millrace.engine.decode.DebeziumDecoder;
import io.millrace.engine.decode.JsonDecoder;
import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.plan.Planner;
import io.millrace.engine.source.MemoryRows;
import io.millrace.engine.source.MemorySource;
import io.millrace.engine.spec.DeadLetterSpec;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.PartSpec;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spec.SinkSpec;
import io.millrace.engine.spec.SourceSpec;
import io.millrace.engine.spec.TestSpec;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spec.Tree.Field;
import io.millrace.engine.spec.Tree.Fields;
import io.millrace.engine.spec.Tree.Leaf;
import io.millrace.engine.spec.TriggerSpec;
import io.millrace.engine.spec.Word;
import io.millrace.engine.spi.Step;
import io.millrace.engine.step.WatermarkByHand;
import io.millrace.engine.step.WatermarkStep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A job as a test runs it: the same steps between sources and sinks in memory, each run over what
 * is there.
 */
final class Rehearsal {
  private static final String BEATS = "beat timestamp";
  private static final String MEMORY = "memory";

  private final JobSpec job;
  private final Plan sound;
  private final TestSpec test;
  private final Catalog catalog;
  private final String id;

  /**
   * A job that is sound.
   *
   * @param id tells its rows from all others of the JVM
   */
  Rehearsal(JobSpec job, Plan sound, TestSpec test, Catalog catalog, String id) {
    this.job = job;
    this.sound = sound;
    this.test = test;
    this.catalog = catalog;
    this.id = id;
  }

  /** How rows of a source are given: as payloads of its decoder, or with these columns. */
  record Entry(MemoryRows rows, Optional<StructType> columns) {}

  /** Where rows of a source are put. */
  Entry source(String name) {
    return new Entry(MemoryRows.named(id + "/" + name), columns(sound.input(name)));
  }

  /** Where times are put that move the watermarks. */
  MemoryRows beats(String node) {
    return MemoryRows.named(beatsOf(node));
  }

  private String beatsOf(String node) {
    return id + "/beats/" + node;
  }

  /** What a sink got. */
  Arrived arrived(String target) {
    return new Arrived(id + "/" + target);
  }

  /** JSON payloads are decoded as the job decodes them; other sources give what is decoded. */
  private Optional<StructType> columns(Plan.Input input) {
    if (payloads(input)) {
      return Optional.empty();
    }
    Optional<StructType> decoded =
        input.decoder().isPresent() ? input.decoder().get().known() : input.source().schema();
    if (decoded.isEmpty() && input.fixed()) {
      return Optional.of(GivenColumns.of(job, test, input.name()));
    }
    if (decoded.isEmpty()) {
      throw new IllegalStateException(
          "Cannot test with rows of source "
              + input.name()
              + ": its columns are known only when it is opened");
    }
    return Optional.of(
        new StructType(
            Arrays.stream(decoded.get().fields())
                .filter(column -> !column.name().startsWith("_"))
                .map(Literals::nullable)
                .toArray(StructField[]::new)));
  }

  private static boolean payloads(Plan.Input input) {
    return input
        .decoder()
        .filter(decoder -> decoder instanceof JsonDecoder || decoder instanceof DebeziumDecoder)
        .isPresent();
  }

  /**
   * The plan.
   *
   * @param checkpoint an empty folder
   */
  Plan plan(String checkpoint) {
    List<SinkSpec> steps = new ArrayList<>();
    for (TestSpec.Rows expected : test.expect()) {
      if (isStep(expected.name().text())) {
        steps.add(shown(expected.name(), checkpoint));
      }
    }
    return byHand(new Planner(catalog).plan(inMemory(checkpoint, steps)));
  }

  private boolean isStep(String name) {
    return sink(name).isEmpty()
        && job.steps().stream().anyMatch(step -> step.name().text().equals(name));
  }

  /** What comes out of a step, when it is closed if the step can tell, else as it changes. */
  private SinkSpec shown(Word step, String checkpoint) {
    SinkSpec closed = sink(step, step, Optional.empty(), Optional.empty());
    Findings findings = new Findings();
    new Planner(catalog).plan(inMemory(checkpoint, List.of(closed)), findings);
    return findings.isEmpty()
        ? closed
        : sink(step, step, Optional.empty(), Optional.of(new Word("update", step.at())));
  }

  private JobSpec inMemory(String checkpoint, List<SinkSpec> more) {
    Map<String, Word> spark = new LinkedHashMap<>();
    spark.put("spark.sql.shuffle.partitions", new Word("1", Position.JAVA));
    spark.putAll(job.spark());
    List<SinkSpec> sinks = new ArrayList<>();
    job.sinks()
        .forEach(each -> sinks.add(sink(each.name(), each.from(), each.when(), each.mode())));
    sinks.addAll(more);
    return new JobSpec(
        job.name(),
        job.folder(),
        job.about(),
        spark,
        Optional.of(new Word(checkpoint, Position.JAVA)),
        Optional.empty(),
        job.audit(),
        job.sources().stream().map(this::source).toList(),
        job.steps(),
        job.deadLetters()
            .map(
                letters ->
                    new DeadLetterSpec(
                        letters.at(),
                        Optional.of(Replaced.memory(TestSpec.DEAD_LETTERS, letters.at())),
                        Optional.empty(),
                        Optional.empty())),
        sinks,
        List.of());
  }

  private SourceSpec source(SourceSpec given) {
    String name = given.name().text();
    Optional<StructType> columns = columns(sound.input(name));
    Map<String, Field> settings = new LinkedHashMap<>();
    settings.put("name", field(id + "/" + name, given.part().at()));
    settings.put(
        "schema", field(columns.map(StructType::toDDL).orElse("value string"), given.part().at()));
    return new SourceSpec(
        given.name(),
        new PartSpec(MEMORY, given.part().at(), new Fields(given.part().at(), settings)),
        given.decode().filter(decode -> columns.isEmpty()),
        given.watermark(),
        given.fixed());
  }

  private SinkSpec sink(Word name, Word from, Optional<Leaf> when, Optional<Word> mode) {
    return new SinkSpec(
        name,
        Replaced.memory(name.text(), name.at()),
        from,
        when,
        mode,
        Optional.empty(),
        Optional.empty(),
        Optional.of(new TriggerSpec(new Word("available-now", name.at()), Optional.empty())));
  }

  private static Field field(String text, Position at) {
    return new Field(at, leaf(text, at));
  }

  private static Leaf leaf(String text, Position at) {
    return new Leaf(at, text, text, Tree.Type.TEXT, at);
  }

  /** The same with watermarks that the test moves, and with sinks that it reads. */
  private Plan byHand(Plan plan) {
    return new Plan(
        plan.job(),
        plan.ledger(),
        plan.spark(),
        plan.checkpoint(),
        plan.inputs().stream().map(this::byHand).toList(),
        plan.stages().stream().map(this::byHand).toList(),
        plan.outputs().stream().map(output -> read(output, output.name())).toList(),
        plan.deadLetters().map(output -> read(output, TestSpec.DEAD_LETTERS)),
        plan.queries(),
        plan.modes(),
        plan.audit());
  }

  private Plan.Input byHand(Plan.Input input) {
    return new Plan.Input(
        input.name(),
        input.at(),
        input.source(),
        input.decoder(),
        input.watermark().map(step -> byHand(input.name(), step)),
        input.table());
  }

  private Plan.Stage byHand(Plan.Stage stage) {
    return new Plan.Stage(
        stage.name(), stage.at(), byHand(stage.name(), stage.step()), stage.from(), stage.when());
  }

  private Step byHand(String node, Step step) {
    return step instanceof WatermarkStep watermark
        ? new WatermarkByHand(
            watermark,
            () ->
                new MemorySource(new MemorySource.Settings(beatsOf(node), BEATS))
                    .open(SparkSession.active())
                    .queryExecution()
                    .analyzed())
        : step;
  }

  private Plan.Output read(Plan.Output output, String target) {
    return new Plan.Output(
        output.name(),
        output.at(),
        arrived(target),
        output.from(),
        output.when(),
        output.how(),
        output.guarantee(),
        output.trigger());
  }

  /** The watermarks of a plan by the names of what sets them. */
  static Map<String, WatermarkByHand> watermarks(Plan plan) {
    Map<String, WatermarkByHand> all = new LinkedHashMap<>();
    plan.inputs()
        .forEach(input -> input.watermark().ifPresent(step -> add(all, input.name(), step)));
    plan.stages().forEach(stage -> add(all, stage.name(), stage.step()));
    return all;
  }

  private static void add(Map<String, WatermarkByHand> all, String node, Step step) {
    if (step instanceof WatermarkByHand watermark) {
      all.put(node, watermark);
    }
  }

  /** The keys by which a sink replaces rows; empty where it adds each row. */
  List<String> keys(String target) {
    return sink(target)
        .filter(sink -> sink.write().map(Word::text).filter("upsert"::equals).isPresent())
        .flatMap(sink -> keys(sink.part().settings()))
        .orElse(List.of());
  }

  private Optional<SinkSpec> sink(String name) {
    return job.sinks().stream().filter(sink -> sink.name().text().equals(name)).findFirst();
  }

  private static Optional<List<String>> keys(Tree settings) {
    return settings instanceof Fields fields
            && fields.fields().get("keys") != null
            && fields.fields().get("keys").value() instanceof Tree.Items items
        ? Optional.of(
            items.items().stream()
                .filter(Leaf.class::isInstance)
                .map(item -> ((Leaf) item).text())
                .toList())
        : Optional.empty();
  }

  /** How a sink writes, where a test cannot tell what it has then. */
  Optional<String> beyond(String target) {
    return sink(target)
        .flatMap(SinkSpec::write)
        .map(Word::text)
        .filter(write -> write.equals("merge") || write.equals("delete"));
  }

  /** The step that a sink reads. */
  String from(String target) {
    return sound.output(target).from();
  }
}
