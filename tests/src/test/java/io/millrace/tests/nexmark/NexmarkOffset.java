package io.millrace.tests.nexmark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.spark.sql.connector.read.streaming.Offset;

/** The number of the first event of the whole site that is not read yet. */
final class NexmarkOffset extends Offset {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final long number;

  NexmarkOffset(long number) {
    this.number = number;
  }

  static NexmarkOffset of(String json) {
    try {
      return new NexmarkOffset(JSON.readTree(json).at("/events/0").longValue());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot read the offset " + json, e);
    }
  }

  long number() {
    return number;
  }

  /** As the offsets of a topic with one partition are written. */
  @Override
  public String json() {
    return "{\"events\":{\"0\":%d}}".formatted(number);
  }
}
