package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.BatchFence;
import io.millrace.engine.spi.Origin;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RoundTest {
  private static final Round ROUND = new Round(Map.of("out", new Written(3, "b")), Map.of(), 3);

  /** A sink whose last batch came from these offsets. */
  private record Written(long last, String offsets) implements BatchFence {
    @Override
    public Optional<Origin> noted(long batch) {
      return Optional.of(new Origin(offsets, "plan", Optional.empty()));
    }

    @Override
    public void write(Batch batch) {}
  }

  /** What an earlier start had sent may take effect when this one has looked at the ledger. */
  @Test
  void aSinkThatGotOtherRowsOfItsLastBatchIsRefused() {
    Progress begun = new Progress(3, 2);

    assertThatThrownBy(() -> ROUND.failIfMoved(begun, batch -> Optional.of("a")))
        .hasMessage(
            "Cannot start: a moment ago the sink got other rows of batch 3 than the checkpoint"
                + " has. It has batches up to 3, the checkpoint has begun batches up to 3 and done"
                + " those up to 2. If another start of this job is at work, end that one; then"
                + " start this one again, which tells more");
    assertThatCode(() -> ROUND.failIfMoved(begun, batch -> Optional.of("b")))
        .doesNotThrowAnyException();
    assertThatCode(() -> ROUND.failIfMoved(begun, batch -> Optional.empty()))
        .doesNotThrowAnyException();
  }

  @Test
  void aSinkThatIsAheadOrBehindIsRefused() {
    assertThatThrownBy(() -> ROUND.failIfMoved(new Progress(2, 2), batch -> Optional.empty()))
        .hasMessageContaining("was written to");
    assertThatThrownBy(() -> ROUND.failIfMoved(new Progress(5, 4), batch -> Optional.empty()))
        .hasMessageContaining("went back in time");
  }
}
