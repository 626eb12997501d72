package io.millrace.engine.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What came to the sinks of a query with one batch, over all tries of it. */
final class Arrivals {
  private final Map<String, Sink> sinks = new LinkedHashMap<>();

  /**
   * One sink.
   *
   * @param arrived rows as the engine counts them
   * @param given rows as the sink counts them; of those that it had already, none
   * @param there whether it had the batch already
   * @param rejected rows that it left out
   * @param existing rows whose keys it had, and left as they are
   */
  private record Sink(long arrived, long given, boolean there, long rejected, long existing) {
    static final Sink NONE = new Sink(0, 0, false, 0, 0);

    Account.Arrival named(String name) {
      return there
          ? new Account.Arrival(name, arrived, given, rejected, arrived - given - rejected)
          : new Account.Arrival(name, arrived, given - rejected - existing, rejected, existing);
    }

    Sink plus(long moreArrived, long moreGiven, boolean nowThere) {
      return new Sink(
          arrived + moreArrived, given + moreGiven, there || nowThere, rejected, existing);
    }
  }

  /** A sink got rows and made them visible. */
  void written(String sink, long arrived, long given) {
    sinks.put(sink, before(sink).plus(arrived, given, false));
  }

  /** A sink had these rows already; not where an earlier try of the batch has written them. */
  void there(String sink, long arrived) {
    sinks.putIfAbsent(sink, Sink.NONE.plus(arrived, 0, true));
  }

  /** A sink left out rows of what it made visible. */
  void rejected(String sink, long rows) {
    Sink before = before(sink);
    sinks.put(
        sink, new Sink(before.arrived(), before.given(), before.there(), rows, before.existing()));
  }

  /** A sink had the keys of these rows, and kept what it had. */
  void existing(String sink, long rows) {
    Sink before = before(sink);
    sinks.put(
        sink, new Sink(before.arrived(), before.given(), before.there(), before.rejected(), rows));
  }

  private Sink before(String sink) {
    return sinks.getOrDefault(sink, Sink.NONE);
  }

  /** Rejects came to the dead letters; {@code given} of them are new there. */
  void forwarded(String letters, long rows, long given) {
    sinks.put(letters, before(letters).plus(rows, given, given < rows));
  }

  List<Account.Arrival> all() {
    return sinks.entrySet().stream().map(sink -> sink.getValue().named(sink.getKey())).toList();
  }

  /** Rows that became visible, by sink; one that had the batch already is left out. */
  Map<String, Long> visible() {
    return all().stream()
        .filter(sink -> !before(sink.name()).there() || sink.written() > 0)
        .collect(Collectors.toMap(Account.Arrival::name, Account.Arrival::written));
  }
}
