package io.millrace.jobs.submit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobFile;
import io.millrace.engine.spec.NamedFiles;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spec.Variables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShipmentTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path folder;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void bringsTheFileAndAllThatItIncludes() throws IOException {
    file("common.yaml", "include: ${PLACE}.yaml\ncheckpoint: \"${HOME_OF}/é\"\n");
    file("lake.yaml", "about: the lake\n");
    file("other.yaml", "about: not included\n");
    Path job = file("orders.yaml", "include: common.yaml\njob: orders\n");

    Shipment sent =
        Shipment.of(
            job, Map.of("KAFKA", "a:1,b:2"), Variables.of(Map.of("PLACE", "lake", "HOME_OF", "/")));
    Shipment came = Shipment.unpacked(sent.word());

    assertThat(came).isEqualTo(sent);
    assertThat(came.texts()).containsOnlyKeys("orders.yaml", "common.yaml", "lake.yaml");
    Path target = Files.createDirectory(folder.resolve("there"));
    Path there = came.into(target);
    assertThat(there).isEqualTo(target.resolve("orders.yaml")).hasSameTextualContentAs(job);
    assertThat(target.resolve("common.yaml"))
        .hasSameTextualContentAs(folder.resolve("common.yaml"));
    came.remove(target);
    assertThat(target).doesNotExist();
  }

  @Test
  void bringsTheSchemaFilesThatItNames() throws IOException {
    Path fields = file("fields.ddl", "n int");
    String name = fields.toString();
    file("common.yaml", "sources:\n  - {name: in, decode: {csv: {schema-file: \"${AT}\"}}}\n");
    Path job =
        file(
            "orders.yaml",
            "include: common.yaml\nsources:\n  - {name: b, decode: {json: {schema-file: \"%s\"}}}\n"
                .formatted(name));
    Variables here = Variables.of(Map.of("AT", file("other.ddl", "m int").toString()));

    Shipment came = Shipment.unpacked(Shipment.of(job, Map.of(), here).word());

    assertThat(came.schemas()).containsOnlyKeys(name, folder.resolve("other.ddl").toString());
    Path target = Files.createDirectory(folder.resolve("there"));
    Path there = came.into(target);
    Map<String, String> places = came.places(target);
    assertThat(Path.of(places.get(name))).hasContent("n int").hasParent(target);
    Tree moved =
        NamedFiles.moved(
            JobFile.tree(there, here, new Findings()).orElseThrow(), came.places(target));
    assertThat(NamedFiles.in(moved)).containsExactlyInAnyOrderElementsOf(places.values());
    came.remove(target);
    assertThat(target).doesNotExist();
  }

  @Test
  void isTheSameWordForTheSameJob() throws IOException {
    Path job = file("orders.yaml", "job: orders\n");
    Map<String, String> sent = Map.of("A", "1", "B", "2");

    assertThat(Shipment.of(job, sent, Variables.of(Map.of())).word())
        .isEqualTo(Shipment.of(job, sent, Variables.of(Map.of())).word())
        .matches("[A-Za-z0-9_-]+");
  }

  @Test
  void refusesWhatIsLongerThanACommand() throws IOException {
    byte[] noise = new byte[120_000];
    new Random(1).nextBytes(noise);
    Path job = file("noise.yaml", "about: " + Base64.getEncoder().encodeToString(noise) + "\n");

    assertThatThrownBy(() -> Shipment.of(job, Map.of(), Variables.of(Map.of())).word())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot send noise.yaml along in the command")
        .hasMessageEndingWith("Split it into jobs of their own");
  }

  @Test
  void refusesWhatItHasNotMade() throws IOException {
    String word = Shipment.of(file("a.yaml", "job: a\n"), Map.of(), Variables.of(Map.of())).word();

    for (String wrong : new String[] {"", "zzz", "a b", word.substring(0, word.length() / 2)}) {
      assertThatThrownBy(() -> Shipment.unpacked(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Cannot read the job that was sent along: ");
    }
  }

  @Test
  void writesNothingOutsideItsFolder() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    Shipment escaping = new Shipment("a", Map.of("a", "", "../b", "x"), Map.of(), Map.of());

    assertThatThrownBy(() -> escaping.into(inner))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a file named ../b");
    assertThat(folder.resolve("b")).doesNotExist();
  }
}
