package io.millrace.tests.torture;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.run.JobFailedException;
import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.LocalBroker;
import io.millrace.engine.testing.LocalPostgres;
import io.millrace.engine.testing.Sessions;
import io.millrace.tests.torture.PlantedSink.Bug;
import org.junit.jupiter.api.Test;

/**
 * Planted bugs at which a job stops by itself. Those that only the oracle and the second reader see
 * are planted by {@code millrace torture --short}; what the simulation can show in milliseconds,
 * {@link io.millrace.tests.simulation.SimulationTest} does.
 */
class PlantedBugsTest {
  private final PlantedBugs bugs = new PlantedBugs(Sessions.spark(), PlantedBugsTest::trial);

  private static Trial trial(String job, String text) {
    LocalBroker.shared().createTopic(job, Workload.PARTITIONS);
    return new Trial(
        job,
        text,
        Folders.temporary("planted"),
        LocalBroker.shared().servers(),
        LocalBroker.shared().servers(),
        LocalPostgres.shared().url(),
        LocalPostgres.shared().url(),
        LocalPostgres.shared().user());
  }

  /** What it would duplicate otherwise, the simulation shows. */
  @Test
  void aSinkThatForgetsItsLedgerIsStopped() {
    assertThatThrownBy(() -> bugs.strict(Bug.FORGETS_THE_LEDGER))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("the sink went back in time. It has batches up to 0, this start");
  }

  @Test
  void aSinkThatLosesARowIsStoppedByTheAccount() {
    assertThatThrownBy(() -> bugs.strict(Bug.LOSES_THE_LAST))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("Cannot account for every row that query events read: rows_planted:");
  }
}
