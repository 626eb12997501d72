package io.millrace.sinks.console;

import io.millrace.engine.spi.Fence;
import java.util.List;

/** Prints a batch when all its rows are known. */
final class ConsoleFence implements Fence<ConsoleSink.Printed> {
  private final ConsoleSink.Settings settings;
  private final String sink;
  private final List<String> columns;

  ConsoleFence(ConsoleSink.Settings settings, String sink, List<String> columns) {
    this.settings = settings;
    this.sink = sink;
    this.columns = columns;
  }

  @Override
  public long last() {
    return -1;
  }

  @Override
  public void begin(long batch) {}

  @Override
  public void commit(long batch, List<ConsoleSink.Printed> receipts) {
    long all = receipts.stream().mapToLong(ConsoleSink.Printed::rows).sum();
    List<List<String>> first =
        receipts.stream()
            .flatMap(receipt -> receipt.first().stream())
            .limit(settings.rows())
            .toList();
    String more = all > first.size() ? ", the first " + first.size() : "";
    String title = "%s, batch %d: %d %s%s".formatted(sink, batch, all, word(all), more);
    System.out.println(TextTable.of(title, columns, first));
  }

  private static String word(long rows) {
    return rows == 1 ? "row" : "rows";
  }

  @Override
  public void abort(long batch) {}

  @Override
  public void close() {}
}
