package io.millrace.tests.nexmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import io.millrace.engine.Builtin;
import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import io.millrace.sinks.SinksPlugin;
import io.millrace.tests.Jobs;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;

/** One query on its way: it is run again and again, then held against plain Java. */
final class Trial {
  private static final OperatingSystemMXBean MACHINE =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final Catalog CATALOG =
      Catalog.of(List.of(new Builtin(), new SinksPlugin(), new NexmarkPlugin()));
  private static final long LEAST_BATCH = 5_000;

  /** How many batches the events of a site make, about. */
  private static final int BATCHES = 8;

  private static final int FETCHED = 10_000;

  private final Query query;
  private final Site site;
  private final LocalPostgres database;
  private final Path folder;
  private final Way way;
  private long nanos;
  private long cpuNanos;
  private long stateRows;

  private Trial(Query query, Site site, LocalPostgres database, Path folder, Way way) {
    this.query = query;
    this.site = site;
    this.database = database;
    this.folder = folder;
    this.way = way;
  }

  /**
   * The job file of a query over a site.
   *
   * @param folder where it keeps its checkpoint and its files
   */
  static Trial ours(Query query, Site site, LocalPostgres database, Path folder) {
    return new Trial(
        query, site, database, folder, new JobWay(plan(query, site, database, folder)));
  }

  /** The same query by hand, as {@link PlainWay} has it. */
  static Trial plain(
      Query query, Site site, LocalPostgres database, Path folder, Rival.Store store) {
    Plan plan = plan(query, site, database, folder);
    Way way = new PlainWay(query, plan, site, database, folder, batch(site), store);
    return new Trial(query, site, database, folder, way);
  }

  private static Plan plan(Query query, Site site, LocalPostgres database, Path folder) {
    Map<String, String> variables = new HashMap<>(site.variables());
    variables.put("DB", database.url());
    variables.put("DB_USER", database.user());
    variables.put("BATCH", Long.toString(batch(site)));
    variables.put("CONF", Jobs.folder("conf").toString());
    variables.put("OUT", folder.resolve("out").toString());
    variables.put("CHECKPOINTS", folder.resolve("checkpoints").toString());
    return Jobs.plan(site.jobs().resolve(query.word() + ".yaml"), variables, CATALOG);
  }

  private static long batch(Site site) {
    return Math.max(LEAST_BATCH, site.events().count() / BATCHES);
  }

  /**
   * What came of it.
   *
   * @param seconds that its runs took
   * @param cpuSeconds of all processors, in this process
   * @param stateRows that it keeps at the end
   * @param rows of its result
   * @param difference in what they differ from those of plain Java; empty if in nothing
   */
  record Outcome(
      Query query,
      double seconds,
      double cpuSeconds,
      long stateRows,
      long rows,
      String difference) {
    boolean equal() {
      return difference.isEmpty();
    }
  }

  Query query() {
    return query;
  }

  boolean inTwoParts() {
    return query.inTwoParts();
  }

  /** Starts it on its checkpoint, and lets it go on until it has read all that is there. */
  void run() {
    long begun = System.nanoTime();
    long used = MACHINE.getProcessCpuTime();
    OptionalLong held = way.run();
    nanos += System.nanoTime() - begun;
    cpuNanos += MACHINE.getProcessCpuTime() - used;
    // Of a run without a batch nothing is known: the state is that of before.
    stateRows = held.orElse(stateRows);
  }

  /** What it has to give: by the events alone, unless the query reads the clock. */
  Bag due() throws SQLException, IOException {
    return Bag.of(oracle());
  }

  private Bag.Rows oracle() throws IOException {
    Map<Long, Long> read = query.readsTheClock() ? read() : Map.of();
    return taker -> query.rows(site.events(), read).forEach(taker);
  }

  /**
   * What came of it.
   *
   * @param due what it has to give
   */
  Outcome outcome(Bag due) throws SQLException, IOException {
    Bag.Rows made = query == Query.Q10 ? this::files : this::table;
    Bag found = Bag.of(made);
    return new Outcome(
        query,
        nanos / (double) TimeUnit.SECONDS.toNanos(1),
        cpuNanos / (double) TimeUnit.SECONDS.toNanos(1),
        stateRows,
        found.size(),
        found.difference(due, made, oracle()));
  }

  private void files(Consumer<List<Object>> taker) {
    Sessions.spark()
        .read()
        .parquet(folder.resolve("out/q10").toString())
        .selectExpr(
            "auction",
            "bidder",
            "price",
            "date_time",
            "extra",
            "cast(day as string)",
            "cast(minute as string)")
        .toLocalIterator()
        .forEachRemaining(row -> pass(values(row), taker));
  }

  private static List<Object> values(Row row) {
    return IntStream.range(0, row.length()).mapToObj(at -> plain(row.get(at))).toList();
  }

  private void table(Consumer<List<Object>> taker) throws SQLException {
    try (Connection connection = database.connection()) {
      // The driver hands rows over in parts only within a transaction.
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.setFetchSize(FETCHED);
        ResultSet found = statement.executeQuery("select * from nexmark_" + query.word());
        int width = found.getMetaData().getColumnCount();
        while (found.next()) {
          List<Object> row = new ArrayList<>();
          for (int at = 1; at <= width; at++) {
            row.add(plain(found.getObject(at)));
          }
          pass(row, taker);
        }
      }
    }
  }

  /** Hands over a row, unless it is of the events that end each source. */
  private void pass(List<Object> row, Consumer<List<Object>> taker) {
    if (!site.events().closes(row)) {
      taker.accept(row);
    }
  }

  private static Object plain(Object value) {
    return value instanceof Timestamp time ? time.toInstant() : value;
  }

  /** When each bid was read, by the log of the query: by partition, all up to an offset. */
  private Map<Long, Long> read() throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<long[]> bids = site.bids();
    int[] next = new int[bids.size()];
    Map<Long, Long> read = new HashMap<>();
    for (Path file : offsets()) {
      List<String> lines = Files.readAllLines(file);
      long time = json.readTree(lines.get(1)).get("batchTimestampMs").asLong();
      JsonNode ends = json.readTree(lines.get(2)).elements().next();
      for (int partition = 0; partition < next.length; partition++) {
        long end = ends.get(Integer.toString(partition)).asLong();
        for (; next[partition] < end; next[partition]++) {
          read.put(bids.get(partition)[next[partition]], time);
        }
      }
    }
    return read;
  }

  private List<Path> offsets() throws IOException {
    try (Stream<Path> files = Files.list(way.checkpoint().resolve("offsets"))) {
      return files
          .filter(file -> file.getFileName().toString().matches("[0-9]+"))
          .sorted(Comparator.comparingLong(file -> Long.parseLong(file.getFileName().toString())))
          .toList();
    }
  }
}
