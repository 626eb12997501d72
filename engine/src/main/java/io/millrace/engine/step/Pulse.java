package io.millrace.engine.step;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.jspecify.annotations.Nullable;

/**
 * How far heartbeats are, as a checkpoint notes it with each batch. Only a new beat is news: when
 * the input last spoke is noted along with it.
 */
final class Pulse extends Offset {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final long beats;
  private final long mark;
  private final long spoke;
  private final long reach;

  private Pulse(long beats, long mark, long spoke, long reach) {
    this.beats = beats;
    this.mark = mark;
    this.spoke = spoke;
    this.reach = reach;
  }

  /** Before the first beat of an input that may speak from a moment on, in milliseconds. */
  static Pulse since(long moment) {
    return new Pulse(0, 0, moment, 0);
  }

  static Pulse of(String json) {
    try {
      JsonNode noted = JSON.readTree(json);
      return new Pulse(
          noted.get("beats").longValue(),
          noted.get("mark").longValue(),
          noted.get("spoke").longValue(),
          noted.path("reach").longValue());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot read the note of heartbeats: " + json, e);
    }
  }

  /** The watermark that the last beat stands for, in milliseconds; 0 before the first one. */
  long mark() {
    return mark;
  }

  /**
   * The time of the last batch with rows of the input, in milliseconds; before there was one, that
   * of the first start.
   */
  long spoke() {
    return spoke;
  }

  /**
   * How far the last beat lets the watermark of the query come, in milliseconds; 0 before the first
   * one.
   */
  long reach() {
    return reach;
  }

  /** After one more beat. */
  Pulse beat(long newMark, long newReach) {
    return new Pulse(beats + 1, newMark, spoke, newReach);
  }

  /** The same, of an input that last spoke at another time. */
  Pulse spokeAt(long time) {
    return new Pulse(beats, mark, time, reach);
  }

  @Override
  public String json() {
    return "{\"beats\":%d,\"mark\":%d,\"spoke\":%d,\"reach\":%d}"
        .formatted(beats, mark, spoke, reach);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Pulse that && beats == that.beats;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(beats);
  }
}
