package io.millrace.sinks.delta;

import io.delta.tables.DeltaTable;
import io.millrace.engine.spi.Batch;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.sql.delta.DeltaConcurrentModificationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts small files together and removes those that no version needs, after the commit of a batch.
 * Neither changes a row or the number of the last batch. What another writer is in the way of is
 * left for the next time.
 */
record Upkeep(DeltaSettings.Schedule schedule) {
  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

  /** Does what is due after a batch, and nothing in most. */
  void after(Batch batch, DeltaTarget target) {
    if (due(schedule.optimizeEvery(), batch.id())) {
      run("optimize", batch, target, Upkeep::compact);
    }
    if (due(schedule.vacuumEvery(), batch.id())) {
      run("vacuum", batch, target, DeltaTable::vacuum);
    }
  }

  private static boolean due(Optional<Integer> every, long batch) {
    return every.filter(number -> (batch + 1) % number == 0).isPresent();
  }

  private static void compact(DeltaTable table) {
    table.optimize().executeCompaction();
  }

  private static void run(
      String what, Batch batch, DeltaTarget target, Consumer<DeltaTable> upkeep) {
    try {
      upkeep.accept(target.table());
      DeltaDeletes.table(target).ifPresent(upkeep);
      LOG.info(
          "Sink {} ran {} on {} after batch {}",
          batch.who().sink(),
          what,
          target.settings().target(),
          batch.id());
    } catch (DeltaConcurrentModificationException e) {
      LOG.info(
          "Sink {} leaves {} of {} for the next time: another writer changed it meanwhile",
          batch.who().sink(),
          what,
          target.settings().target());
    }
  }
}
