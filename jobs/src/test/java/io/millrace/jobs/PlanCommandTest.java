package io.millrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCommandTest {
  private static final String JOB =
      """
      job: visits
      checkpoint: /checkpoints
      sources:
        - {name: clicks, rate: {}, watermark: {time: timestamp, delay: 20s}}
      steps:
        - name: timed
          sql: select cast(value % 7 as string) as ad, timestamp from clicks
        - name: per_minute
          window: {time: timestamp, every: 1m, by: [ad], aggregate: {n: count(1)}}
        - name: busiest
          sql: select window_end, max(n) as n from per_minute group by window_end
        - name: once
          from: timed
          dedupe: {keys: [ad], unbounded: true}
        - name: numbered
          from: clicks
          dedupe: {keys: [value], sequence: value}
        - name: mean
          from: timed
          sql: {query: "select ad, count(1) as n from timed group by ad", unbounded: true}
        - name: cheap
          from: clicks
          validate: [{rule: small, that: value < 9, else: drop}]
        - name: per_hour
          window: {time: timestamp, every: 1h, aggregate: {n: count(1)}}
        - name: silent
          from: timed
          stateful: {class-name: io.millrace.engine.step.Silence, by: [ad], output: "ad string, last timestamp, at timestamp", settings: {time: timestamp, seconds: "60"}}
        - {name: again, from: timed, sql: select * from timed}
        - {name: both, union: [timed, again]}
      sinks:
        - {name: tops, from: busiest, console: {}, trigger: 10s}
        - {name: hours, from: per_hour, console: {}, trigger: 10s}
        - {name: silences, from: silent, console: {}, trigger: 10s}
        - {name: out, from: per_minute, console: {}, trigger: 10s}
        - {name: ones, from: once, console: {}, trigger: 10s}
        - {name: numbers, from: numbered, console: {}, trigger: 10s}
        - {name: means, from: mean, console: {}, mode: update, trigger: 10s}
      """;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path folder;

  private String plan(String... options) throws IOException {
    Path file = Files.writeString(folder.resolve("job.yaml"), JOB);
    StringWriter text = new StringWriter();
    List<String> arguments = new ArrayList<>(List.of("plan", file.toString()));
    arguments.addAll(List.of(options));
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(text, true))
            .setErr(new PrintWriter(text, true))
            .execute(arguments.toArray(String[]::new));
    return exit + "\n" + text;
  }

  @Test
  void tellsStateOnlyWhereARateIsSaid() throws IOException {
    assertThat(plan()).startsWith("0\n").doesNotContain("entries");

    // A window of a minute is kept for 20 s of delay and 10 s of a batch: 7 keys in one or in two.
    assertThat(plan("--rate", "clicks=100", "--keys", "ad=7"))
        .startsWith("0\n")
        .contains("  per_minute     10 entries, ")
        .contains("  busiest        0 entries, ")
        .contains("  once           7 entries, ")
        .contains("  numbered       grows for as long as the job runs")
        .contains("  mean           7 entries, ")
        .contains(
            "  silent         not known: a class of the job's own. --state silent=64 says how many"
                + " bytes it keeps of a key")
        .contains("  together       grows for as long as the job runs, without silent")
        .contains("  All rows count that come to cheap: --keep cheap=0.3 says what share passes");
    assertThat(plan("--rate", "clicks=100"))
        .contains("  once           grows for as long as the job runs")
        .contains("Each row counts as another ad: --keys ad=1000 says how many there are");
  }

  @Test
  void longTextsTakeMore() throws IOException {
    String usual = plan("--rate", "clicks=100", "--keys", "ad=7");
    String longer = plan("--rate", "clicks=100", "--keys", "ad=7", "--bytes", "ad=100");

    // 16 bytes of a key, and 104 in their place, seven times.
    assertThat(usual).contains("  once           7 entries, 280 bytes before compression");
    assertThat(longer).contains("  once           7 entries, 896 bytes before compression");
  }

  @Test
  void refusesALoadThatDoesNotFit() throws IOException {
    assertThat(plan("--rate", "klicks=100"))
        .startsWith("2\n")
        .contains("Missing the rate of clicks. Write --rate clicks=1000, in rows a second");
    assertThat(plan("--rate", "clicks=100", "--rate", "klicks=100"))
        .startsWith("2\n")
        .contains("Unknown stream 'klicks' in --rate. There are clicks");
    assertThat(plan("--keys", "ad=7"))
        .startsWith("2\n")
        .contains("Missing the rate of clicks. Write --rate clicks=1000, in rows a second");
    refuses("--rate", "clicks=-1", "Expected a number of 0 or more in --rate clicks, found -1.0");
    refuses("--keys", "ad=0", "Expected a number of 1 or more in --keys ad, found 0");
    refuses("--keys", "add=7", "Unknown column 'add' in --keys. There are ad, ");
    refuses("--bytes", "ads=7", "Unknown column 'ads' in --bytes. There are ad, ");
    refuses("--keep", "chap=0.3", "Unknown step 'chap' in --keep. There are timed, per_minute, ");
    refuses(
        "--keep", "cheap=x", "Invalid value for option '--keep' (STEP=SHARE): 'x' is not a double");
    refuses(
        "--keep",
        "both=0.3",
        "Cannot take --keep for 'both': it has several inputs. Name the steps above it");
    refuses(
        "--state",
        "once=8",
        "Cannot take --state for 'once': it is for a class of the job's own, in steps: silent");
  }

  private void refuses(String flag, String value, String sentence) throws IOException {
    assertThat(plan("--rate", "clicks=100", flag, value)).startsWith("2\n").contains(sentence);
  }

  @Test
  void takesWhatIsSaidOfConditionsAndClasses() throws IOException {
    String told =
        plan("--rate", "clicks=100", "--keys", "ad=7", "--keep", "cheap=0", "--state", "silent=10");

    assertThat(told)
        .contains("  per_hour       0 entries, ")
        .contains("  silent         7 entries, 70 bytes before compression")
        .doesNotContain("All rows count");
  }
}
