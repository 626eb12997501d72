package io.millrace.tests.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class GoalsTest {
  private static final String KILLED =
      "{'name':'kill','seed':1,'modes':['jdbc'],'faults':{'kill':40,'kill_early':10,'kill_ahead':55,'pause':50},"
          + "'sinks':{'rows_jdbc':{'expected':2000000}},'verdict':'held','about':{'delivery':'now'}}";
  private static final String OLD = KILLED.replace("'now'", "'before'");
  private static final String BROKEN =
      "{'name':'kill','seed':9,'modes':['kafka'],'verdict':'not held','about':{'delivery':'now'}}";

  private static Goals goals(String... lines) throws IOException {
    Path file = Folders.temporary("goals").resolve("results.jsonl");
    Files.write(file, List.of(lines).stream().map(line -> line.replace('\'', '"')).toList());
    return Goals.of(file, "now");
  }

  @Test
  void addsUpWhatHeldOnThisVersionOnly() throws Exception {
    Goals goals = goals(KILLED, OLD);

    assertThat(goals.missing(Goals.kills(Mode.JDBC))).isZero();
    assertThat(goals.missing(Goals.kills(Mode.KAFKA))).isEqualTo(100);
    assertThat(goals.missing("kills")).isEqualTo(195);
    assertThat(goals.missing(Goals.records(Mode.JDBC))).isZero();
    assertThat(goals.missing(Fault.PAUSE.word())).isZero();
    assertThat(goals.missing(Fault.SECOND_START.word())).isEqualTo(50);
    assertThat(goals.met()).isFalse();
    assertThat(goals.text("now"))
        .contains("Of delivery code now; 1 lines of other versions do not count")
        .contains("kills of jdbc           105 of        100")
        .contains("NOT REACHED.");
  }

  @Test
  void isNeverMetWithALineThatDidNotHold() throws Exception {
    assertThat(goals(KILLED, BROKEN).text("now")).contains("NOT HELD: kill, seed 9: not held");
  }

  @Test
  void aLineThatWasTheHarnessesOwnFaultIsToldAndCountsForNothing() throws Exception {
    Goals goals = goals(KILLED, BROKEN.replace("'verdict'", "'withdrawn':'waited','verdict'"));

    assertThat(goals.text("now"))
        .contains("withdrawn: kill, seed 9: waited")
        .doesNotContain("NOT HELD");
    assertThat(goals.missing(Goals.kills(Mode.KAFKA))).isEqualTo(100);
  }

  @Test
  void theVersionIsThatOfTheSources() throws Exception {
    Path home = Folders.temporary("sources");
    Path run = Files.createDirectories(home.resolve("engine/src/main/java/io/millrace/engine/run"));
    Files.createDirectories(home.resolve("engine/src/main/java/io/millrace/engine/spi"));
    Path sink = Files.createDirectories(home.resolve("sinks/src/main/java/a")).resolve("A.java");
    Files.writeString(sink, "class A {}");
    String before = DeliveryCode.version(home);

    Files.writeString(run.resolve("notes.txt"), "no source");
    assertThat(DeliveryCode.version(home)).hasSize(12).isEqualTo(before);
    Files.writeString(sink, "class A { }");
    assertThat(DeliveryCode.version(home)).isNotEqualTo(before);
  }
}
