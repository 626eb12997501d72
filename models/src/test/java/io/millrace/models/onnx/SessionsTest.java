package io.millrace.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionsTest {
  private final Hand hand = new Hand();
  private final Sessions sessions = new Sessions(hand);

  /** A clock that is moved by hand. */
  private static final class Hand extends Clock {
    private Instant now = Instant.EPOCH;

    void tick() {
      now = now.plusSeconds(1);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  @AfterEach
  void closesAll() {
    sessions.closeUnused("a");
    sessions.closeUnused("b");
    assertThat(sessions.count()).isZero();
  }

  @Test
  void sharesOneSessionOfAVersion() {
    try (Sessions.Lease one = lend("a", "v1");
        Sessions.Lease other = lend("a", "v1")) {
      assertThat(other.session()).isSameAs(one.session());
    }
    assertThat(sessions.count("a")).as("it stays for the next batch").isEqualTo(1);
    try (Sessions.Lease again = lend("a", "v1");
        Sessions.Lease elsewhere = lend("b", "v1")) {
      assertThat(elsewhere.session()).isNotSameAs(again.session());
    }
    assertThat(sessions.count()).isEqualTo(2);
  }

  @Test
  void keepsTwoVersionsOverTwentyReloads() throws Exception {
    for (int version = 1; version <= 20; version++) {
      try (Sessions.Lease lease = lend("a", "v" + version)) {
        assertThat(lease.session().getNumInputs()).isEqualTo(1);
        assertThat(sessions.count("a")).isEqualTo(Math.min(version, 2));
      }
    }
    assertThat(sessions.count("a")).isEqualTo(2);
  }

  @Test
  void closesNoneThatIsInUse() throws Exception {
    Sessions.Lease first = lend("a", "v1");
    Sessions.Lease second = lend("a", "v2");
    Sessions.Lease third = lend("a", "v3");
    sessions.closeUnused("a");
    assertThat(first.session().getNumInputs()).isEqualTo(1);
    assertThat(sessions.count("a")).isEqualTo(3);

    first.close();
    assertThat(sessions.count("a")).isEqualTo(2);
    second.close();
    third.close();
    assertThat(sessions.count("a")).isEqualTo(2);
  }

  @Test
  void closesWhatAnEndedQueryLeft() {
    lend("a", "v1").close();
    for (int i = 0; i < Sessions.STALE.toSeconds(); i++) {
      hand.tick();
    }
    lend("b", "v1").close();
    assertThat(sessions.count("a")).isZero();
    assertThat(sessions.count("b")).isEqualTo(1);
  }

  @Test
  void triesAgainWhatCouldNotBeOpened() {
    assertThatThrownBy(() -> sessions.lend(new Sessions.Key("a", "v1"), () -> new byte[] {1}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Cannot open version v1 of the model: ");
    assertThat(sessions.count()).isZero();
    lend("a", "v1").close();
    assertThat(sessions.count("a")).isEqualTo(1);
  }

  private Sessions.Lease lend(String place, String version) {
    hand.tick();
    return sessions.lend(new Sessions.Key(place, version), () -> OnnxModels.logistic(0));
  }
}
