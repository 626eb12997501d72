package io.millrace.tests.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import io.millrace.tests.torture.Patient.Fate;
import io.millrace.tests.torture.Patient.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One file of each kind that a checkpoint has, damaged: the job goes on rightly, or names it. */
class DamageTest {
  private static Patient patient;

  @BeforeAll
  static void run() throws IOException {
    patient = new Patient(Sessions.spark(), Folders.temporary("damage"));
  }

  @ParameterizedTest
  @CsvSource({
    "lines.plan, HALVED",
    "lines/metadata, HALVED",
    "lines/offsets/N, HALVED",
    "lines/offsets/N, REMOVED",
    "minutes/offsets/N, SWAPPED",
    "lines/offsets/.N.crc, FLIPPED",
    "lines/commits/N, EMPTIED",
    "lines/commits/N, REMOVED",
    "lines/sources/N/N, FLIPPED",
    "minutes/state/N/N/N.changelog, HALVED",
    "minutes/state/N/N/N.changelog, REMOVED",
    "minutes/state/N/N/_metadata/schema, FLIPPED",
    "minutes/state/N/_metadata/metadata, EMPTIED"
  })
  void isHarmlessOrNamed(String kind, Damage damage) throws IOException {
    Path last =
        patient.files().stream()
            .filter(file -> Patient.kind(file).equals(kind))
            .max(Comparator.comparingLong(Patient::number))
            .orElseThrow();

    Fate fate = patient.trial(last, damage);

    assertThat(fate.verdict()).as(fate.what()).isIn(Verdict.HARMLESS, Verdict.NAMED);
  }
}
