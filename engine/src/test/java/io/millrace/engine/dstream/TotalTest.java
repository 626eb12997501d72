package io.millrace.engine.dstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Carried.Fold;
import io.millrace.engine.spi.Carried.Totals;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.streaming.Time;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

class TotalTest {
  private static final Totals TOTALS =
      new Totals(List.of("k"), List.of(Fold.ADD, Fold.LEAST), Optional.of(Duration.ofSeconds(10)));

  @Test
  void addsWhatComesToWhatIsThere() {
    Option<Total> first = next(1_000, Option.empty(), 2L, null);
    Option<Total> second = next(2_000, first, 3L, "b");

    assertThat(first.get()).isEqualTo(new Total(Arrays.asList(2L, null), 1_000));
    assertThat(second.get()).isEqualTo(new Total(List.of(5L, "b"), 2_000));
    assertThat(next(3_000, second).get()).as("nothing came").isEqualTo(second.get());
  }

  @Test
  void forgetsAKeyThatNoRowHas() {
    Option<Total> first = next(1_000, Option.empty(), 2L, "a");

    assertThat(next(10_999, first).isDefined()).isTrue();
    assertThat(next(11_000, first).isDefined()).isFalse();
    assertThat(next(11_000, first, 1L, "z").get())
        .as("it begins anew")
        .isEqualTo(new Total(List.of(1L, "z"), 11_000));
  }

  @Test
  void comparesTextsByTheirBytesAndAddsWithoutOverflow() {
    assertThat(Total.fold(Fold.GREATEST, "\uD83D\uDE00", "\uFF5E")).isEqualTo("\uD83D\uDE00");
    assertThat(Total.fold(Fold.GREATEST, Double.NaN, 1.0)).isEqualTo(Double.NaN);
    assertThat(Total.fold(Fold.ADD, new BigDecimal("0.1"), new BigDecimal("0.2")))
        .isEqualTo(new BigDecimal("0.3"));
    assertThatThrownBy(() -> Total.fold(Fold.ADD, Long.MAX_VALUE, 1L))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("long overflow");
  }

  private static Option<Total> next(long now, Option<Total> before) {
    return next(now, before, List.of());
  }

  private static Option<Total> next(
      long now, Option<Total> before, @Nullable Object one, @Nullable Object other) {
    return next(now, before, List.of(Arrays.asList(one, other)));
  }

  private static Option<Total> next(long now, Option<Total> before, List<List<Object>> added) {
    return Total.Update.of(TOTALS)
        .apply(new Time(now), List.of("key"), CollectionConverters.asScala(added).toSeq(), before);
  }
}
