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
        - name: once
          from: timed
          dedupe: {keys: [ad], unbounded: true}
        - name: numbered
          from: clicks
          dedupe: {keys: [value], sequence: value}
        - name: mean
          from: timed
          sql: {query: "select ad, count(1) as n from timed group by ad", unbounded: true}
      sinks:
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
        .contains("  once           7 entries, ")
        .contains("  numbered       grows for as long as the job runs")
        .contains("  mean           not known from its settings");
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
  }
}
