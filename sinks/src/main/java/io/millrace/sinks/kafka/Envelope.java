package io.millrace.sinks.kafka;

import io.millrace.engine.spi.Attempt;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** The headers that every record of a batch has. */
final class Envelope {
  static final String PREFIX = "millrace-";

  private Envelope() {}

  static List<Header> of(Attempt attempt) {
    return List.of(
        header("job", attempt.who().job()),
        header("query", attempt.who().query()),
        header("batch", Long.toString(attempt.batch())));
  }

  private static Header header(String name, String value) {
    return new RecordHeader(PREFIX + name, value.getBytes(StandardCharsets.UTF_8));
  }
}
