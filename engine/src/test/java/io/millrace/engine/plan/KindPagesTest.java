package io.millrace.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KindPagesTest {
  private final KindPages pages = new KindPages(Catalog.of(List.of(new SampleKinds())));

  @Test
  void listsAllKindsByGroup() {
    assertThat(pages.all())
        .isEqualTo(
            """
            ## Sources

                kafka      Reads Kafka topics

            ## Decoders

                bytes      Keeps the bytes
                json       Reads JSON objects

            ## Steps

                sql        Runs a query
                tree       Holds itself
                validate   Checks rules
                watermark  Bounds how late rows come

            ## Sinks

                jdbc       Writes a table
                kafka      Writes a topic

            ## Trainers

                pipeline   Fits a pipeline
            """);
    assertThat(pages.names()).contains("kafka", "pipeline").hasSize(9);
  }

  @Test
  void showsEveryGroupThatHasTheName() {
    assertThat(pages.page("kafka").orElseThrow())
        .isEqualTo(
            """
            # kafka (source)

            Reads Kafka topics

            | Setting          | Type                     | Default  | Meaning                   |
            | ---------------- | ------------------------ | -------- | ------------------------- |
            | servers          | text                     | needed   | Brokers                   |
            | topics           | list of text             | –        | Topics to read            |
            | start            | one of earliest, offsets | earliest | Where to begin            |
            | start.offsets.at | map of whole number      | –        | Offset by partition       |
            | max-per-batch    | whole number             | –        | Rows of one batch at most |
            | buffer           | size                     | 64MB     | Buffer                    |

            # kafka (sink)

            Writes a topic

            | Setting | Type | Default | Meaning        |
            | ------- | ---- | ------- | -------------- |
            | ddl     | text | needed  | Columns as DDL |

            `kafka: …` alone is short for `kafka: {ddl: …}`.
            """);
  }

  @Test
  void showsNestedSettingsAndEndsOnRecordsThatHoldThemselves() {
    assertThat(pages.page("validate").orElseThrow())
        .contains("| rules        | list of settings  | –       | Rules ")
        .contains("| rules[].else | dead-letter, drop | needed  | What happens to others |");
    assertThat(pages.page("tree").orElseThrow())
        .contains("| children | list of settings | –       | Below it |");
  }

  @Test
  void saysThatAKindHasNoSettings() {
    assertThat(pages.page("bytes").orElseThrow())
        .isEqualTo("# bytes (decoder)\n\nKeeps the bytes\n\nIt has no settings.\n");
  }

  @Test
  void keepsBarsOutOfTheTable() {
    assertThat(pages.page("sql").orElseThrow()).contains("| Tries \\| times |");
  }

  @Test
  void takesAnEndingAndKnowsWhatItHasNot() {
    assertThat(pages.page("sql", page -> page + "Example").orElseThrow()).endsWith(".\nExample");
    assertThat(pages.page("nothing")).isEmpty();
  }

  @Test
  void endsWithWhatAKindHasToSayBesides() {
    assertThat(new KindPages(Catalog.load()).page("window").orElseThrow())
        .containsSubsequence("| aggregate ", "| `approx_count_distinct");
    assertThat(new KindPages(Catalog.load()).page("dedupe").orElseThrow())
        .doesNotContain("approx_count_distinct");
  }
}
