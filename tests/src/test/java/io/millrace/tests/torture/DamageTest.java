package io.millrace.tests.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import io.millrace.tests.torture.Patient.Fate;
import io.millrace.tests.torture.Patient.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Files of a checkpoint, damaged: the job goes on rightly, or names the file. {@code millrace
 * torture damage} does the same to any file in any way.
 */
class DamageTest {
  private static Patient patient;

  @BeforeAll
  static void run() throws IOException {
    patient = new Patient(Sessions.spark(), Folders.temporary("damage"));
  }

  @ParameterizedTest
  @CsvSource({
    "lines.plan, HALVED, 0",
    "lines/offsets/N, REMOVED, 1",
    "minutes/offsets/N, SWAPPED, 0",
    "lines/commits/N, REMOVED, 0",
    "lines/sources/N/N.compact, FLIPPED, 0",
    "minutes/sources/N/N, SWAPPED, 1",
    "lines/sources/N/N, REMOVED, 0",
    "minutes/state/N/N/N.changelog, REMOVED, 0",
    "minutes/state/N/N/N.changelog, FLIPPED, 0",
    "minutes/state/N/_metadata/metadata, EMPTIED, 0",
    "minutes/state/N/N/_metadata/schema, EMPTIED, 0"
  })
  void isHarmlessOrNamed(String kind, Damage damage, int beforeTheLast) throws IOException {
    List<Path> files =
        patient.files().stream()
            .filter(file -> Patient.kind(file).equals(kind))
            .sorted(Comparator.comparingLong(Patient::number))
            .toList();

    Fate fate = patient.trial(files.get(files.size() - 1 - beforeTheLast), damage);

    assertThat(fate.verdict()).as(fate.what()).isIn(Verdict.HARMLESS, Verdict.NAMED);
  }
}
