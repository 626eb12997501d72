package io.millrace.engine.plan;

import io.millrace.engine.spec.DeadLetterSpec;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.Nearest;
import io.millrace.engine.spec.PartSpec;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spec.SinkSpec;
import io.millrace.engine.spec.SourceSpec;
import io.millrace.engine.spec.StepSpec;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spec.TriggerSpec;
import io.millrace.engine.spec.Word;
import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Guarantee;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Limit;
import io.millrace.engine.spi.Mode;
import io.millrace.engine.spi.Promise;
import io.millrace.engine.spi.RowFaults;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Source;
import io.millrace.engine.spi.Step;
import io.millrace.engine.spi.Trainer;
import io.millrace.engine.spi.Versioned;
import io.millrace.engine.spi.Write;
import io.millrace.engine.spi.Writing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Kinds resolved and settings bound, part by part; a part with a mistake is left out. */
final class Parts {
  private final Catalog catalog;
  private final Findings findings;

  Parts(Catalog catalog, Findings findings) {
    this.catalog = catalog;
    this.findings = findings;
  }

  /** What a kind can be. */
  private enum Sort {
    SOURCE,
    DECODER,
    STEP,
    SINK,
    TRAINER;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Kinds that are described and not built. */
    Set<String> later() {
      return switch (this) {
        case STEP -> Set.of("explode");
        case SOURCE, DECODER, SINK, TRAINER -> Set.of();
      };
    }
  }

  List<Plan.Input> inputs(List<SourceSpec> specs) {
    List<Plan.Input> inputs = new ArrayList<>();
    specs.forEach(spec -> input(spec).ifPresent(inputs::add));
    return List.copyOf(inputs);
  }

  Optional<Plan.Input> input(SourceSpec spec) {
    String path = "sources." + spec.name();
    int before = findings.list().size();
    Optional<Source> source = bind(spec.part(), path, catalog::source, Sort.SOURCE);
    Optional<String> topic = source.flatMap(Source::topic);
    Optional<Decoder> decoder = spec.decode().flatMap(part -> decoder(part, path, topic));
    Optional<Step> watermark =
        spec.watermark()
            .flatMap(tree -> watermark(tree, path))
            .map(step -> step.named(spec.name().text()));
    Optional<StaticTable> table = spec.fixed().flatMap(tree -> table(tree, path));
    if (source.isPresent() && table.isPresent()) {
      refreshable(spec, source.get(), table.get(), path + ".static.refresh");
    }
    if (source.isEmpty() || findings.list().size() > before) {
      return Optional.empty();
    }
    return Optional.of(
        new Plan.Input(
            spec.name().text(), spec.name().at(), source.get(), decoder, watermark, table));
  }

  private Optional<StaticTable> table(Tree tree, String path) {
    return tree instanceof Tree.Leaf
        ? Optional.of(StaticTable.once())
        : Binder.settings(StaticTable.class, tree, path + ".static", tree.at(), findings);
  }

  private void refreshable(SourceSpec spec, Source source, StaticTable table, String path) {
    Position at = spec.fixed().map(Tree::at).orElseThrow();
    boolean never = table.again() instanceof StaticTable.Refresh.Never;
    if (!never && source instanceof Versioned versioned && versioned.pinned()) {
      findings.add(
          at,
          path,
          "Cannot read '%s' again: its settings name one version, which never changes. Leave version and timestamp out, or refresh"
              .formatted(spec.name()));
    }
    if (table.again() instanceof StaticTable.Refresh.OnChange && !(source instanceof Versioned)) {
      findings.add(
          at,
          path,
          "Cannot tell when '%s' has changed: a source of kind %s has no version. Write a time, such as refresh: 10m"
              .formatted(spec.name(), spec.part().kind()));
    }
  }

