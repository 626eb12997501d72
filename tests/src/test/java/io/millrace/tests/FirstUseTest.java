package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.tests.Script.Ended;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fresh checkout, in which nothing is built yet. */
class FirstUseTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path folder;

  @SuppressWarnings("NullAway.Init")
  private Script script;

  @BeforeEach
  void checkout() throws IOException {
    Path fresh = folder.resolve("a fresh checkout");
    Files.walkFileTree(Script.HOME, new Sources(fresh));
    script = Script.in(folder).of(fresh);
  }

  @Test
  void twoFirstStartsShareOneBuild() throws Exception {
    String job = script.home().resolve("conf/examples/window.yaml").toString();
    Script.Started first = script.start("lint", job);
    Script.Started second = script.start("lint", job);
    List<Ended> both = List.of(first.end(), second.end());
    assertThat(both)
        .allSatisfy(
            ended -> {
              assertThat(ended.exit()).as(ended.err()).isZero();
              assertThat(ended.out()).contains("window.yaml  is sound");
            });
    assertThat(both).filteredOn(ended -> ended.err().contains("Building Millrace")).hasSize(1);
    assertThat(both).filteredOn(ended -> ended.err().contains("waiting for it")).hasSize(1);
    Ended later = script.run("lint", job);
    assertThat(later.err()).isEmpty();
    assertThat(later.exit()).isZero();
    assertThat(script.home().resolve("jobs/target/maven-status"))
        .as("what a full build would take for checked")
        .doesNotExist();
  }

  @Test
  void saysInOneSentenceThatThereIsNoWayToTheRepository() throws Exception {
    Path home = folder.resolve("home");
    Files.writeString(
        Files.createDirectories(home.resolve(".m2")).resolve("settings.xml"),
        """
        <settings>
          <mirrors>
            <mirror><id>closed</id><mirrorOf>*</mirrorOf><url>http://localhost:%d/</url></mirror>
          </mirrors>
        </settings>
        """
            .formatted(closedPort()));
    Ended ended =
        script
            .with(Map.of("MAVEN_OPTS", "-Duser.home=" + home))
            .run("run", script.home().resolve("conf/examples/window.yaml").toString());
    assertThat(ended.exit()).isEqualTo(2);
    assertThat(ended.err())
        .contains("fetching what is missing: up to 500 MB")
        .contains("millrace: cannot fetch what the build needs")
        .contains("check network and proxy")
        .doesNotContain("[ERROR]");
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** Copies what is not built. */
  private static final class Sources extends SimpleFileVisitor<Path> {
    private static final Set<String> NOT = Set.of("target", ".git");
    private final Path copy;

    Sources(Path copy) {
      this.copy = copy;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path from, BasicFileAttributes attributes)
        throws IOException {
      if (from.getFileName() != null && NOT.contains(from.getFileName().toString())) {
        return FileVisitResult.SKIP_SUBTREE;
      }
      Files.createDirectories(in(from));
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path from, BasicFileAttributes attributes) throws IOException {
      Files.copy(from, in(from));
      return FileVisitResult.CONTINUE;
    }

    private Path in(Path from) {
      return copy.resolve(Script.HOME.relativize(from));
    }
  }
}
