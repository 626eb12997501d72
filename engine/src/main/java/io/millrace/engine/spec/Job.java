package io.millrace.engine.spec;

import io.millrace.engine.spec.Tree.Field;
import io.millrace.engine.spec.Tree.Fields;
import io.millrace.engine.spec.Tree.Items;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A job written in Java, word for word as in a job file:
 *
 * <pre>{@code
 * Job.named("ad_clicks")
 *     .checkpoint("/checkpoints/ad_clicks")
 *     .source("clicks", kind("kafka").with("servers", "${KAFKA}").with("topics", List.of("clicks")),
 *         decode("json", "click_id string, price double"))
 *     .step("paid", kind("sql", "select * from clicks where price > 0"))
 *     .sink("billing", kind("jdbc").with("url", "${DB}").with("table", "billing"), trigger("10s"))
 *     .deadLetters(kind("delta").with("path", "/lake/dead_letters"))
 *     .spec();
 * }</pre>
 *
 * Texts may hold variables, as in a file. Values are texts, numbers, truths, durations, enum
 * constants, paths, and lists and maps of such. A job never changes: each call gives a new one.
 */
public final class Job {
  private static final String SOURCES = "sources";
  private static final String STEPS = "steps";
  private static final String SINKS = "sinks";

  private final Map<String, Object> words;
  private final Path folder;

  private Job(Map<String, Object> words, Path folder) {
    this.words = words;
    this.folder = folder;
  }

  /** A kind and its settings. */
  public record Part(String kind, Object settings) {
    /** This part with one more setting. */
    public Part with(String setting, Object value) {
      if (!(settings instanceof Map<?, ?> given)) {
        throw new IllegalArgumentException(
            "Cannot add '" + setting + "' to " + kind + ": its settings are one value already");
      }
      Map<Object, Object> more = new LinkedHashMap<>(given);
      more.put(setting, value);
      return new Part(kind, more);
    }
  }

  /** A word of the language beside the kind of an entry, such as {@code from: valid}. */
  public record Detail(String word, Object value) {}

  public static Job named(String name) {
    return new Job(Map.of("job", name), Path.of("").toAbsolutePath());
  }

  /** A kind without settings yet. */
  public static Part kind(String name) {
    return new Part(name, Map.of());
  }

  /** A kind that stands above one value, such as {@code sql: select 1}. */
  public static Part kind(String name, Object settings) {
    return new Part(name, settings);
  }

  /** How the payload of a source is read. */
  public static Detail decode(String format, Object settings) {
    return decode(kind(format, settings));
  }

  /** How the payload of a source is read. */
  public static Detail decode(Part format) {
    return new Detail("decode", format);
  }

  /** How long a source waits for late rows. */
  public static Detail watermark(String time, Duration delay) {
    return watermark(Map.of("time", time, "delay", delay));
  }

  /** The watermark of a source with all its settings. */
  public static Detail watermark(Map<String, ?> settings) {
    return new Detail("watermark", settings);
  }

  /** The source is a table, not a stream. */
  public static Detail fixed() {
    return new Detail("static", true);
  }

  /** What a step or a sink reads, where that is not the entry above. */
  public static Detail from(String... names) {
    return new Detail("from", names.length == 1 ? names[0] : List.of(names));
  }

  /** A condition in SQL that rows meet before they reach a step or a sink. */
  public static Detail when(String condition) {
    return new Detail("when", condition);
  }

  public static Detail mode(String mode) {
    return new Detail("mode", mode);
  }

  public static Detail write(String write) {
    return new Detail("write", write);
  }

  public static Detail delivery(String guarantee) {
    return new Detail("delivery", guarantee);
  }

  /**
   * When a sink's query starts a batch: an interval, {@code available-now}, or {@code realtime},
   * where each row is handed on as it comes.
   */
  public static Detail trigger(String trigger) {
    return new Detail("trigger", trigger);
  }

  /** A sink's query starts a batch every so often. */
  public static Detail trigger(Duration interval) {
    return new Detail("trigger", interval);
  }

  /** A sink's query hands on each row as it comes, and notes so often how far it is. */
  public static Detail realTime(Duration batches) {
    return new Detail("trigger", Map.of(TriggerSpec.REAL_TIME, batches));
  }

  public Job about(String about) {
    return with("about", about);
  }

  public Job checkpoint(String folder) {
    return with("checkpoint", folder);
  }

  /** Runs it as DStreams, by {@code dstream}. */
  public Job engine(String engine) {
    return with("engine", engine);
  }

  /** What it does when the rows of a batch do not balance: {@code stop} or {@code warn}. */
  public Job audit(String what) {
    return with("audit", what);
  }

  /** What relative paths start from; the working folder if not said. */
  public Job in(Path folder) {
    return new Job(words, folder);
  }

  /** One setting of Spark. */
  public Job spark(String setting, Object value) {
    Map<Object, Object> settings = new LinkedHashMap<>();
    if (words.get("spark") instanceof Map<?, ?> given) {
      settings.putAll(given);
    }
    settings.put(setting, value);
    return with("spark", settings);
  }

