package io.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DriftWindowTest {
  @Test
  void holdsTheNewestRows() {
    DriftWindow window = new DriftWindow(100, 2);
    for (int i = 0; i < 10; i++) {
      window.add(new long[] {30, 0}, 30);
    }
    window.add(new long[] {0, 90}, 90);

    assertThat(window.rows()).isEqualTo(120);
    assertThat(window.sums()).containsExactly(30, 90);
  }

  @Test
  void holdsAFewMoreRowsWhereBatchesAreSmall() {
    DriftWindow window = new DriftWindow(100, 1);
    for (int i = 0; i < 1_000; i++) {
      window.add(new long[] {1}, 1);
      assertThat(window.rows()).isBetween(Math.min(i + 1L, 100), 105L);
      assertThat(window.sums()).containsExactly(window.rows());
    }
  }

  @Test
  void oneLargeBatchTakesThePlaceOfAllBefore() {
    DriftWindow window = new DriftWindow(100, 1);
    window.add(new long[] {50}, 50);
    window.add(new long[] {500}, 500);

    assertThat(window.rows()).isEqualTo(500);
  }
}
