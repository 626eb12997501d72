package io.millrace.engine.run;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A job that stopped while running; the message says where. */
public final class JobFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** How a sentence opens that says what is wrong and what would work. */
  private static final Pattern OPENER = Pattern.compile("(Missing|Unknown|Cannot|Needs|Expected) ");

  private static final int DEPTH = 20;

  public JobFailedException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The batch and the sink that failed, as far as they are known, and why. */
  public static String reason(Throwable failure) {
    return BatchFailedException.find(failure, BatchFailedException.class)
        .map(Throwable::getMessage)
        .orElseGet(
            () ->
                BatchFailedException.find(failure, SinkFailedException.class)
                    .map(sink -> "sink '" + sink.sink() + "': " + why(sink))
                    .orElseGet(() -> why(failure)));
  }

  /** The first sentence along the causes; if there is none, the last cause that says something. */
  static String why(Throwable failure) {
    List<String> messages = new ArrayList<>();
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < DEPTH; depth++) {
      if (cause.getMessage() != null) {
        messages.add(cause.getMessage());
      }
      cause = cause.getCause();
    }
    return messages.stream()
        .filter(message -> OPENER.matcher(message).lookingAt())
        .findFirst()
        .orElseGet(
            () -> messages.isEmpty() ? failure.toString() : messages.get(messages.size() - 1));
  }
}
