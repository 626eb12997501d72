package io.millrace.jobs;

import io.millrace.engine.observe.QueryState;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** What a job did, as a table. */
final class Summary {
  private Summary() {}

  static void print(List<QueryState> states, PrintWriter out) {
    out.printf(Locale.ROOT, "%-20s %-20s %12s%n", "query", "sink", "rows");
    for (QueryState state : states) {
      new TreeMap<>(state.delivered())
          .forEach(
              (sink, rows) ->
                  out.printf(Locale.ROOT, "%-20s %-20s %,12d%n", state.query(), sink, rows));
    }
  }
}
