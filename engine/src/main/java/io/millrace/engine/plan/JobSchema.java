package io.millrace.engine.plan;

import static io.millrace.engine.plan.ShapeSchema.anyOf;
import static io.millrace.engine.plan.ShapeSchema.closed;
import static io.millrace.engine.plan.ShapeSchema.object;
import static io.millrace.engine.plan.ShapeSchema.pattern;
import static io.millrace.engine.plan.ShapeSchema.words;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.engine.spec.TriggerSpec;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Trainer;
import io.millrace.engine.spi.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * JSON Schema (2020-12) of job files and training files, for editors: it completes and underlines
 * what the reader and the binder check. What needs the whole job, such as names and columns, is
 * left to them.
 */
public final class JobSchema {
  private static final String NAME = "^[a-z][a-z0-9_]*$|\\$\\{[^}]+\\}";
  private static final String JOB_NAME = "^[a-z][a-z0-9_-]*$|\\$\\{[^}]+\\}";

  private final Catalog catalog;
  private final ShapeSchema shapes = new ShapeSchema();

  private JobSchema(Catalog catalog) {
    this.catalog = catalog;
  }

  /** The schema of a job file. The same kinds give the same text. */
  public static String job(Catalog catalog) {
    return new JobSchema(catalog).jobFile().toPrettyString() + "\n";
  }

  /** The schema of a training file. */
  public static String training(Catalog catalog) {
    return new JobSchema(catalog).trainingFile().toPrettyString() + "\n";
  }

  private ObjectNode jobFile() {
    ObjectNode properties = object();
    properties.set("job", about(pattern(JOB_NAME), "The job's name"));
    properties.set("about", text("What the job is for, in a sentence"));
    properties.set("include", include());
    properties.set("spark", spark());
    properties.set("checkpoint", text("The folder of the job's checkpoints"));
    properties.set(
        "engine",
        about(
            words(List.of("dstream")),
            "Runs the job as DStreams of spark-streaming; structured streaming if left out"));
    properties.set(
        "audit",
        about(
            words(written(Plan.Audit.values())),
            "What the job does when rows of a batch are missing; it stops if left out"));
    properties.set("sources", entries(source(), "Streams and tables that the job reads"));
    properties.set("steps", entries(step(), "What happens to the rows, in the order of the flow"));
    properties.set("dead-letters", deadLetters());
    properties.set("sinks", entries(sink(), "Where rows end up"));
    properties.set("tests", entries(test(), "What the job has to do with given rows"));
    ObjectNode file = file("A Millrace job", properties, List.of("job"));
    file.putArray("anyOf").add(needs("include")).add(needs("sources", "sinks"));
    return finished(file);
  }

  private ObjectNode trainingFile() {
    ObjectNode properties = object();
    properties.set("model", named("The model's name"));
    properties.set("include", include());
    properties.set("spark", spark());
    properties.set("from", trainingSource());
    properties.set("tables", entries(table(), "Tables that steps look up"));
    properties.set("steps", entries(step(), "What happens to the rows before the training"));
    List<Kind<?, Trainer>> trainers = catalog.trainers();
    for (Kind<?, Trainer> trainer : trainers) {
      for (Setting setting : new Shape.Group(trainer.settings()).settings()) {
        properties.set(setting.key(), shapes.of(setting));
      }
    }
    ObjectNode file = file("A Millrace training", properties, List.of("model", "from"));
    if (!trainers.isEmpty()) {
      ArrayNode choices = file.putArray("anyOf");
      trainers.forEach(trainer -> choices.add(needed(trainer)));
    }
    return finished(file);
  }

  private static ObjectNode needed(Kind<?, ?> kind) {
    return needs(
        new Shape.Group(kind.settings())
            .settings().stream()
                .filter(setting -> !setting.optional())
                .map(Setting::key)
                .toArray(String[]::new));
  }

  private ObjectNode source() {
    ObjectNode properties = object();
    properties.set("name", named("What steps and sinks call it"));
    return source(properties, "name");
  }

  private ObjectNode trainingSource() {
    return about(source(object()), "The rows to learn from; steps call them input");
  }

  private ObjectNode table() {
    ObjectNode properties = object();
    properties.set("name", named("What steps call it"));
    properties.set("decode", decode());
    return entry(properties, catalog.sources(), "name");
  }

  private ObjectNode source(ObjectNode properties, String... required) {
    properties.set("decode", decode());
    properties.set("watermark", watermark());
    properties.set("static", fixed());
    return entry(properties, catalog.sources(), required);
  }

  private ObjectNode step() {
    ObjectNode properties = object();
    properties.set("name", named("What later steps and sinks call it; its kind if left out"));
    ObjectNode list = object().put("type", "array").put("minItems", 1).set("items", pattern(NAME));
    properties.set(
        "from", about(anyOf(pattern(NAME), list), "What it reads; the entry above if left out"));
    properties.set("when", text("A condition in SQL that rows meet before they reach it"));
    return entry(properties, catalog.steps());
  }

  private ObjectNode sink() {
    ObjectNode properties = object();
    properties.set("name", named("The sink's name"));
    properties.set("from", about(pattern(NAME), "What it writes; the entry above if left out"));
    properties.set("when", text("A condition in SQL that rows meet to be written"));
    properties.set("mode", about(words(written(Mode.values())), "Spark's output mode"));
    properties.set("write", about(words(written(Write.values())), "What it does with a row"));
    List<String> promises = new ArrayList<>(written(Guarantee.values()));
    promises.remove(Kebab.ofConstant(Guarantee.NONE.name()));
    properties.set(
        "delivery",
        about(words(promises), "What it must promise; what the kind gives by itself if left out"));
    properties.set("trigger", trigger());
    return entry(properties, catalog.sinks(), "name");
  }

