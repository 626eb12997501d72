package io.millrace.engine.spec;

import io.millrace.engine.spec.Tree.Field;
import io.millrace.engine.spec.Tree.Fields;
import io.millrace.engine.spec.Tree.Items;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** Reads the tests of a job file. What their names stand for is the planner's. */
final class TestReader {
  private static final String TESTS = "tests";
  private static final String WATERMARK = "watermark";
  private static final String ROWS = "a list of rows such as [{id: 1, price: 2.5}]";
  private static final List<String> KEYS = List.of("name", "given", "expect");

  private final Words words;

  TestReader(Words words) {
    this.words = words;
  }

  List<TestSpec> tests(Tree list) {
    Set<String> taken = new HashSet<>();
    return maps(
        list,
        TESTS,
        "- {name: what holds, given: [...], expect: {...}}",
        "{name: …, given: …, expect: …}",
        (fields, path) -> test(fields, path, taken));
  }

  /** What the maps of a list are; each is told of with its number. */
  private <T> List<T> maps(
      Tree list,
      String path,
      String example,
      String item,
      BiFunction<Fields, String, Optional<T>> read) {
    List<T> all = new ArrayList<>();
    List<Tree> items = words.items(list, path, example).map(Items::items).orElse(List.of());
    for (int at = 0; at < items.size(); at++) {
      String place = path + "[" + at + "]";
      words
          .fields(items.get(at), place, item)
          .flatMap(fields -> read.apply(fields, place))
          .ifPresent(all::add);
    }
    return List.copyOf(all);
  }

  private Optional<TestSpec> test(Fields fields, String path, Set<String> taken) {
    words.known(fields, KEYS, path);
    for (String key : KEYS) {
      if (!fields.fields().containsKey(key)) {
        words.wrong(fields.at(), path, "Missing '" + key + "'. A test has name, given and expect");
      }
    }
    Optional<Word> name = words.word(fields, "name", path, "name: what holds");
    name.filter(word -> !taken.add(word.text()))
        .ifPresent(
            word ->
                words.wrong(
                    word.at(),
                    Words.join(path, "name"),
                    "Cannot name two tests '" + word + "'. Say what this one shows"));
    List<TestSpec.Given> given =
        Optional.ofNullable(fields.fields().get("given"))
            .map(field -> given(field.value(), Words.join(path, "given")))
            .orElse(List.of());
    List<TestSpec.Rows> expect =
        Optional.ofNullable(fields.fields().get("expect"))
            .flatMap(
                field ->
                    words.fields(field.value(), Words.join(path, "expect"), "a sink and its rows"))
            .map(targets -> rows(targets, Words.join(path, "expect")))
            .orElse(List.of());
    return name.map(word -> new TestSpec(word, given, expect));
  }

  private List<TestSpec.Given> given(Tree list, String path) {
    return maps(
        list,
        path,
        "a list of batches such as [{clicks: [{id: 1}]}]",
        "a source and its rows",
        (fields, place) -> Optional.of(batch(fields, place)));
  }

  private TestSpec.Given batch(Fields batch, String path) {
    Map<String, Field> sources = new LinkedHashMap<>(batch.fields());
    sources.remove(WATERMARK);
    return new TestSpec.Given(
        words
            .word(batch, WATERMARK, path, "watermark: 2026-01-01T00:00:00Z")
            .flatMap(this::instant),
        rows(new Fields(batch.at(), sources), path));
  }

  private Optional<Instant> instant(Word word) {
    try {
      return Optional.of(Instant.parse(word.text()));
    } catch (DateTimeException e) {
      return words.wrong(
          word.at(),
          WATERMARK,
          "Expected a time such as 2026-01-01T00:00:00Z, found '" + word + "'");
    }
  }

  private List<TestSpec.Rows> rows(Fields targets, String path) {
    List<TestSpec.Rows> all = new ArrayList<>();
    targets
        .fields()
        .forEach(
            (name, field) ->
                words
                    .items(field.value(), Words.join(path, name), ROWS)
                    .ifPresent(
                        items ->
                            all.add(new TestSpec.Rows(new Word(name, field.at()), items.items()))));
    return List.copyOf(all);
  }
}
