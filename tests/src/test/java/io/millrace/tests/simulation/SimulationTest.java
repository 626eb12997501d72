package io.millrace.tests.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The rules of start and commit under thousands of schedules; {@code millrace torture --short} runs
 * more. A failing one is shown with its steps, and again by {@code millrace torture schedules
 * --from SEED --replay}.
 *
 * <p>Bugs that sinks of this kind have had, and what finds each once it is planted:
 *
 * <table>
 * <caption>Planted bugs</caption>
 * <tr><td>M1 ledger in a transaction of its own<td>here
 * <tr><td>M2 rows remembered by partition<td>here
 * <tr><td>M3 no epoch<td>here
 * <tr><td>M4 mark read before the transaction is ended<td>here
 * <tr><td>M5 sink ignores the number of the batch<td>here
 * <tr><td>M6 unlogged stage that nobody counts<td>here
 * <tr><td>M7 tried again without the rows<td>here
 * <tr><td>M8 one-sided check at the start<td>here
 * <tr><td>M9 batch called done before the sinks have it<td>here
 * <tr><td>M10 Delta's settings left in the session<td>{@code torture --short} on a real table
 * <tr><td>M11 rejects forwarded without the table<td>{@code torture --short} on a real database
 * </table>
 */
class SimulationTest {
  private static final long SEED = 1;
  private static final int SCHEDULES = 2_000;
  private static final int UNTIL_FOUND = 200_000;

  @Test
  void nothingIsLostDoubledOrTornUnderAnySchedule() {
    Simulation.Result result = Simulation.run(SEED, SCHEDULES, Bug.NONE);

    assertThat(result.failing()).as(result.what()).isEmpty();
    assertThat(result.done())
        .containsKeys(
            "kill",
            "halt",
            "second start",
            "fenced",
            "refused",
            "lost answer of COMMIT",
            "lost answer of EndTxn",
            "transaction times out",
            "database restarts",
            "checkpoint put back",
            "sink put back",
            "note of the last batch lost",
            "task fails",
            "tried again");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aPlantedBugIsFound(Bug bug) {
    Simulation.Result result = Simulation.run(SEED, UNTIL_FOUND, bug);

    assertThat(result.failing()).as("%s in %d schedules", bug, result.schedules()).isPresent();
  }

  @Test
  void aScheduleIsAFunctionOfItsSeed() {
    assertThat(Simulation.replay(4, Bug.NONE)).isEqualTo(Simulation.replay(4, Bug.NONE));
    assertThat(Simulation.replay(4, Bug.NONE)).isNotEqualTo(Simulation.replay(5, Bug.NONE));
  }
}
