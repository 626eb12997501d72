package io.millrace.jobs.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Report.Places PLACES =
      new Report.Places("jdbc:postgresql://localhost:1/x", "localhost:2", "/tmp/<b>'\"&");
  private static final Found NOTHING =
      new Found(Map.of(), Map.of(), new Found.Scored(0, 0, 0, 0), Map.of(), new LeftOut(0, 0));

  @Test
  void escapesWhateverItShows() {
    String page =
        ReportHtml.of(
            Report.of(
                new Truth(),
                NOTHING,
                PLACES,
                List.of(new Report.Fact("<script>alert(1)</script>", "a & b")),
                List.of()));
    assertThat(page)
        .contains("/tmp/&lt;b&gt;&#39;&quot;&amp;")
        .contains("<dt>&lt;script&gt;alert(1)&lt;/script&gt;</dt><dd>a &amp; b</dd>")
        .doesNotContain("<script>")
        .doesNotContain("<b>")
        .doesNotContain("http://")
        .doesNotContain("https://");
  }

  @Test
  void saysWhenTheNumbersBalance() {
    Report report = Report.of(new Truth(), NOTHING, PLACES, List.of(), List.of());
    assertThat(report.balanced()).isTrue();
    assertThat(report.verdict())
        .isEqualTo("The numbers balance: every one of 0 events is accounted for.");
    assertThat(ReportText.of(report)).contains("ok").doesNotContain("WRONG");
  }

  @Test
  void saysWhenTheyDoNot() {
    Found one =
        new Found(
            Map.of("clicks", 1L),
            Map.of(),
            new Found.Scored(0, 0, 0, 0),
            Map.of(),
            new LeftOut(0, 0));
    Report report = Report.of(new Truth(), one, PLACES, List.of(), List.of());
    assertThat(report.balanced()).isFalse();
    assertThat(report.verdict())
        .isEqualTo("The numbers do NOT balance: 1 of 17 equations are wrong.");
    assertThat(ReportText.of(report)).containsPattern("clicks: made, raw in Delta +0 +1 +WRONG");
    assertThat(ReportHtml.of(report)).contains("<td class=\"bad\">WRONG</td>");
  }

  @Test
  void setsNumbersToTheRight() {
    Report.Table table =
        new Report.Table(
            "T", List.of("name", "rows"), List.of(List.of("a", "1,234"), List.of("bc", "5")));
    Report report = new Report("x", true, "fine", List.of(), List.of(table));
    assertThat(ReportText.of(report).lines())
        .contains("  name   rows", "  a     1,234", "  bc        5");
  }

  @Test
  void tellsHowTheDriverWasKilled() {
    Report report =
        Report.of(
            new Truth(),
            NOTHING,
            PLACES,
            List.of(),
            List.of(
                new Crashes.Kill(Crashes.Moment.IN_A_BATCH, "once", 4, 3, 3),
                new Crashes.Kill(Crashes.Moment.BEFORE_SPARK, "once", 9, 8, 9)));

    assertThat(ReportText.of(report).lines())
        .contains(
            "  once       4     3              3  read batch 4 again and wrote it",
            "  once       9     8              9  read batch 9 again and wrote nothing");
  }
}
