package io.millrace.engine.spec;

import io.millrace.engine.spec.Tree.Field;
import io.millrace.engine.spec.Tree.Fields;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Checks the shape of a job file: its words, names and wiring. Kinds and their settings are the
 * planner's.
 */
public final class JobReader {
  private static final List<String> KEYS =
      List.of(
          "job",
          "about",
          "spark",
          "checkpoint",
          "engine",
          "audit",
          "include",
          "sources",
          "steps",
          "dead-letters",
          "sinks",
          "tests");
  private static final Pattern JOB_NAME = Pattern.compile("[a-z][a-z0-9_-]*");

  private final Findings findings;
  private final Words words;
  private final EntryReader entries;

  private JobReader(Findings findings) {
    this.findings = findings;
    this.words = new Words(findings);
    this.entries = new EntryReader(findings);
  }

  /**
   * The job, which comes back beside findings too, so that later checks can add theirs; it is empty
   * only where a source or a step would be missing from it.
   *
   * @param folder what relative paths of the job start from
   */
  public static Optional<JobSpec> read(Tree tree, Path folder, Findings findings) {
    return new JobReader(findings).job(tree, folder);
  }

  private Optional<JobSpec> job(Tree tree, Path folder) {
    Optional<Fields> top = words.fields(tree, "", "job: my_job, then sources and sinks");
    if (top.isEmpty()) {
      return Optional.empty();
    }
    Fields fields = top.get();
    if (fields.fields().containsKey("model") && !fields.fields().containsKey("job")) {
      return words.wrong(
          fields.at(), "", "Expected a job, found a training file. Train it, or start with job:");
    }
    words.known(fields, KEYS, "");
    return spec(fields, folder);
  }

  private Optional<Word> engine(Fields fields) {
    Optional<Word> engine = words.word(fields, "engine", "", "engine: dstream");
    engine
        .filter(word -> !word.text().equals("dstream"))
        .ifPresent(
            word ->
                words.wrong(
                    word.at(),
                    "engine",
                    "Expected dstream, found '"
                        + word
                        + "'. Leave engine out for structured streaming"));
    return engine;
  }

  private Optional<JobSpec> spec(Fields fields, Path folder) {
    Word name = name(fields);
    Optional<String> about =
        words.leaf(fields, "about", "", "about: one line").map(Tree.Leaf::text);
    Map<String, Word> spark = spark(fields, words);
    Optional<Word> checkpoint = checkpoint(fields);
    Optional<Word> engine = engine(fields);
    Optional<Word> audit = words.word(fields, "audit", "", "audit: stop, or audit: warn");
    List<SourceSpec> sources = list(fields, "sources").map(entries::sources).orElse(List.of());
    Optional<Word> lastSource = last(sources.stream().map(SourceSpec::name).toList());
    List<StepSpec> steps =
        Optional.ofNullable(fields.fields().get("steps"))
            .map(field -> entries.steps(field.value(), lastSource))
            .orElse(List.of());
    Optional<Word> lastStep =
        last(steps.stream().map(StepSpec::name).toList()).or(() -> lastSource);
    Optional<DeadLetterSpec> deadLetters =
        Optional.ofNullable(fields.fields().get("dead-letters")).flatMap(entries::deadLetters);
    List<SinkSpec> sinks =
        list(fields, "sinks").map(tree -> entries.sinks(tree, lastStep)).orElse(List.of());
    List<TestSpec> tests =
        Optional.ofNullable(fields.fields().get("tests"))
            .map(field -> new TestReader(words).tests(field.value()))
            .orElse(List.of());
    JobSpec spec =
        new JobSpec(
            name,
            folder,
            about,
            spark,
            checkpoint,
            engine,
            audit,
            sources,
            steps,
            deadLetters,
            sinks,
            tests);
    return entries.complete() ? Optional.of(spec) : Optional.empty();
  }

  private static Optional<Word> last(List<Word> names) {
    return names.isEmpty() ? Optional.empty() : Optional.of(names.get(names.size() - 1));
  }

  private Word name(Fields fields) {
    if (!fields.fields().containsKey("job")) {
      words.wrong(fields.at(), "", "Missing 'job'. Name it, such as job: ad_clicks");
    }
    Optional<Word> name = words.word(fields, "job", "", "job: ad_clicks");
    name.filter(word -> !JOB_NAME.matcher(word.text()).matches())
        .ifPresent(
            word ->
                words.wrong(
                    word.at(),
                    "job",
                    "Cannot be named '"
                        + word
                        + "'. Write small letters, digits, _ and -, a letter first, such as"
                        + " ad_clicks"));
    return name.orElse(new Word("unnamed", fields.at()));
  }

  /** One that is there and cannot be used is told here, and is not missing. */
  private Optional<Word> checkpoint(Fields fields) {
    return Optional.ofNullable(fields.fields().get("checkpoint"))
        .map(
            field ->
                words
                    .word(fields, "checkpoint", "", "checkpoint: /path/of/folder")
                    .orElse(new Word("", field.at())));
  }

  static Map<String, Word> spark(Fields fields, Words words) {
    return Optional.ofNullable(fields.fields().get("spark"))
        .flatMap(field -> words.fields(field.value(), "spark", "spark: {spark.key: value}"))
        .map(map -> words.settings(map, "spark"))
        .orElse(Map.of());
  }

  /** A list that a job cannot do without. */
  private Optional<Tree> list(Fields fields, String key) {
    Optional<Field> field = Optional.ofNullable(fields.fields().get(key));
    Optional<Tree> list =
        field
            .map(Field::value)
            .filter(value -> !(value instanceof Tree.Items items && items.items().isEmpty()));
    if (list.isEmpty()) {
      Position at = field.map(Field::at).orElse(fields.at());
      findings.add(at, "", "Missing '" + key + "'. A job needs at least one entry there");
    }
    return list;
  }
}
