package io.millrace.engine.run;

import io.millrace.engine.spi.Causes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkThrowable;

/** A job that stopped while running; the message says where. */
public final class JobFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** How a sentence opens that says what is wrong and what would work. */
  private static final Pattern OPENER = Pattern.compile("(Missing|Unknown|Cannot|Needs|Expected) ");

  /** Where another start can have written, by the name of the failure of one who comes too late. */
  private static final Map<String, String> FENCES =
      Map.of(
          "CONCURRENT_STREAM_LOG_UPDATE", "checkpoint",
          "DELTA_CONCURRENT_TRANSACTION", "table");

  /** In Spark's words: a query reads from more or fewer places than the one that began. */
  private static final Pattern READS =
      Pattern.compile(
          "There are \\[(\\d+)] sources in the checkpoint offsets and now there are \\[(\\d+)]");

  public JobFailedException(String message) {
    super(message);
  }

  public JobFailedException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The batch and the sink that failed, as far as they are known, and why. */
  public static String reason(Throwable failure) {
    return Causes.find(failure, BatchFailedException.class)
        .map(Throwable::getMessage)
        .orElseGet(
            () ->
                Causes.find(failure, SinkFailedException.class)
                    .map(sink -> "sink '" + sink.sink() + "': " + why(sink))
                    .orElseGet(() -> why(failure)));
  }

  /** Whether it says what is wrong and what would work. */
  static boolean isSentence(String reason) {
    return OPENER.matcher(reason).lookingAt();
  }

  /** The first sentence along the causes; if there is none, the last cause that says something. */
  static String why(Throwable failure) {
    List<String> messages = new ArrayList<>();
    for (Throwable cause : Causes.of(failure)) {
      Optional<String> fence = fence(cause);
      if (fence.isPresent()) {
        return fenced(fence.get());
      }
      if (cause.getMessage() != null) {
        messages.add(told(cause.getMessage()));
      }
    }
    return messages.stream()
        .filter(JobFailedException::isSentence)
        .findFirst()
        .orElseGet(
            () -> messages.isEmpty() ? failure.toString() : messages.get(messages.size() - 1));
  }

  /** The sentence of a start that another one has replaced, which has written to the same place. */
  static String fenced(String place) {
    return "Cannot go on: fenced by another start of this job, which has written to the same "
        + place
        + ". Let that one run";
  }

  private static String told(String message) {
    Matcher reads = READS.matcher(message);
    return reads.find()
        ? "Cannot go on from this checkpoint: the query read %s times from its sources, and reads %s times now. It reads once more where late rows or dead letters are kept beside its state. Put back what was changed in the sources, in late: keep or in the steps that refuse rows, or begin anew with another checkpoint and empty sinks"
            .formatted(reads.group(1), reads.group(2))
        : message;
  }

  private static Optional<String> fence(Throwable failure) {
    return failure instanceof SparkThrowable named
        ? Optional.ofNullable(FENCES.get(String.valueOf(named.getCondition())))
        : Optional.empty();
  }
}
