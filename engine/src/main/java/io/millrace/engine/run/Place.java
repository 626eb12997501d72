package io.millrace.engine.run;

import io.millrace.engine.plan.Keepers;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Archive;
import io.millrace.engine.spi.Archived;
import io.millrace.engine.spi.Chronicle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Where accounts of a query's batches may be.
 *
 * @param sink that keeps them; empty for a folder of the checkpoint
 * @param name in words
 */
record Place(Optional<String> sink, Supplier<String> name, Chronicle chronicle) {
  private static final String FOLDER = "_millrace_history";

  /** All places; the first is the one that is written. */
  static List<Place> of(
      Plan plan, Plan.Query query, Configuration hadoop, Supplier<SparkSession> spark) {
    List<Place> places = new ArrayList<>();
    for (Plan.Output output : Keepers.of(plan, query)) {
      Archive archive = Sinks.named(output.name(), () -> ((Archived) output.sink()).archive(spark));
      places.add(
          new Place(
              Optional.of(output.name()),
              archive::place,
              chronicle(archive, plan.ledger(), query.name(), hadoop)));
    }
    places.add(folder(new Path(Keepers.folder(plan, query)), hadoop));
    // Where versions before this one kept it.
    places.add(folder(new Path(plan.checkpoint(), query.name() + ".ledger"), hadoop));
    return List.copyOf(places);
  }

  /** Changes the accounts here; what a sink throws carries its name. */
  void run(Consumer<Chronicle> change) {
    if (sink.isPresent()) {
      Sinks.named(sink.get(), () -> change.accept(chronicle));
    } else {
      change.accept(chronicle);
    }
  }

  private static Chronicle chronicle(
      Archive archive, String job, String query, Configuration hadoop) {
    if (archive instanceof Archive.Tables tables) {
      return tables.chronicle(job, query);
    }
    Path all = new Path(archive.place(), FOLDER);
    return new FileChronicle(new Path(new Path(all, job), query), hadoop);
  }

  private static Place folder(Path folder, Configuration hadoop) {
    return new Place(Optional.empty(), folder::toString, new FileChronicle(folder, hadoop));
  }
}