  private ObjectNode deadLetters() {
    ObjectNode properties = object();
    properties.set("trigger", trigger());
    ObjectNode limit = object();
    limit.set("rows", about(shapes.of(Shape.Scalar.TEXT), "At most so many rows of a batch"));
    limit.set(
        "share", about(shapes.of(Shape.Scalar.TEXT), "At most this share of a batch, such as 5%"));
    properties.set(
        "limit", about(closed(limit), "How many rows may be refused before the job stops"));
    return about(
        anyOf(words(List.of("drop")), entry(properties, catalog.sinks())),
        "Where rows go that cannot be decoded, break a rule or are refused by a table; drop loses"
            + " them");
  }

  private static ObjectNode test() {
    ObjectNode columns = object().put("type", "object");
    ObjectNode rows = object().put("type", "array").set("items", anyOf(columns, string()));
    ObjectNode payloads =
        object()
            .put("type", "array")
            .set("items", anyOf(columns, string(), object().put("type", "null")));
    ObjectNode moved = object();
    moved.set("watermark", text("Where event time is before these rows come"));
    ObjectNode batch = object().put("type", "object").set("properties", moved);
    batch.set("additionalProperties", payloads);
    ObjectNode properties = object();
    properties.set("name", text("What the test shows"));
    properties.set("given", entries(batch, "The rows of each source, batch by batch"));
    ObjectNode targets = object().put("type", "object").set("additionalProperties", rows);
    properties.set(
        "expect", about(targets, "All rows of a sink, a step or dead-letters, in any order"));
    ObjectNode test = closed(properties);
    List.of("name", "given", "expect").forEach(test.withArray("required")::add);
    return test;
  }

  private static ObjectNode string() {
    return object().put("type", "string");
  }

  private ObjectNode decode() {
    List<String> bare =
        catalog.decoders().stream()
            .filter(kind -> new Shape.Group(kind.settings()).bare())
            .map(Kind::name)
            .toList();
    ObjectNode map = entry(object(), catalog.decoders());
    return about(bare.isEmpty() ? map : anyOf(words(bare), map), "How the payload becomes columns");
  }

  private ObjectNode watermark() {
    ObjectNode settings =
        catalog
            .step("watermark")
            .map(kind -> shapes.of(new Shape.Group(kind.settings())))
            .orElseGet(() -> object().put("type", "object"));
    return about(settings, "How late rows may come");
  }

  private ObjectNode fixed() {
    return about(
        anyOf(
            object().put("type", "boolean"),
            object().put("type", "null"),
            shapes.of(new Shape.Group(StaticTable.class))),
        "It is a table, not a stream");
  }

  private ObjectNode trigger() {
    return about(
        anyOf(
            words(List.of("available-now", TriggerSpec.REAL_TIME)),
            shapes.of(Shape.Scalar.DURATION),
            realTime()),
        "How often a batch starts; available-now takes what is there and ends, realtime hands on"
            + " each row as it comes");
  }

  private ObjectNode realTime() {
    ObjectNode words = object();
    words.set(
        TriggerSpec.REAL_TIME,
        about(
            shapes.of(Shape.Scalar.DURATION),
            "How long a batch reads before it is noted which rows were, 5s or more; 5m if left out"));
    ObjectNode map = closed(words);
    map.withArray("required").add(TriggerSpec.REAL_TIME);
    return map;
  }

  private ObjectNode include() {
    ObjectNode list = object().put("type", "array").set("items", object().put("type", "string"));
    return about(anyOf(object().put("type", "string"), list), "Another file of the same folder");
  }

  private ObjectNode spark() {
    ObjectNode map =
        object().put("type", "object").set("additionalProperties", shapes.of(Shape.Scalar.TEXT));
    return about(map, "Any settings of Spark");
  }

  /** A map with exactly one of the kinds, and the words of the language beside it. */
  private <P> ObjectNode entry(ObjectNode words, List<Kind<?, P>> kinds, String... required) {
    ArrayNode choices = object().putArray("oneOf");
    for (Kind<?, P> kind : kinds) {
      words.set(kind.name(), about(shapes.of(new Shape.Group(kind.settings())), kind.summary()));
      choices.add(needs(kind.name()));
    }
    ObjectNode entry = closed(words);
    List.of(required).forEach(entry.withArray("required")::add);
    return choices.isEmpty() ? entry : entry.set("oneOf", choices);
  }

  private ObjectNode finished(ObjectNode file) {
    return file.set("$defs", shapes.definitions());
  }

  private static ObjectNode file(String title, ObjectNode properties, List<String> required) {
    ObjectNode file =
        object()
            .put("$schema", "https://json-schema.org/draft/2020-12/schema")
            .put("title", title)
            .setAll(closed(properties));
    required.forEach(file.putArray("required")::add);
    return file;
  }

  private static ObjectNode entries(ObjectNode entry, String description) {
    return about(object().put("type", "array").set("items", entry), description);
  }

  private static ObjectNode needs(String... keys) {
    ObjectNode schema = object();
    List.of(keys).forEach(schema.putArray("required")::add);
    return schema;
  }

  private static List<String> written(Enum<?>[] constants) {
    return Stream.of(constants).map(constant -> Kebab.ofConstant(constant.name())).toList();
  }

  private static ObjectNode named(String description) {
    return about(pattern(NAME), description);
  }

  private static ObjectNode text(String description) {
    return about(object().put("type", "string"), description);
  }

  private static ObjectNode about(ObjectNode schema, String description) {
    return schema.put("description", description);
  }
}
