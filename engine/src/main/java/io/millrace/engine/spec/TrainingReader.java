package io.millrace.engine.spec;

import io.millrace.engine.spec.Tree.Field;
import io.millrace.engine.spec.Tree.Fields;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Checks the shape of a training file; the settings of the training are the trainer's. */
public final class TrainingReader {
  private static final Set<String> WORDS =
      Set.of("model", "from", "tables", "steps", "include", "spark");
  private static final String TRAINER = "pipeline";

  private final Words words;
  private final EntryReader entries;

  private TrainingReader(Findings findings) {
    this.words = new Words(findings);
    this.entries = new EntryReader(findings);
  }

  /** Whether this is meant to be a training file, and not a job. */
  public static boolean accepts(Tree tree) {
    return tree instanceof Fields fields
        && fields.fields().containsKey("model")
        && !fields.fields().containsKey("job");
  }

  /**
   * The training, which comes back beside findings too, so that later checks can add theirs.
   *
   * @param folder what relative paths of the file start from
   */
  public static Optional<TrainingSpec> read(Tree tree, Path folder, Findings findings) {
    return new TrainingReader(findings).training(tree, folder);
  }

  private Optional<TrainingSpec> training(Tree tree, Path folder) {
    return words
        .fields(tree, "", "model: my_model, then from and pipeline")
        .flatMap(fields -> spec(fields, folder));
  }

  private Optional<TrainingSpec> spec(Fields fields, Path folder) {
    Word model = model(fields);
    Map<String, Word> spark = JobReader.spark(fields, words);
    Optional<SourceSpec> source = source(fields);
    List<SourceSpec> tables =
        Optional.ofNullable(fields.fields().get("tables"))
            .map(field -> entries.tables(field.value()))
            .orElse(List.of());
    List<StepSpec> steps =
        Optional.ofNullable(fields.fields().get("steps"))
            .map(field -> entries.steps(field.value(), source.map(SourceSpec::name)))
            .orElse(List.of());
    if (source.isEmpty() || !entries.complete()) {
      return Optional.empty();
    }
    PartSpec trainer = trainer(fields);
    return Optional.of(
        new TrainingSpec(model, folder, spark, source.get(), tables, steps, trainer));
  }

  private Word model(Fields fields) {
    if (!fields.fields().containsKey("model")) {
      words.wrong(fields.at(), "", "Missing 'model'. Name it, such as model: click_fraud");
    }
    return words
        .word(fields, "model", "", "model: click_fraud")
        .map(word -> words.named(word, "model"))
        .orElse(new Word("unnamed", fields.at()));
  }

  private Optional<SourceSpec> source(Fields fields) {
    Field from = fields.fields().get("from");
    if (from == null) {
      return words.wrong(
          fields.at(), "", "Missing 'from'. Name the table, such as from: {delta: {path: ...}}");
    }
    return entries.input(from);
  }

  private static PartSpec trainer(Fields fields) {
    Map<String, Field> settings = new LinkedHashMap<>(fields.fields());
    settings.keySet().removeAll(WORDS);
    Tree rest = new Fields(fields.at(), Collections.unmodifiableMap(settings));
    return new PartSpec(TRAINER, fields.at(), rest);
  }
}
