package io.millrace.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bill of ads by a join and by sessions, each held against what plain Java makes of it. */
class AdBillsTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final long SECONDS_OF_A_BATCH = 360;
  private static final int BATCHES = 2;

  private record Impression(String id, String ad, int user, Instant at, int price) {
    String row() {
      return "{impression_id: %s, ad_id: %s, user_id: %d, shown_at: \"%s\", price: %d.0}"
          .formatted(id, ad, user, at, price);
    }
  }

  private record Click(String id, String ad, int user, Instant at) {
    String row() {
      return "{click_id: %s, ad_id: %s, user_id: %d, clicked_at: \"%s\"}"
          .formatted(id, ad, user, at);
    }

    private boolean of(Impression shown) {
      long after = ChronoUnit.SECONDS.between(shown.at(), at);
      return ad.equals(shown.ad()) && user == shown.user() && after >= 0 && after <= 10;
    }
  }

  /** What came: the rows of a batch in any order, none behind the watermark in front of it. */
  private static final class Events {
    private final Random random;
    private final List<List<Impression>> impressions = new ArrayList<>();
    private final List<List<Click>> clicks = new ArrayList<>();

    Events(long seed) {
      random = new Random(seed);
      for (int batch = 0; batch < BATCHES; batch++) {
        impressions.add(new ArrayList<>());
        clicks.add(new ArrayList<>());
      }
      for (int number = 0; number < 150; number++) {
        shown(number);
      }
      impressions.forEach(rows -> Collections.shuffle(rows, random));
      clicks.forEach(rows -> Collections.shuffle(rows, random));
    }

    private void shown(int number) {
      long second = random.nextLong(BATCHES * SECONDS_OF_A_BATCH);
      Impression shown =
          new Impression(
              "i" + number,
              "abc".substring(random.nextInt(3)).substring(0, 1),
              random.nextInt(4),
              START.plusSeconds(second),
              random.nextInt(9));
      for (int times = random.nextInt(5) == 0 ? 2 : 1; times > 0; times--) {
        impressions.get(batch(second)).add(shown);
      }
      for (int times = random.nextInt(3); times > 0; times--) {
        long then = Math.max(0, second + random.nextInt(-2, 14));
        Click click =
            new Click("c" + number + times, shown.ad(), shown.user(), START.plusSeconds(then));
        clicks.get(batch(then)).add(click);
      }
    }

    private static int batch(long second) {
      return (int) Math.min(BATCHES - 1, second / SECONDS_OF_A_BATCH);
    }

    String given() {
      List<String> given = new ArrayList<>();
      for (int batch = 0; batch < BATCHES; batch++) {
        given.add(
            "      - {%simpressions: [%s], clicks: [%s]}"
                .formatted(
                    batch == 0
                        ? ""
                        : "watermark: \"%s\", "
                            .formatted(START.plusSeconds(batch * SECONDS_OF_A_BATCH)),
                    impressions.get(batch).stream()
                        .map(Impression::row)
                        .collect(Collectors.joining(", ")),
                    clicks.get(batch).stream().map(Click::row).collect(Collectors.joining(", "))));
      }
      given.add("      - {watermark: \"%s\"}".formatted(START.plus(2, ChronoUnit.HOURS)));
      return String.join("\n", given);
    }

    /** What is billed of a minute: how many impressions, and for how much. */
    Map<String, int[]> bill() {
      List<Click> all = clicks.stream().flatMap(List::stream).toList();
      Map<String, int[]> bill = new TreeMap<>();
      impressions.stream()
          .flatMap(List::stream)
          .distinct()
          .filter(shown -> shown.price() > 0 && all.stream().anyMatch(click -> click.of(shown)))
          .forEach(
              shown -> {
                String line = shown.ad() + " " + shown.at().truncatedTo(ChronoUnit.MINUTES);
                int[] sum = bill.computeIfAbsent(line, any -> new int[2]);
                sum[0]++;
                sum[1] += shown.price();
              });
      return bill;
    }
  }

  @ParameterizedTest
  @CsvSource({"ad-attribution, window_start, clicks, 1", "ad-sessions, minute, total, 1"})
  void isThatOfPlainJava(String job, String minute, String clicks, long seed) throws IOException {
    Events events = new Events(seed);
    Map<String, int[]> bill = events.bill();
    String text = Files.readString(Jobs.folder("conf/jobs").resolve(job + ".yaml"));
    String rows =
        bill.entrySet().stream()
            .map(
                line ->
                    "{ad_id: %s, %s: \"%s\", %s: %d, earned: %d.0}"
                        .formatted(
                            line.getKey().substring(0, 1),
                            minute,
                            line.getKey().substring(2),
                            clicks,
                            line.getValue()[0],
                            line.getValue()[1]))
            .collect(Collectors.joining(", "));
    String tests =
        """
        tests:
          - name: the bill
            given:
        %s
            expect: {billing: [%s]}
        """
            .formatted(events.given(), rows);
    Path file = Folders.temporary("bills").resolve(job + ".yaml");
    Files.writeString(file, text.substring(0, text.indexOf("tests:\n")) + tests);

    assertThat(bill).hasSizeGreaterThan(20);
    assertThat(TestsOfJobsTest.run(file).get(0)).isEmpty();
  }
}
