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
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

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
    Rehearsal rehearsal = new Rehearsal(job, sound, catalog, UUID.randomUUID().toString());
    test.expect().forEach(rows -> refuseBeyond(rehearsal, rows.name()));
    Plan plan = rehearsal.plan(test, folder.toUri().toString());
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
    entry.rows().add(rows(given, entry.columns()).toArray(Row[]::new));
  }

  private List<Row> rows(TestSpec.Rows given, Optional<StructType> columns) {
    if (columns.isEmpty()) {
      return given.rows().stream().map(row -> RowFactory.create(Literals.payload(row))).toList();
    }
    Findings findings = new Findings();
    List<Row> rows = literals.rows(given.rows(), columns.get(), "tests", findings);
    findings.throwIfAny();
    return rows;
  }

  /** Every input whose watermark it is gets a time that moves it there. */
  private void move(Plan plan, Rehearsal rehearsal, Word watermark) {
    Instant time = Instant.parse(watermark.text());
    Rehearsal.watermarks(plan)
        .forEach(
            (node, step) ->
                rehearsal
                    .beats(node)
                    .add(RowFactory.create(Timestamp.from(time.plus(step.delay())))));
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
    Findings findings = new Findings();
    List<Comparison.Expected> rows =
        expected.rows().stream().flatMap(row -> wanted(row, arrived, findings).stream()).toList();
    findings.throwIfAny();
    return Comparison.of(target, rows, arrived);
  }

  /** As rows of the target are told; where none came its types are not known, and none is equal. */
  private Optional<Comparison.Expected> wanted(Tree row, Arrived.Rows arrived, Findings findings) {
    List<String> names =
        row instanceof Tree.Fields fields ? List.copyOf(fields.fields().keySet()) : List.of();
    if (arrived.rows().isEmpty()) {
      return Optional.of(new Comparison.Expected(names, Literals.payload(row)));
    }
    return literals.rows(List.of(row), arrived.columns(), "tests", findings).stream()
        .map(read -> new Comparison.Expected(names, Literals.text(read, names)))
        .findFirst();
  }
}
