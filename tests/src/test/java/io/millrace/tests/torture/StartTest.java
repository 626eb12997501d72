package io.millrace.tests.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartTest {
  /** With less, a JVM that runs Spark for minutes stops compiling. */
  private static final long FULL = 240L << 20;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path folder;

  @Test
  void hasAsMuchRoomForCompiledCodeAsAJvmWithBothCompilers() throws Exception {
    List<String> words = Start.command(folder.resolve("job.yaml"), folder);
    List<String> asking = new ArrayList<>(words.subList(0, words.indexOf("-cp")));
    asking.addAll(List.of("-XX:+PrintFlagsFinal", "-version"));
    Process java = new ProcessBuilder(asking).redirectErrorStream(true).start();
    String flags = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(java.waitFor()).as(flags).isZero();
    assertThat(flags).containsPattern("ReservedCodeCacheSize += " + FULL + " ");
  }
}
