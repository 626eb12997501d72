package io.millrace.engine.decode;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;
import java.util.Optional;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.jspecify.annotations.Nullable;

/** Decimals as Kafka Connect and Debezium write them. None is ever rounded. */
final class ConnectDecimal {
  /** More than any decimal of Spark needs, and little enough to count with. */
  private static final int LONGEST = 100;

  private ConnectDecimal() {}

  /** A number as a text; empty if it is none. */
  static Optional<BigDecimal> number(String text) {
    try {
      return text.length() > LONGEST ? Optional.empty() : Optional.of(new BigDecimal(text));
    } catch (NumberFormatException none) {
      return Optional.empty();
    }
  }

  /**
   * Base64 of an unscaled value in two's complement, its highest byte first; empty if it is none.
   */
  static Optional<BigDecimal> unscaled(String text, int scale) {
    if (text.isEmpty() || text.length() > LONGEST || text.length() % 4 != 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(new BigDecimal(new BigInteger(Base64.getDecoder().decode(text)), scale));
    } catch (IllegalArgumentException none) {
      return Optional.empty();
    }
  }

  /**
   * An object with a scale of its own and the unscaled value, at whose start the parser stands;
   * empty if it is none.
   */
  static Optional<BigDecimal> variable(JsonParser json) throws IOException {
    @Nullable Integer scale = null;
    @Nullable String value = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken token = json.nextToken();
      if (name.equals("scale") && token == JsonToken.VALUE_NUMBER_INT) {
        scale = json.getIntValue();
      } else if (name.equals("value") && token == JsonToken.VALUE_STRING) {
        value = json.getText();
      } else {
        json.skipChildren();
      }
    }
    return scale == null || value == null ? Optional.empty() : unscaled(value, scale);
  }

  /** The same value as a decimal of a type; empty if it has more digits on either side. */
  static Optional<Decimal> exact(BigDecimal value, DecimalType type) {
    BigDecimal shortest = value.stripTrailingZeros();
    long whole = (long) shortest.precision() - shortest.scale();
    boolean fits =
        value.signum() == 0
            || (shortest.scale() <= type.scale() && whole <= type.precision() - type.scale());
    return fits
        ? Optional.of(
            Decimal.apply(shortest.setScale(type.scale()), type.precision(), type.scale()))
        : Optional.empty();
  }
}
