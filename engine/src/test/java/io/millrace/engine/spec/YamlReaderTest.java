package io.millrace.engine.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.spec.Tree.Fields;
import io.millrace.engine.spec.Tree.Leaf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlReaderTest {
  @TempDir private Path folder = Path.of("");

  private final Findings findings = new Findings();

  private Optional<Tree> read(String text) {
    Variables variables = Variables.of(Map.of("KAFKA", "broker:9092", "PORT", "80", "EMPTY", ""));
    return new YamlReader(variables).read(text, "job.yaml", findings);
  }

  private Fields map(String text) {
    return (Fields) read(text).orElseThrow(() -> new AssertionError(findings.list()));
  }

  private Leaf leaf(String text) {
    return (Leaf) child(map(text), "a");
  }

  private static Tree child(Tree tree, String key) {
    return Optional.ofNullable(((Fields) tree).fields().get(key)).orElseThrow().value();
  }

  private List<String> mistakes(String text) {
    read(text);
    return findings.list().stream().map(Finding::toString).toList();
  }

  private static String at(Position position) {
    return position.line() + ":" + position.column();
  }

  @ParameterizedTest
  @CsvSource({
    "null,NOTHING",
    "~,NOTHING",
    "Null,NOTHING",
    "true,TRUTH",
    "FALSE,TRUTH",
    "no,TEXT",
    "on,TEXT",
    "010,WHOLE",
    "0x1F,WHOLE",
    "-7,WHOLE",
    "1.5e3,DECIMAL",
    ".inf,DECIMAL",
    "1_000,TEXT",
    "12:30,TEXT",
    "2026-01-01,TEXT",
    "'\"5\"',TEXT",
    "\"'true'\",TEXT",
    "'\"\"',TEXT"
  })
  void typesScalarsByTheCoreSchema(String written, Tree.Type type) {
    assertThat(leaf("a: " + written).type()).isEqualTo(type);
    assertThat(findings.list()).isEmpty();
  }

  @Test
  void knowsWhereEachSortOfScalarStarts() {
    assertThat(at(leaf("a: plain").start())).isEqualTo("1:4");
    assertThat(at(leaf("a: 'single'").start())).isEqualTo("1:5");
    assertThat(at(leaf("a: \"double\"").start())).isEqualTo("1:5");
    assertThat(at(leaf("a: |\n    select 1").start())).isEqualTo("2:5");
    assertThat(at(leaf("a: &x |2-\n    two more\n  two").start())).isEqualTo("2:3");
    assertThat(at(leaf("a: &x plain").start())).isEqualTo("1:7");
  }

  @Test
  void findsAPlaceInsideALiteralBlock() {
    Leaf sql = leaf("a: | # query\n   select a,\n     b\n\n   from c\nb: 1");

    assertThat(sql.text()).isEqualTo("select a,\n  b\n\nfrom c\n");
    assertThat(at(sql.inside(1, 8))).isEqualTo("2:11");
    assertThat(at(sql.inside(2, 3))).isEqualTo("3:6");
    assertThat(at(sql.inside(4, 6))).isEqualTo("5:9");
  }

  @Test
  void findsAPlaceInsideFoldedLines() {
    Leaf folded = leaf("a: >-\n  select a\n  from b\n\n  where c");
    assertThat(folded.text()).isEqualTo("select a from b\nwhere c");
    assertThat(at(folded.inside(1, 10))).isEqualTo("3:3");
    assertThat(at(folded.inside(2, 7))).isEqualTo("5:9");

    Leaf plain = leaf("a: select a\n   from b");
    assertThat(at(plain.inside(1, 15))).isEqualTo("2:9");
  }

  @Test
  void findsAPlaceBehindEscapesAndVariables() {
    assertThat(at(leaf("a: \"x\\ty z\"").inside(1, 5))).isEqualTo("1:10");
    assertThat(at(leaf("a: 'it''s z'").inside(1, 6))).isEqualTo("1:11");
    assertThat(at(leaf("a: \"${KAFKA}, z\"").inside(1, 14))).isEqualTo("1:15");
    assertThat(at(leaf("a: \"${KAFKA}, z\"").inside(1, 4))).isEqualTo("1:5");
  }

  @Test
  void replacesVariablesAndKeepsWhatIsWritten() {
    Leaf leaf = leaf("a: \"${KAFKA}/${TOPIC:-clicks}/$${KAFKA}\"");

    assertThat(leaf.text()).isEqualTo("broker:9092/clicks/${KAFKA}");
    assertThat(leaf.written()).isEqualTo("${KAFKA}/${TOPIC:-clicks}/$${KAFKA}");
    assertThat(leaf("a: ${PORT}").type()).isEqualTo(Tree.Type.WHOLE);
    assertThat(leaf("a: ${EMPTY}").type()).isEqualTo(Tree.Type.TEXT);
    assertThat(findings.list()).isEmpty();
  }

  @Test
  void tellsOfEveryVariableThatLeadsNowhere() {
    assertThat(
            mistakes(
                """
                sources:
                  - name: clicks
                    kafka: {servers: "${KAFKA},${BROKER}", topics: ["${file:/no/such/file}"]}
                b: ${bad name}
                c: a ${KAFKA
                d: ${file:relative}
                """))
        .containsExactly(
            "job.yaml:3:32  sources.clicks.kafka.servers: Missing variable BROKER. Set it, or write"
                + " ${BROKER:-default}",
            "job.yaml:3:54  sources.clicks.kafka.topics[0]: Cannot read the file /no/such/file."
                + " Create it, or let this user read it",
            "job.yaml:4:4  b: Cannot understand the variable '${bad name}'. Write ${NAME},"
                + " ${NAME:-default} or ${file:/run/secrets/name}, or $${ for a plain ${",
            "job.yaml:5:6  c: Missing the } of a variable. Write ${NAME}, or $${ for a plain ${",
            "job.yaml:6:4  d: Needs an absolute path in '${file:relative}', such as"
                + " ${file:/run/secrets/name}");
  }

  @Test
  void readsASecretFileWithoutItsLastLineBreak() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "pa: {ss}\n");

    Leaf leaf = leaf("a: \"${file:" + secret + "}\"");

    assertThat(leaf.text()).isEqualTo("pa: {ss}");
    assertThat(leaf.written()).isEqualTo("${file:" + secret + "}");
    Files.writeString(secret, " a blank belongs to it \r\n");
    assertThat(leaf("a: \"${file:" + secret + "}\"").text()).isEqualTo(" a blank belongs to it ");
  }

  @Test
  void refusesASecretFileThatIsEmpty() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "\n");

    assertThat(mistakes("a: \"${file:" + secret + "}\""))
        .containsExactly(
            "job.yaml:1:5  a: Cannot take the file " + secret + " as a value: it is empty");
  }

  @Test
  void takesTheDefaultOfAVariableThatIsEmptyAsAShellDoes() {
    assertThat(leaf("a: ${EMPTY:-b}").text()).isEqualTo("b");
    assertThat(leaf("a: ${EMPTY:-}").text()).isEmpty();
  }

  @Test
  void resolvesAnchorsAndMergeKeys() {
    Fields map = map("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz: {<<: [*x, *y], c: 5}\nw: {k: *x}");

    Fields merged = (Fields) child(map, "z");
    assertThat(merged.fields().keySet()).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(((Leaf) child(merged, "b")).text()).isEqualTo("2");
    assertThat(((Leaf) child(merged, "c")).text()).isEqualTo("5");
    assertThat(child(child(map, "w"), "k")).isEqualTo(child(map, "x"));
    assertThat(at(child(merged, "b").at())).isEqualTo("1:17");
    assertThat(findings.list()).isEmpty();
  }

  @Test
  void tellsOfEveryMistakeThatLeavesATree() {
    assertThat(
            mistakes(
                """
                a: 1
                sources:
                  - name: clicks
                    kafka: {topics: [a], topics: [b]}
                    tagged: !!str 5
                    own: !Thing {x: 1}
                    alias: *nowhere
                a: 2
                b: {{ x }}
                c: &c [*c]
                d: {<<: 5}
                e: {<<: *none, x: 1}
                f: *cc
                """))
        .containsExactly(
            "job.yaml:4:26  sources.clicks.kafka: Cannot have 'topics' twice: it stands in line 4"
                + " too. Keep one of them",
            "job.yaml:5:19  sources.clicks.tagged: Cannot use the tag !!str. Leave it out: the"
                + " setting says what its value is",
            "job.yaml:6:10  sources.clicks.own: Cannot use the tag !Thing. Leave it out: the"
                + " setting says what its value is",
            "job.yaml:7:12  sources.clicks.alias: Unknown alias *nowhere. Put &nowhere at the value"
                + " to repeat, above",
            "job.yaml:8:1  Cannot have 'a' twice: it stands in line 1 too. Keep one of them",
            "job.yaml:9:5  b: Expected a word as key, found a map. A value that starts with { or ["
                + " needs quotes",
            "job.yaml:10:8  c[0]: Cannot use *c inside itself. Put &c at the value to repeat, above",
            "job.yaml:11:9  d: Expected a map to merge, found '5'. Write <<: *anchor",
            "job.yaml:12:9  e.<<: Unknown alias *none. Put &none at the value to repeat, above",
            "job.yaml:13:4  f: Unknown alias *cc. Did you mean *c?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "'a: b: c' ~ 1:5  Cannot have a second ': ' here. Put the value in quotes, or check the"
            + " indentation",
        "'a:\\n\\tb: 1' ~ 2:1  Cannot start with a tab. Indent with spaces",
        "'a: @x' ~ 1:4  Cannot start a value with @. Put the value in quotes",
        "'a: [1, 2\\nb: 3' ~ 2:2  Missing '','' or '']'' before this",
        "'a: {b: ${C}}' ~ 1:8  Needs quotes around a variable between brackets. Write"
            + " \"${NAME}\"",
        "'a: \"open' ~ 1:4  Missing the closing quote of the text that starts here",
        "'a: 1\\nb\\nc: 2' ~ 3:1  Missing '':'' behind the key in the line above, or check its"
            + " indentation",
        "'a: 1\\n  b: 2' ~ 2:4  Cannot have a second '': '' here. Put the value in quotes, or check"
            + " the indentation",
        "'a:\\n   b: 1\\n  c: 2' ~ 3:3  Cannot fit this line into what stands above. Check the"
            + " indentation and the quotes",
        "'a: \"\\q\"' ~ 1:6  Unknown escape in double quotes. Write \\\\ for a backslash, or use"
            + " single quotes",
      })
  void saysWhyATextIsNoYaml(String text, String expected) {
    String plain = text.replaceAll("^'|'$", "").replace("\\n", "\n").replace("\\t", "\t");

    assertThat(mistakes(plain)).containsExactly("job.yaml:" + expected.replace("''", "'"));
  }

  @Test
  void refusesASecondDocumentAndAnEmptyOne() {
    assertThat(mistakes("a: 1\n---\nb: 2\n"))
        .containsExactly(
            "job.yaml:2:1  Cannot have a second document. Move it to a file of its own");
    assertThat(new YamlReader(Variables.of(Map.of())).read("# only\n", "empty.yaml", findings))
        .isEmpty();
    assertThat(findings.list())
        .contains(
            new Finding(
                new Position("empty.yaml", 1, 1), "", "Expected a map, found an empty file"));
  }

  @Test
  void stopsAtABillionLaughs() {
    StringBuilder text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 20; i++) {
      String alias = "*a" + (i - 1);
      text.append(
          "a%d: &a%d [%s]\n"
              .formatted(
                  i,
                  i,
                  String.join(
                      ", ",
                      List.of(alias, alias, alias, alias, alias, alias, alias, alias, alias))));
    }

    assertThat(mistakes(text.toString()))
        .hasSize(1)
        .allMatch(m -> m.endsWith("Cannot read more than 100000 values, aliases counted in full"));
  }

  @Test
  void stopsAtDeepNesting() {
    assertThat(mistakes("a: " + "[".repeat(50_000)))
        .containsExactly("job.yaml:1:104  Cannot read more than 100 levels of nesting");
  }

  @Test
  void countsTheLevelsOfAliases() {
    StringBuilder text = new StringBuilder("a0: &a0 [x]\n");
    for (int i = 1; i < 200; i++) {
      text.append("a%d: &a%d [*a%d]\n".formatted(i, i, i - 1));
    }

    assertThat(mistakes(text.toString()))
        .hasSize(1)
        .allMatch(m -> m.endsWith("Cannot read more than 100 levels of nesting"));
  }

  @Test
  void tellsABinaryFileByItsZeroBytes() {
    assertThat(mistakes("a: b\n\u0000"))
        .containsExactly(
            "job.yaml:2:1  Cannot read this as text: it has a zero byte. Name a file of text in"
                + " UTF-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a: \u0001", "\u0007"})
  void refusesCharactersThatNoOneSees(String text) {
    assertThat(mistakes(text)).hasSize(1).allMatch(m -> m.contains("Cannot have the character 0x"));
  }

  @Test
  void refusesFilesThatAreNoText() throws IOException {
    Path binary =
        Files.write(
            folder.resolve("binary.yaml"),
            new byte[] {'a', '\n', 'b', (byte) 0xC3, (byte) 0xA9, ' ', (byte) 0xC3, 0x28});
    Path large = Files.writeString(folder.resolve("large.yaml"), "#".repeat(1_100_000));
    YamlReader reader = new YamlReader(Variables.of(Map.of()));
    for (Path file : List.of(binary, large, folder.resolve("none.yaml"), folder)) {
      assertThat(reader.read(file, findings)).isEmpty();
    }

    assertThat(findings.list().stream().map(Finding::toString))
        .containsExactlyInAnyOrder(
            binary
                + ":2:4  Cannot read the byte 0xC3 as UTF-8. Save the file as text in that encoding",
            large + "  Cannot read more than 1048576 characters. Split the file by include",
            folder.resolve("none.yaml") + "  Missing file. Check the path",
            folder + "  Missing file. Check the path");
  }
}
