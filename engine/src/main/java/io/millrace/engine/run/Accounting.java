package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.streaming.runtime.IncrementalExecution;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sets the rows that a query's batch read against what became of them, and keeps the result. */
final class Accounting {
  private static final Logger LOG = LoggerFactory.getLogger(Accounting.class);

  private final Plan plan;
  private final Plan.Query query;
  private final UUID queryId;
  private final Counters counters;
  private final Optional<History> history;
  private @Nullable SparkSession spark;

  /**
   * The accounts of one query.
   *
   * @param history where they are kept; empty where nothing outlives the run
   */
  Accounting(
      Plan plan, Plan.Query query, UUID queryId, Counters counters, Optional<History> history) {
    this.plan = plan;
    this.query = query;
    this.queryId = queryId;
    this.counters = counters;
    this.history = history;
  }

  /**
   * Before the first batch of a start.
   *
   * @param begun the last batch that was begun before
   */
  void start(long begun) {
    history.ifPresent(kept -> kept.start(begun));
  }

  /** Before the tasks of a batch. */
  void begin(SparkSession spark) {
    counters.begin();
    this.spark = spark;
    spark
        .sparkContext()
        .setLocalProperty(
            LateRows.WATERMARK,
            Catalyst.batch(spark, queryId).map(Accounting::lateBehind).orElse(null));
  }

  /** Spark leaves out what is behind the watermark of the batch before. */
  private static String lateBehind(IncrementalExecution batch) {
    return Long.toString(
        batch.prevOffsetSeqMetadata().isDefined()
            ? batch.prevOffsetSeqMetadata().get().batchWatermarkMs()
            : 0);
  }

  /** Keeps an account, before Spark notes its batch. May be done again. */
  void keep(Account account) {
    history.ifPresent(kept -> kept.keep(account));
  }

  /**
   * Behind that.
   *
   * @throws IllegalStateException if rows are missing, unless the job only wants to be warned
   */
  void failIfUnbalanced(Account account) {
    if (!account.balanced()) {
      String told =
          "Cannot account for every row that query %s read: %s. The sinks have the batch. Compare them with the source before the job is started again; audit: warn lets it go on"
              .formatted(query.name(), text(account.faults()));
      if (plan.audit() == Plan.Audit.STOP) {
        throw new IllegalStateException(told);
      }
      LOG.warn("Query {}, batch {}: {}", query.name(), account.to(), told);
    }
  }

  private static String text(List<Account.Cut> faults) {
    return faults.stream()
        .map(cut -> cut.name() + ": " + cut.equation())
        .collect(Collectors.joining("; "));
  }

  /** What became of the rows of a batch that every sink has. */
  Account account(long batch, Arrivals arrivals) {
    List<Account.Intake> intakes = new ArrayList<>();
    List<Account.State> states = new ArrayList<>();
    List<Account.Passage> passages = new ArrayList<>();
    for (Account.Cut cut : counters.cuts()) {
      if (cut instanceof Account.Intake intake) {
        intakes.add(intake);
      } else if (cut instanceof Account.State state) {
        states.add(state);
      } else if (cut instanceof Account.Passage passage) {
        passages.add(passage);
      }
    }
    if (states.size() == 1 && spark != null) {
      states.set(0, states.get(0).holding(Catalyst.held(spark, queryId).orElse(null)));
    }
    Account account =
        new Account(
            batch, batch, 0, System.currentTimeMillis(), intakes, states, passages, arrivals.all());
    return account.faults().isEmpty() ? account : account.asUnbalanced();
  }
}
