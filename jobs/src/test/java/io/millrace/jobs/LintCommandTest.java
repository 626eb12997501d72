package io.millrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LintCommandTest {
  private static final String SOUND =
      """
      job: orders
      checkpoint: /checkpoints
      sources:
        - {name: orders, rate: {}}
      sinks:
        - {name: out, console: {}}
      """;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path folder;

  /** What a command printed, and what it ended with. */
  private record Ended(int exit, String out, String err) {}

  private static Ended lint(Path... files) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] arguments = new String[files.length + 1];
    arguments[0] = "lint";
    for (int i = 0; i < files.length; i++) {
      arguments[i + 1] = files[i].toString();
    }
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Ended(exit, out.toString(), err.toString());
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void goesOnPastAFileThatCannotBeRead() throws IOException {
    Path sound = file("sound.yaml", SOUND);
    Path wrong = file("wrong.yaml", SOUND.replace("console", "konsole"));

    Ended ended = lint(sound, folder, folder.resolve("none.yaml"), wrong);

    assertThat(ended.out())
        .isEqualTo(
            sound
                + "  is sound\n  out            at-least-once\n"
                + wrong
                + ":6:17  sinks.out: Unknown kind 'konsole'. Did you mean 'console'?\n");
    assertThat(ended.err())
        .isEqualTo(
            "millrace lint: Cannot read "
                + folder
                + ": it is a folder. Name a file in it\nmillrace lint: Cannot read "
                + folder.resolve("none.yaml")
                + ": there is no such file\n");
    assertThat(ended.exit()).isEqualTo(Exit.WRONG_COMMAND);
  }

  @Test
  void endsWithOneWhereAFileIsWrongAndWithNothingWhereAllAreSound() throws IOException {
    Path sound = file("sound.yaml", SOUND);
    Path empty = file("empty.yaml", "");

    assertThat(lint(sound, empty).exit()).isEqualTo(Exit.WRONG_JOB);
    Ended good = lint(sound);
    assertThat(good.exit()).isEqualTo(Exit.DONE);
    assertThat(good.out()).endsWith("Next: spark-submit/millrace plan " + sound + "\n");
    assertThat(good.err()).isEmpty();
  }

  @Test
  void takesABadSettingOfSparkAsAMistakeOfTheFile() throws IOException {
    Path wrong = file("wrong.yaml", SOUND + "spark: {spark.sql.shuffle.partitions: many}\n");

    Ended ended = lint(wrong);

    assertThat(ended.exit()).isEqualTo(Exit.WRONG_JOB);
    assertThat(ended.out()).startsWith(wrong + ":7:39  spark.spark.sql.shuffle.partitions: Cannot");
    assertThat(ended.err()).isEmpty();
  }
}
