package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.run.Training;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Job files with a mistake each, and what is said about them: see {@code broken/*.txt}. */
class BrokenJobsTest {
  private static final Path FOLDER = Jobs.folder("tests").resolve("src/test/resources/broken");
  private static final Path MODELS = Folders.temporary("models");

  @BeforeAll
  static void train() {
    new Training(Sessions.spark())
        .run(
            Jobs.training(
                Jobs.folder("conf/examples").resolve("pipeline.yaml"),
                Map.of(
                    "DATA", Jobs.folder("conf/examples/data").toString(),
                    "MODELS", MODELS.toString())));
  }

  @ParameterizedTest
  @MethodSource("files")
  void saysWhereWhatAndWhatWouldWork(Path file) throws IOException {
    List<String> said =
        Jobs.lint(file, Map.of("MODEL", MODELS.resolve("suspicious_clicks").toString())).stream()
            .map(finding -> finding.toString().replace(FOLDER + "/", ""))
            .toList();

    assertThat(said).isEqualTo(Files.readAllLines(words(file))).isNotEmpty();
  }

  @Test
  void tellsTenMistakesAtOnce() {
    assertThat(Jobs.lint(FOLDER.resolve("ten-mistakes.yaml"), Map.of())).hasSize(10);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bad-name",
        "enormous-numbers",
        "kind-of-another-sort",
        "list-for-map",
        "map-for-list",
        "missing-setting",
        "negative-numbers",
        "not-built-yet",
        "static",
        "nothing-in-it",
        "secret-in-clear",
        "ten-mistakes",
        "training",
        "two-kinds",
        "unknown-key",
        "unknown-kind",
        "unreadable-duration",
        "unreadable-size",
        "word-of-a-sink",
        "wrong-type"
      })
  void anEditorUnderlinesWhatTheSchemaCanSee(String name) throws IOException {
    assertThat(Schemas.refuse(Files.readString(FOLDER.resolve(name + ".yaml")))).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "duplicate-key",
        "second-document",
        "settings-beside-kind",
        "tabs",
        "variable-without-quotes",
        "wrong-indentation",
        "yaml-syntax",
        "zero-bytes"
      })
  void whatIsNoYamlIsNoneForOthersEither(String name) throws IOException {
    String text = Files.readString(FOLDER.resolve(name + ".yaml"));

    assertThatThrownBy(() -> Schemas.refuse(text)).isInstanceOf(YamlEngineException.class);
  }

  private static Stream<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
    }
  }

  private static Path words(Path file) {
    return file.resolveSibling(file.getFileName().toString().replace(".yaml", ".txt"));
  }
}