  private Optional<Decoder> decoder(PartSpec part, String path, Optional<String> topic) {
    String place = path + ".decode";
    Optional<Decoder> decoder = bind(part, place, catalog::decoder, Sort.DECODER);
    try {
      return decoder.map(any -> any.of(topic));
    } catch (IllegalArgumentException e) {
      findings.add(part.at(), place + "." + part.kind(), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private Optional<Step> watermark(Tree settings, String path) {
    Kind<?, Step> kind = catalog.step("watermark").orElseThrow();
    return Binder.bind(kind, settings, path + ".watermark", settings.at(), findings);
  }

  List<Plan.Stage> stages(List<StepSpec> specs) {
    List<Plan.Stage> stages = new ArrayList<>();
    for (StepSpec spec : specs) {
      String path = "steps." + spec.name();
      bind(spec.part(), path, catalog::step, Sort.STEP)
          .ifPresent(
              step ->
                  stages.add(
                      new Plan.Stage(
                          spec.name().text(),
                          spec.name().at(),
                          step.named(spec.name().text()),
                          spec.from().stream().map(Word::text).toList(),
                          spec.when().map(Tree.Leaf::text))));
    }
    return List.copyOf(stages);
  }

  /** The sinks; what becomes of rows that one of them cannot take is said by {@code dead}. */
  List<Plan.Output> outputs(List<SinkSpec> specs, Optional<DeadLetterSpec> dead, Limit limit) {
    List<Plan.Output> outputs = new ArrayList<>();
    specs.forEach(spec -> output(spec, faults(dead), limit).ifPresent(outputs::add));
    return List.copyOf(outputs);
  }

  private static RowFaults faults(Optional<DeadLetterSpec> dead) {
    return dead.map(spec -> spec.part().isPresent() ? RowFaults.LETTER : RowFaults.DROP)
        .orElse(RowFaults.STOP);
  }

  private Optional<Plan.Output> output(SinkSpec spec, RowFaults faults, Limit limit) {
    String path = "sinks." + spec.name();
    Optional<Sink> sink = bind(spec.part(), path, catalog::sink, Sort.SINK);
    Optional<Mode> mode = word(spec.mode(), Mode.APPEND, path + ".mode");
    Optional<Write> write = word(spec.write(), Write.APPEND, path + ".write");
    Optional<Plan.Trigger> trigger = trigger(spec.trigger(), path + ".trigger");
    Optional<Guarantee> asked = spec.delivery().flatMap(word -> delivery(word, path + ".delivery"));
    boolean known = spec.delivery().isEmpty() || asked.isPresent();
    if (sink.isEmpty() || mode.isEmpty() || write.isEmpty() || trigger.isEmpty() || !known) {
      return Optional.empty();
    }
    Sink chosen = asked.map(sink.get()::delivering).orElseGet(sink::get);
    Writing how = new Writing(mode.get(), write.get(), faults, limit);
    return guarantee(chosen, how, spec.part(), path)
        .map(
            guarantee ->
                new Plan.Output(
                    spec.name().text(),
                    spec.name().at(),
                    chosen,
                    spec.from().text(),
                    spec.when().map(Tree.Leaf::text),
                    how,
                    guarantee,
                    trigger.get()));
  }

  private Optional<Guarantee> guarantee(Sink sink, Writing how, PartSpec part, String path) {
    try {
      return Optional.of(sink.guarantee(how));
    } catch (IllegalArgumentException e) {
      findings.add(part.at(), path + "." + part.kind(), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /** What the job does when the rows of a batch do not balance. */
  Plan.Audit audit(Optional<Word> stated) {
    return word(stated, Plan.Audit.STOP, "audit").orElse(Plan.Audit.STOP);
  }

  /** How many rows of a batch may be refused. */
  Limit limit(DeadLetterSpec spec) {
    Optional<Word> rows = spec.limit().flatMap(DeadLetterSpec.Limit::rows);
    Optional<Word> share = spec.limit().flatMap(DeadLetterSpec.Limit::share);
    return new Limit(
        rows.map(word -> number(word, "([0-9]{1,15})", "rows", "a number of rows such as 1000"))
            .map(Double::longValue)
            .orElse(Limit.NONE.rows()),
        share
            .map(
                word ->
                    number(
                        word, "((?:100|[0-9]{1,2})(?:[.][0-9]+)?)%", "share", "a share such as 5%"))
            .map(percent -> Math.min(1, percent / 100))
            .orElse(Limit.NONE.share()));
  }

  private double number(Word word, String pattern, String key, String expected) {
    Matcher matcher = Pattern.compile(pattern).matcher(word.text());
    if (matcher.matches()) {
      return Double.parseDouble(matcher.group(1));
    }
    findings.add(
        word.at(),
        "dead-letters.limit." + key,
        "Expected " + expected + ", found '" + word.text() + "'");
    return 0;
  }

  Optional<Plan.Output> deadLetters(DeadLetterSpec spec, Limit limit) {
    if (spec.part().isEmpty()) {
      return Optional.empty();
    }
    PartSpec part = spec.part().get();
    Writing how = new Writing(Mode.APPEND, Write.APPEND, RowFaults.STOP, limit);
    Optional<Plan.Trigger> trigger = trigger(spec.trigger(), "dead-letters.trigger");
    Optional<Sink> sink = bind(part, "dead-letters", catalog::sink, Sort.SINK);
    if (sink.isEmpty() || trigger.isEmpty()) {
      return Optional.empty();
    }
    return guarantee(sink.get(), how, part, "dead-letters")
        .map(
            guarantee ->
                new Plan.Output(
                    "dead_letters",
                    spec.at(),
                    sink.get(),
                    "",
                    Optional.empty(),
                    how,
                    guarantee,
                    trigger.get()));
  }

  /** What a job gets is the least of what its sources and its sink give. */
  List<Plan.Output> promises(List<Plan.Output> outputs, List<SinkSpec> specs, Graph graph) {
    List<Plan.Output> promised = new ArrayList<>();
    for (Plan.Output output : outputs) {
      List<String> forgetful =
          graph.upstream(output.from()).stream()
              .filter(node -> graph.input(node).filter(i -> !i.source().replays()).isPresent())
              .toList();
      Guarantee given = forgetful.isEmpty() ? output.guarantee() : Guarantee.NONE;
      SinkSpec spec =
          specs.stream()
              .filter(s -> s.name().text().equals(output.name()))
              .findFirst()
              .orElseThrow();
      failIfNotStated(spec.part().kind(), output.guarantee());
      spec.delivery().ifPresent(word -> enough(word, given, spec, forgetful));
      promised.add(
          new Plan.Output(
              output.name(),
              output.at(),
              output.sink(),
              output.from(),
              output.when(),
              output.how(),
              given,
              output.trigger()));
    }
    return List.copyOf(promised);
  }

  /** What a sink gives and what its kind states cannot differ. */
  private void failIfNotStated(String kind, Guarantee given) {
    List<Promise> stated = catalog.sink(kind).map(Kind::promises).orElse(List.of());
    if (!stated.isEmpty() && stated.stream().noneMatch(promise -> promise.guarantee() == given)) {
      throw new IllegalStateException(
          "Sink %s gives %s, and its kind does not state that".formatted(kind, given));
    }
  }

  private void enough(Word word, Guarantee given, SinkSpec spec, List<String> forgetful) {
    String path = "sinks." + spec.name() + ".delivery";
    delivery(word, path)
        .filter(asked -> asked.compareTo(given) < 0)
        .ifPresent(
            asked ->
                findings.add(
                    word.at(),
                    path,
                    "Cannot promise "
                        + word
                        + ": "
                        + (forgetful.isEmpty()
                            ? less(spec.part().kind(), given) + others(asked)
                            : forgets(forgetful.get(0)))));
  }

  private static String forgets(String source) {
    return "source '"
        + source
        + "' cannot replay its rows, so any may be lost. Read from one that can, such as kafka or"
        + " files, or leave delivery out";
  }

  private String less(String kind, Guarantee given) {
    return kind
        + ", written like this, gives "
        + Kebab.ofConstant(given.name())
        + catalog.sink(kind).stream()
            .flatMap(found -> found.promises().stream())
            .filter(promise -> promise.guarantee() == given)
            .findFirst()
            .map(promise -> ", for " + promise.why())
            .orElse("")
        + ". Leave delivery out";
  }

  private String others(Guarantee asked) {
    List<String> able =
        catalog.sinks().stream()
            .filter(
                kind ->
                    kind.promises().stream()
                        .anyMatch(promise -> promise.guarantee().compareTo(asked) <= 0))
            .map(Kind::name)
            .toList();
    return able.isEmpty() ? "" : ", or write to one of " + able + ", which can give it";
  }

  /** One of the words of a small set, or the one that stands for none. */
  private <W extends Enum<W>> Optional<W> word(Optional<Word> stated, W otherwise, String path) {
    List<W> known = List.of(otherwise.getDeclaringClass().getEnumConstants());
    return stated.isEmpty() ? Optional.of(otherwise) : word(stated.get(), known, path);
  }

  /** What a job may ask for; that nothing is promised is no wish. */
  private Optional<Guarantee> delivery(Word word, String path) {
    return word(
        word,
        List.of(Guarantee.EXACTLY_ONCE, Guarantee.ONCE_PER_KEY, Guarantee.AT_LEAST_ONCE),
        path);
  }

  private <W extends Enum<W>> Optional<W> word(Word word, List<W> constants, String path) {
    List<String> known = new ArrayList<>();
    for (W constant : constants) {
      String written = Kebab.ofConstant(constant.name());
      if (written.equals(word.text())) {
        return Optional.of(constant);
      }
      known.add(written);
    }
    findings.add(
        word.at(),
        path,
        "Expected one of "
            + known
            + ", found '"
            + word
            + "'"
            + Nearest.to(word.text(), known)
                .map(near -> ". Did you mean '" + near + "'?")
                .orElse(""));
    return Optional.empty();
  }

  private Optional<Plan.Trigger> trigger(Optional<TriggerSpec> stated, String path) {
    if (stated.isEmpty()) {
      return Optional.of(new Plan.Trigger.Every(Duration.ZERO));
    }
    Word word = stated.get().word();
    if (word.text().equals("available-now")) {
      return Optional.of(new Plan.Trigger.AvailableNow());
    }
    if (word.text().equals(TriggerSpec.REAL_TIME)) {
      return stated.get().batches().isEmpty()
          ? Optional.of(new Plan.Trigger.RealTime(Plan.Trigger.RealTime.USUAL))
          : realTime(stated.get().batches().get(), path + "." + TriggerSpec.REAL_TIME);
    }
    return duration(word, path, "Expected available-now, realtime or ")
        .map(Plan.Trigger.Every::new);
  }

  private Optional<Plan.Trigger> realTime(Word batches, String path) {
    Optional<Duration> length = duration(batches, path, "Expected ");
    if (length.filter(each -> each.compareTo(Plan.Trigger.RealTime.SHORTEST) < 0).isPresent()) {
      findings.add(
          batches.at(),
          path,
          "Expected %s or more, found '%s'. No row waits for the end of a batch: this is how often it is noted which were read"
              .formatted(Durations.text(Plan.Trigger.RealTime.SHORTEST), batches));
      return Optional.empty();
    }
    return length.map(Plan.Trigger.RealTime::new);
  }

  private Optional<Duration> duration(Word word, String path, String opener) {
    Tree.Leaf leaf = new Tree.Leaf(word.at(), word.text(), word.text(), Tree.Type.TEXT, word.at());
    try {
      return Optional.of((Duration) Converters.convert(Shape.Scalar.DURATION, leaf));
    } catch (IllegalArgumentException e) {
      String said = String.valueOf(e.getMessage());
      findings.add(word.at(), path, said.replaceFirst("^Expected ", opener));
      return Optional.empty();
    }
  }

  /** A trainer, whose settings are those of the file itself. */
  Optional<Trainer> trainer(PartSpec part) {
    return kind(part, "", catalog::trainer, Sort.TRAINER)
        .flatMap(kind -> Binder.bind(kind, part.settings(), "", part.at(), findings));
  }

  private <P> Optional<P> bind(
      PartSpec part, String path, Function<String, Optional<Kind<?, P>>> kinds, Sort sort) {
    return kind(part, path, kinds, sort)
        .flatMap(
            kind ->
                Binder.bind(kind, part.settings(), path + "." + part.kind(), part.at(), findings));
  }

  private <P> Optional<Kind<?, P>> kind(
      PartSpec part, String path, Function<String, Optional<Kind<?, P>>> kinds, Sort sort) {
    Optional<Kind<?, P>> kind = kinds.apply(part.kind());
    if (kind.isEmpty()) {
      findings.add(part.at(), path, unknown(part.kind(), sort));
    }
    return kind;
  }

  private String unknown(String kind, Sort sort) {
    List<String> known = names(sort);
    List<String> others =
        Arrays.stream(Sort.values())
            .filter(other -> names(other).contains(kind))
            .map(Sort::word)
            .toList();
    if (sort.later().contains(kind)) {
      return "Cannot use '" + kind + "': it is not supported yet. There are " + known;
    }
    if (!others.isEmpty()) {
      return "Cannot use '%s' as a %s: it is a %s. There are %s"
          .formatted(kind, sort.word(), String.join(" and a ", others), known);
    }
    return "Unknown kind '"
        + kind
        + "'"
        + Nearest.to(kind, known)
            .map(near -> ". Did you mean '" + near + "'?")
            .orElse(". There are " + known);
  }

  private List<String> names(Sort sort) {
    List<? extends Kind<?, ?>> kinds =
        switch (sort) {
          case SOURCE -> catalog.sources();
          case DECODER -> catalog.decoders();
          case STEP -> catalog.steps();
          case SINK -> catalog.sinks();
          case TRAINER -> catalog.trainers();
        };
    return kinds.stream().<String>map(Kind::name).toList();
  }
}
