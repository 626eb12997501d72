package io.millrace.engine.run;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Since which commit of its checkpoint each sink of a query is there; kept beside the plan.
 *
 * @param since the last commit when a sink joined, by the sink's name; -1 for none
 */
record Joined(Map<String, Long> since) {
  private static final Pattern LINE = Pattern.compile("(?m)^since (-?\\d+) (.+)$");

  static final Joined NONE = new Joined(Map.of());

  Joined {
    since = Map.copyOf(since);
  }

  /** From what was kept. */
  static Joined in(String kept) {
    return new Joined(
        LINE.matcher(kept)
            .results()
            .collect(
                Collectors.toMap(
                    (MatchResult line) -> line.group(2), line -> Long.valueOf(line.group(1)))));
  }

  Optional<Long> of(String sink) {
    return Optional.ofNullable(since.get(sink));
  }

  /** The same, and this sink from now on. */
  Joined with(String sink, long commit) {
    Map<String, Long> more = new LinkedHashMap<>(since);
    more.put(sink, commit);
    return new Joined(more);
  }

  /** A line for each sink. */
  String text() {
    return since.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(entry -> "since " + entry.getValue() + " " + entry.getKey() + "\n")
        .collect(Collectors.joining());
  }
}
