package io.millrace.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class DigestTest {
  private static final StructType COLUMNS = StructType.fromDDL("id string, v double, n int");

  private static long of(String id, double v, int n) {
    InternalRow row = new GenericInternalRow(new Object[] {UTF8String.fromString(id), v, n});
    return new Digest(COLUMNS).of(row);
  }

  @Test
  void tellsRowsApartButNotTheLastDigitsOfADouble() {
    double sum = 0.1 + 0.2 + 0.3;
    assertThat(sum).isNotEqualTo(0.3 + 0.2 + 0.1);
    assertThat(of("a", sum, 1)).isEqualTo(of("a", 0.3 + 0.2 + 0.1, 1));
    assertThat(of("a", 0.0, 1)).isEqualTo(of("a", -0.0, 1));
    assertThat(of("a", sum + 1e-9, 1)).isNotEqualTo(of("a", sum, 1));
    assertThat(of("b", sum, 1)).isNotEqualTo(of("a", sum, 1));
    assertThat(of("a", sum, 2)).isNotEqualTo(of("a", sum, 1));
  }

  @Test
  void isTheSameForARowInAnyForm() {
    InternalRow row = new GenericInternalRow(new Object[] {UTF8String.fromString("x"), 1.5, null});
    InternalRow bytes = UnsafeProjection.create(COLUMNS).apply(row);
    assertThat(new Digest(COLUMNS).of(bytes)).isEqualTo(new Digest(COLUMNS).of(row));
  }
}
