package io.millrace.engine.fold;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SeenTest {
  private static final StructType ROWS = new StructType().add("number", DataTypes.LongType);
  private static final int RANGE = 16;

  private final Folding folding = new Seen(0, Values.of(ROWS, List.of("number"))).open();
  private final UnsafeProjection packing = UnsafeProjection.create(ROWS);
  private byte @Nullable [] memory;

  /** The numbers that are handed on, of a batch. */
  private List<Long> told(List<Long> numbers) {
    List<Long> out = new ArrayList<>();
    folding.begin(InternalRow.empty(), memory);
    for (Long number : numbers) {
      UnsafeRow row = packing.apply(new GenericInternalRow(new Object[] {number})).copy();
      folding.row(row, given -> out.add(given.getLong(0)));
    }
    memory = folding.end();
    return out;
  }

  @Test
  void numbersWithoutAGapAreOneRangeHoweverTheyCome() {
    List<Long> numbers = new ArrayList<>();
    for (long number = -5_000; number < 5_000; number++) {
      numbers.add(number);
      numbers.add(number);
    }
    Collections.shuffle(numbers, new Random(1));
    Set<Long> seen = new HashSet<>();
    for (int from = 0; from < numbers.size(); from += 1_000) {
      for (Long number : told(numbers.subList(from, from + 1_000))) {
        assertThat(seen.add(number)).as("%d again", number).isTrue();
      }
    }

    assertThat(seen).hasSize(10_000);
    assertThat(memory).hasSize(RANGE);
    assertThat(told(numbers)).isEmpty();
  }

  @Test
  void aGapCostsARangeUntilItIsFilled() {
    assertThat(told(List.of(1L, 3L, 5L))).containsExactly(1L, 3L, 5L);
    assertThat(memory).hasSize(3 * RANGE);
    assertThat(told(List.of(4L, 3L))).containsExactly(4L);
    assertThat(memory).hasSize(2 * RANGE);
    assertThat(told(List.of(2L))).containsExactly(2L);
    assertThat(Objects.requireNonNull(memory)).hasSize(RANGE);
  }

  @Test
  void theLastNumbersThereAreDoNotRunOver() {
    assertThat(told(List.of(Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE)))
        .containsExactly(Long.MAX_VALUE, Long.MIN_VALUE);
    assertThat(told(List.of(Long.MIN_VALUE))).isEmpty();
  }
}
