package io.millrace.engine.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobFileTest {
  @TempDir private Path root = Path.of("");

  private final Findings findings = new Findings();
  private Path folder = Path.of("");

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectory(root.resolve("jobs"));
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private Optional<JobSpec> read(Path file) {
    return JobFile.read(file, Variables.of(Map.of()), findings);
  }

  private List<String> mistakes() {
    return findings.list().stream()
        .map(finding -> finding.toString().replace(folder + "/", ""))
        .toList();
  }

  @Test
  void putsIncludedFilesInFront() throws IOException {
    Path common =
        file("common.yaml", "spark: {a: 1, b: 1}\nabout: common\nsources: [{name: one, rate: }]\n");
    Path job =
        file(
            "job.yaml",
            """
            job: a
            include: [common.yaml, common.yaml]
            spark: {b: 2}
            about: own
            sources: [{name: two, rate: }]
            sinks: [{name: out, console: }]
            """);

    JobSpec spec = read(job).orElseThrow();

    assertThat(mistakes()).isEmpty();
    assertThat(spec.sources())
        .extracting(source -> source.name().text())
        .containsExactly("one", "two");
    assertThat(spec.sources().get(0).name().at()).isEqualTo(new Position(common.toString(), 3, 18));
    assertThat(spec.spark()).hasToString("{a=1, b=2}");
    assertThat(spec.about()).contains("own");
    assertThat(spec.folder()).isEqualTo(folder);
  }

  @Test
  void refusesFilesThatItMustNotRead() throws IOException {
    Path outside = Files.writeString(root.resolve("outside.yaml"), "spark: {a: 1}\n");
    Files.createSymbolicLink(folder.resolve("link.yaml"), outside);
    file("again.yaml", "include: job.yaml\n");
    file("list.yaml", "- a\n");
    Path job =
        file(
            "job.yaml",
            """
            job: a
            include:
              - ../outside.yaml
              - /etc/passwd
              - link.yaml
              - again.yaml
              - none.yaml
              - list.yaml
              - {a: b}
            sources: [{name: two, rate: }]
            sinks: [{name: out, console: }]
            """);

    read(job);

    assertThat(mistakes())
        .containsExactly(
            "again.yaml:1:10  include: Cannot include 'job.yaml': it includes this file, and so"
                + " itself. Leave one of the two out",
            "job.yaml:3:5  include: Cannot include '../outside.yaml'. Write the name of a file in"
                + " the same folder, such as common.yaml",
            "job.yaml:4:5  include: Cannot include '/etc/passwd'. Write the name of a file in the"
                + " same folder, such as common.yaml",
            "job.yaml:5:5  include: Cannot include 'link.yaml': it is a link to another folder. Copy"
                + " the file into this one",
            "job.yaml:7:5  include: Cannot include 'none.yaml': there is no such file beside"
                + " job.yaml",
            "job.yaml:9:5  include: Expected a file name, found a map. Write include: common.yaml,"
                + " or a list of names",
            "list.yaml:1:1  include: Expected a map, found a list");
  }

  @Test
  void tellsOfMistakesInIncludedFilesByTheirName() throws IOException {
    file("common.yaml", "sources:\n  - {name: One, rate: }\nsinks: 5\n");
    Path job = file("job.yaml", "job: a\ninclude: common.yaml\nsinks: [{name: out, console: }]\n");

    assertThatThrownBy(() -> JobFile.read(job))
        .isInstanceOf(InvalidJobException.class)
        .hasMessage(
            folder.resolve("common.yaml")
                + ":2:12  sources.One.name: Cannot be named 'One'. Write small letters, digits and"
                + " _, a letter first, such as one\n"
                + folder.resolve("common.yaml")
                + ":3:8  sinks: Expected a list as in the including file, found '5'");
  }

  @Test
  void readsATraining() throws IOException {
    Path file = file("train.yaml", "model: m\nfrom: {delta: {path: /a}}\nlabel: x\n");

    assertThat(JobFile.readTraining(file).model().text()).isEqualTo("m");
    assertThat(JobFile.tree(file, Variables.of(Map.of()), findings).map(TrainingReader::accepts))
        .contains(true);
  }
}
