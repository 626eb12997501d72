package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Held;
import io.millrace.engine.spi.Identity;
import io.millrace.sinks.encode.HeldJson;
import java.nio.charset.StandardCharsets;

/**
 * What a sink remembers, as a record of its ledger topic: the key is {@code job/sink}, the value a
 * JSON object.
 */
final class Mark {
  private Mark() {}

  static byte[] key(Identity who) {
    return (who.job() + "/" + who.sink()).getBytes(StandardCharsets.UTF_8);
  }

  static byte[] value(Identity who, Held held) {
    return HeldJson.of(who, held).toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The mark of a record.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Held of(byte[] value) {
    return HeldJson.held(HeldJson.read(value));
  }
}
