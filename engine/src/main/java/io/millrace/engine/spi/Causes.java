package io.millrace.engine.spi;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A failure and what caused it. */
public final class Causes {
  private static final int DEPTH = 20;

  private Causes() {}

  /** The failure, its cause, the cause of that, and so on: twenty at most. */
  public static List<Throwable> of(Throwable failure) {
    List<Throwable> causes = new ArrayList<>(List.of(failure));
    for (Throwable next = failure.getCause();
        next != null && causes.size() < DEPTH;
        next = next.getCause()) {
      causes.add(next);
    }
    return causes;
  }

  /** The first of a type. */
  public static <E> Optional<E> find(Throwable failure, Class<E> type) {
    return of(failure).stream().filter(type::isInstance).map(type::cast).findFirst();
  }

  /** Whether one of them is of one of these types. */
  public static boolean any(Throwable failure, Class<?>... types) {
    return of(failure).stream()
        .anyMatch(cause -> List.of(types).stream().anyMatch(type -> type.isInstance(cause)));
  }

  /** The last of them, at the bottom. */
  public static Throwable root(Throwable failure) {
    List<Throwable> causes = of(failure);
    return causes.get(causes.size() - 1);
  }

  /** What a failure says of itself, to stand within a sentence: without a full stop. */
  public static String clause(Throwable failure) {
    return clause(String.valueOf(failure.getMessage()).strip());
  }

  /** A sentence without its full stop. */
  public static String clause(String sentence) {
    return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
  }
}
