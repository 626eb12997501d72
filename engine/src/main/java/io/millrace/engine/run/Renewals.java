package io.millrace.engine.run;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.PartState;
import io.millrace.engine.spi.Renewal;
import io.millrace.engine.spi.Renewed;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The steps of one query whose parts change while it runs, and what each of its batches sees. */
final class Renewals implements AutoCloseable {
  private final Function<String, Optional<VersionNotes>> notes;
  private final Map<String, Member> members = new LinkedHashMap<>();
  private long begun = -1;

  private static final class Member {
    private final Renewal renewal;
    private final Optional<VersionNotes> notes;
    private Optional<String> version = Optional.empty();

    Member(Renewal renewal, Optional<VersionNotes> notes) {
      this.renewal = renewal;
      this.notes = notes;
    }
  }

  private Renewals(Function<String, Optional<VersionNotes>> notes) {
    this.notes = notes;
  }

  /** Those of a query that goes on with its checkpoint. */
  static Renewals of(SparkSession spark, String checkpoint) {
    return new Renewals(
        step ->
            Optional.of(
                VersionNotes.ofStep(checkpoint, step, spark.sparkContext().hadoopConfiguration())));
  }

  /** Those of rows of which none come again. */
  static Renewals unnoted() {
    return new Renewals(step -> Optional.empty());
  }

  /** The rows behind a step. */
  Dataset<Row> apply(Plan.Stage stage, Renewed step, Dataset<Row> rows) {
    return members
        .computeIfAbsent(stage.name(), name -> member(step, rows, notes.apply(name)))
        .renewal
        .apply(rows);
  }

  private static Member member(Renewed step, Dataset<Row> rows, Optional<VersionNotes> notes) {
    notes.ifPresent(kept -> kept.start(Long.MAX_VALUE));
    return new Member(step.renewal(rows, notes.flatMap(VersionNotes::last)), notes);
  }

  /** Lets batches see them. Those up to {@code begun} come again. */
  void start(long begun) {
    this.begun = begun;
    members.values().forEach(member -> member.notes.ifPresent(kept -> kept.start(begun)));
  }

  /** Before the tasks of a batch: notes what it sees and tells them. */
  void begin(SparkContext context, long batch) {
    members.forEach(
        (step, member) -> {
          String version = version(member, batch);
          member.notes.ifPresent(kept -> kept.keep(batch, version));
          member.version = Optional.of(version);
          context.setLocalProperty(Renewal.property(step), version);
        });
  }

  private String version(Member member, long batch) {
    Optional<String> noted =
        batch <= begun ? member.notes.flatMap(kept -> kept.of(batch)) : Optional.empty();
    noted.ifPresent(member.renewal::recall);
    return noted.orElseGet(member.renewal::renew);
  }

  /** Behind a batch that every sink has. */
  void done(long batch) {
    members.values().forEach(member -> member.renewal.done(batch));
  }

  /** What the last batch saw, by the names of the steps. */
  Map<String, PartState> states() {
    Map<String, PartState> states = new LinkedHashMap<>();
    members.forEach(
        (step, member) ->
            member.version.ifPresent(
                version ->
                    states.put(
                        step,
                        new PartState(
                            version,
                            member.renewal.failing(),
                            member.renewal.warnings(),
                            member.renewal.figures()))));
    return states;
  }

  @Override
  public void close() {
    Closing.all(members.values().stream().map(member -> member.renewal).toList());
  }
}
