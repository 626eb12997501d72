package io.millrace.jobs.trial;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.TestSpec;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spec.Word;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Runs one test of a job. */
public final class Trial {
  private final SparkSession spark;
  private final Catalog catalog;
  private final Literals literals;

  /** A place to run tests in, one after another. */
  public Trial(SparkSession spark, Catalog catalog) {
    this.spark = spark;
    this.catalog = catalog;
    this.literals = new Literals(spark);
  }

  /**
   * Runs a test.
   *
   * @param sound the plan of the job as it is
   * @param folder empty, for its checkpoint
   * @return how what came differs from what is expected, a line for each row; empty if in nothing
   * @throws io.millrace.engine.spec.InvalidJobException if its rows are none of their source or
   *     target
   * @throws io.millrace.engine.run.JobFailedException if the job fails over them
   */
  public List<String> run(JobSpec job, Plan sound, TestSpec test, Path folder) {
    Rehearsal rehearsal = new Rehearsal(job, sound, test, catalog, UUID.randomUUID().toString());
    test.expect().forEach(rows -> refuseBeyond(rehearsal, rows.name()));
    Plan plan = rehearsal.plan(folder.toUri().toString());
    for (TestSpec.Given given : test.given()) {
      given.watermark().ifPresent(time -> move(plan, rehearsal, time));
      if (!given.rows().isEmpty()) {
        given.rows().forEach(rows -> give(rehearsal, rows));
        run(plan);
      }
    }
    List<String> differences = new ArrayList<>();
    for (TestSpec.Rows expected : test.expect()) {
      differences.addAll(compared(rehearsal, expected).lines());
    }
    return differences;
  }

  private static void refuseBeyond(Rehearsal rehearsal, Word target) {
    Optional<String> write = rehearsal.beyond(target.text());
    if (write.isPresent()) {
      Findings findings = new Findings();
      findings.add(
          target.at(),
          "tests",
          "Cannot tell what a sink has with write: %s: it is not supported yet. Expect rows of what it reads: %s"
              .formatted(write.get(), rehearsal.from(target.text())));
      findings.throwIfAny();
    }
  }

  private void give(Rehearsal rehearsal, TestSpec.Rows given) {
    String name = given.name().text();
    Rehearsal.Entry entry = rehearsal.source(name);
    List<Row> rows =
        entry
            .columns()
            .map(columns -> rows(given.rows(), columns))
            .orElseGet(
                () ->
                    given.rows().stream()
                        .map(row -> RowFactory.create(new @Nullable Object[] {payload(row)}))
                        .toList());
    entry.rows().add(rows.toArray(Row[]::new));
  }

  /** A payload; null is a record without one. */
  private static @Nullable String payload(Tree row) {
    boolean none = row instanceof Tree.Leaf leaf && leaf.type() == Tree.Type.NOTHING;
    return none ? null : Literals.payload(row);
  }

  private List<Row> rows(List<Tree> written, StructType columns) {
    Findings findings = new Findings();
    List<Row> rows = literals.rows(written, columns, "tests", findings);
    findings.throwIfAny();
    return rows;
  }

  /** Every input whose watermark it is gets a time that moves it there. */
  private void move(Plan plan, Rehearsal rehearsal, Instant time) {
    Rehearsal.watermarks(plan)
        .forEach(
            (node, step) ->
                rehearsal
                    .beats(node)
                    .add(RowFactory.create(Timestamp.from(time.plus(step.delay().orElseThrow())))));
    run(plan);
  }

  private void run(Plan plan) {
    try (RunningJob running = new Launcher(spark).launch(plan)) {
      running.await();
    }
  }

  private Comparison compared(Rehearsal rehearsal, TestSpec.Rows expected) {
    String target = expected.name().text();
    Arrived.Rows all = rehearsal.arrived(target).taken();
    List<String> keys = rehearsal.keys(target);
    Arrived.Rows arrived = keys.isEmpty() ? all : Comparison.upserted(all, keys);
    return Comparison.of(target, wanted(expected.rows(), arrived), arrived);
  }

  /** As rows of the target are told; where none came its types are not known, and none is equal. */
  private List<Comparison.Expected> wanted(List<Tree> written, Arrived.Rows arrived) {
    if (arrived.rows().isEmpty()) {
      return written.stream()
          .map(row -> new Comparison.Expected(names(row), Literals.payload(row)))
          .toList();
    }
    List<Row> read = rows(written, arrived.columns());
    return IntStream.range(0, read.size())
        .mapToObj(
            at -> {
              List<String> names = names(written.get(at));
              return new Comparison.Expected(names, Literals.text(read.get(at), names));
            })
        .toList();
  }

  private static List<String> names(Tree row) {
    return row instanceof Tree.Fields fields ? List.copyOf(fields.fields().keySet()) : List.of();
  }
}
