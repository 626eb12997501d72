package io.millrace.engine.run;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;

/**
 * Dead letters that go through their job again.
 *
 * @param id names its folder, and what sinks remember of it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Drive(String id, List<Group> groups) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** One that {@link #text} told of. */
  static Drive of(String text) {
    try {
      return JSON.readValue(text, Drive.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot read what a drive is: " + text, e);
    }
  }

  /** All of it, as JSON. */
  String text() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write " + this, e);
    }
  }

  /**
   * Letters that one step or sink refused, and so took from the same sinks.
   *
   * @param source the stream that they were read from; empty if it is not known
   * @param step what refused them; a sink, if they are rows that only it lacks
   * @param sinks that lack them
   * @param letters how many there are
   * @param again whether they are rows that a sink refused, and are read again from their source
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Group(
      String source, String step, List<String> sinks, long letters, boolean again) {}

  /** Whether another is the same one. */
  boolean is(Drive other) {
    return id.equals(other.id);
  }

  /** How many letters there are. */
  public long letters() {
    return groups.stream().mapToLong(Group::letters).sum();
  }

  /** The name under which sinks remember what they have of a group. */
  String ledger(String job, int group) {
    return "%s.drive-%s-%d".formatted(job, id, group);
  }
}
