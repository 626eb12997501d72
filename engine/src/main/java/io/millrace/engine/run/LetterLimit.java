package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Limit;
import io.millrace.engine.spi.RowSink;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The limit of a job's dead letters, held against those of a batch before anyone can see them. */
final class LetterLimit {
  private final Plan.Query query;
  private final Limit limit;
  private final List<Branch> uncounted;

  LetterLimit(Plan plan, Plan.Query query, Trunk trunk) {
    this.query = query;
    this.limit = plan.deadLetters().map(output -> output.how().limit()).orElse(Limit.NONE);
    this.uncounted =
        limit.equals(Limit.NONE)
            ? List.of()
            : trunk.kept().stream()
                .filter(branch -> plan.deadLetters().filter(branch.output()::equals).isPresent())
                .filter(branch -> !(branch.output().sink() instanceof RowSink))
                .toList();
  }

  /** Whether letters go to a batch sink, and so have to be counted before it gets them. */
  boolean counts() {
    return !uncounted.isEmpty();
  }

  /**
   * Counts the letters that go to a batch sink.
   *
   * @param kept the rows of the batch
   * @throws IllegalStateException with a sentence, if they are too many
   */
  void check(Dataset<Row> kept, long batch) {
    long dead = 0;
    for (Branch branch : uncounted) {
      dead += branch.build().apply(kept).count();
    }
    if (dead > 0) {
      long rows = rows(kept.queryExecution().toRdd().count());
      if (!limit.allows(dead, rows)) {
        limit.check(who(), batch, dead, rows, example(kept));
      }
    }
  }

  private String example(Dataset<Row> kept) {
    for (Branch branch : uncounted) {
      List<Row> first = branch.build().apply(kept).limit(1).collectAsList();
      if (!first.isEmpty()) {
        return first.get(0).getAs("rule") + ": " + first.get(0).getAs("reason");
      }
    }
    return "";
  }

  /**
   * Checks letters that were counted on their way.
   *
   * @param rows of the batch
   * @throws IllegalStateException with a sentence, if they are too many
   */
  void check(long batch, long dead, long rows) {
    if (dead > 0) {
      limit.check(who(), batch, dead, rows(rows), "");
    }
  }

  /** The rows of a stateful query are results: what was read for them is not known. */
  private long rows(long rows) {
    return query.stateful() ? -1 : rows;
  }

  private String who() {
    return "query " + query.name();
  }
}
