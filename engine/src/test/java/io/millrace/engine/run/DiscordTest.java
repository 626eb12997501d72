package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Origin;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiscordTest {
  private static final UUID OURS = UUID.randomUUID();
  private static final UUID OTHER = UUID.randomUUID();

  /** The last columns: which checkpoint the ledger knows, its last batch, and since when. */
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          # offsets, commits, ledger, last, since, expected
          -1, -1, none,  ,   ,
          -1, -1, none,  , -1,
           0, -1, none,  , -1,
           5,  5, none,  ,   ,
           5,  5, none,  ,  5,
           5,  5, none,  ,  4, LEDGER_LOST
           5,  5, none,  , -1, LEDGER_LOST
           5,  5, ours,  5, -1,
           6,  5, ours,  5, -1,
           6,  5, ours,  6, -1,
           6,  5, ours,  7, -1, CHECKPOINT_BEHIND
           6,  5, ours,  4, -1, SINK_BEHIND
           6,  3, ours,  6, -1,
           6,  3, ours,  5, -1,
           6,  3, ours,  4, -1, SINK_BEHIND
           0, -1, ours, -1, -1,
           5,  5, ours, -1,  5,
           5,  5, ours, -1,   ,
           6,  6, ours, -1,  5, SINK_BEHIND
          -1, -1, ours,  3, -1, CHECKPOINT_BEHIND
          -1, -1, other, 3,   , OTHER_CHECKPOINT
           5,  5, other, 5, -1, OTHER_CHECKPOINT
          -1, -1, other, -1,  ,
           5,  5, other, -1, -1, OTHER_CHECKPOINT
          """)
  void tellsWhichSideWentBack(
      long offsets, long commits, String ledger, Long last, Long since, Discord expected) {
    Optional<Held> held =
        ledger.equals("none")
            ? Optional.empty()
            : Optional.of(
                new Held(
                    ledger.equals("ours") ? OURS : OTHER,
                    1,
                    last,
                    Optional.empty(),
                    Optional.empty()));
    assertThat(
            Discord.of(
                new Progress(offsets, commits),
                OURS,
                held,
                Optional.ofNullable(since),
                batch -> Optional.of("{}")))
        .isEqualTo(Optional.ofNullable(expected));
  }

  /** A batch of the same number, from another run of the same checkpoint. */
  @ParameterizedTest
  @CsvSource({"a, a,", "a, b, OTHER_ROWS", "a, ,", ", b,"})
  void tellsOtherRowsUnderTheSameNumber(String held, String noted, Discord expected) {
    Held ledger =
        new Held(
            OURS,
            1,
            5,
            Optional.empty(),
            Optional.empty(),
            Optional.ofNullable(held).map(at -> new Origin(at, "plan", Optional.empty())));

    assertThat(
            Discord.of(
                new Progress(5, 5),
                OURS,
                Optional.of(ledger),
                Optional.of(-1L),
                batch -> Optional.ofNullable(noted)))
        .isEqualTo(Optional.ofNullable(expected));
  }
}