  public Job source(String name, Part part, Detail... details) {
    return entry(SOURCES, Optional.of(name), part, details);
  }

  public Job step(String name, Part part, Detail... details) {
    return entry(STEPS, Optional.of(name), part, details);
  }

  /** A step that is called by its kind. */
  public Job step(Part part, Detail... details) {
    return entry(STEPS, Optional.empty(), part, details);
  }

  public Job sink(String name, Part part, Detail... details) {
    return entry(SINKS, Optional.of(name), part, details);
  }

  public Job deadLetters(Part part, Detail... details) {
    return with("dead-letters", map(Optional.empty(), part, details));
  }

  public Job dropDeadLetters() {
    return with("dead-letters", "drop");
  }

  /**
   * What is written, checked by the rules of a job file.
   *
   * @throws InvalidJobException with every mistake, if there is one
   */
  public JobSpec spec() {
    Findings findings = new Findings();
    Optional<JobSpec> spec = spec(Variables.ofEnvironment(), findings);
    findings.throwIfAny();
    return spec.orElseThrow();
  }

  /** What is written, under the terms of {@link JobReader#read}. */
  public Optional<JobSpec> spec(Variables variables, Findings findings) {
    return JobReader.read(new JavaTree(variables, findings).of(words, ""), folder, findings);
  }

  private Job entry(String list, Optional<String> name, Part part, Detail... details) {
    List<Object> entries = new ArrayList<>();
    if (words.get(list) instanceof List<?> given) {
      entries.addAll(given);
    }
    entries.add(map(name, part, details));
    return with(list, entries);
  }

  private static Fact map(Optional<String> name, Part part, Detail... details) {
    List<Detail> facts = new ArrayList<>();
    name.ifPresent(text -> facts.add(new Detail("name", text)));
    facts.add(new Detail(part.kind, part.settings));
    facts.addAll(Arrays.asList(details));
    return new Fact(List.copyOf(facts));
  }

  private Job with(String word, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(words);
    more.put(word, value);
    return new Job(more, folder);
  }

  /** An entry as it was written: a word given twice is still there twice. */
  record Fact(List<Detail> details) {}

  /** Trees of plain Java values. */
  record JavaTree(Variables variables, Findings findings) {
    Tree of(Object value, String path) {
      if (value instanceof Part part) {
        return fields(Map.of(part.kind, part.settings), path);
      }
      if (value instanceof Fact fact) {
        return fact(fact, path);
      }
      if (value instanceof Map<?, ?> map) {
        return fields(map, path);
      }
      if (value instanceof List<?> list) {
        List<Tree> items = new ArrayList<>();
        list.forEach(item -> items.add(of(item, path + step(item, items.size()))));
        return new Items(Position.JAVA, List.copyOf(items));
      }
      return leaf(value, path);
    }

    private static String step(Object item, int index) {
      return item instanceof Fact fact && fact.details.get(0).word.equals("name")
          ? "." + fact.details.get(0).value
          : "[" + index + "]";
    }

    private Tree fact(Fact fact, String path) {
      Map<String, Object> map = new LinkedHashMap<>();
      for (Detail detail : fact.details) {
        if (map.putIfAbsent(detail.word, detail.value) != null) {
          findings.add(
              Position.JAVA, path, "Cannot have '" + detail.word + "' twice. Keep one of them");
        }
      }
      return fields(map, path);
    }

    private Tree fields(Map<?, ?> map, String path) {
      Map<String, Field> fields = new LinkedHashMap<>();
      map.forEach(
          (key, value) -> {
            String name = String.valueOf(key);
            fields.put(name, new Field(Position.JAVA, of(value, Words.join(path, name))));
          });
      return new Fields(Position.JAVA, fields);
    }

    private Tree leaf(Object value, String path) {
      String written = text(value, path);
      String text = variables.replace(written, List.of(), Position.JAVA, path, findings).text();
      return new Tree.Leaf(Position.JAVA, text, written, type(value), Position.JAVA);
    }

    private String text(Object value, String path) {
      if (value instanceof Duration duration) {
        return duration.toMillis() + "ms";
      }
      if (value instanceof Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
      }
      if (!(value instanceof CharSequence
          || value instanceof Number
          || value instanceof Boolean
          || value instanceof Path)) {
        findings.add(
            Position.JAVA,
            path,
            "Expected a text, number, truth, duration, list or map, found a "
                + value.getClass().getSimpleName());
      }
      return value.toString();
    }

    private static Tree.Type type(Object value) {
      if (value instanceof Boolean) {
        return Tree.Type.TRUTH;
      }
      if (!(value instanceof Number)) {
        return Tree.Type.TEXT;
      }
      boolean whole = value.toString().matches("[-+]?[0-9]+");
      return whole ? Tree.Type.WHOLE : Tree.Type.DECIMAL;
    }
  }
}
