package io.millrace.tests.torture;

import io.millrace.engine.testing.Folders;
import io.millrace.tests.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.SparkSession;

/** Damaged files of the checkpoint of a small job. */
final class Damages {
  private Damages() {}

  /** So many, as a line; what is neither harmless nor named is its verdict. */
  static Line run(SparkSession spark, long seed, int count) throws IOException {
    Random random = new Random(seed);
    Path folder = Folders.temporary("damage");
    Patient patient = new Patient(spark, folder);
    List<Path> files = patient.files();
    List<Damage> damages = List.of(Damage.values());
    Map<String, Integer> done = new LinkedHashMap<>();
    List<String> wrong = new ArrayList<>();
    for (int trial = 0; trial < count; trial++) {
      Path file = files.get(random.nextInt(files.size()));
      Damage damage = damages.get(random.nextInt(damages.size()));
      Patient.Fate fate = patient.trial(file, damage);
      done.merge("damage", 1, Integer::sum);
      done.merge("damage_" + fate.verdict().word(), 1, Integer::sum);
      Tool.say("%-8s %s %s  %s", fate.verdict().word(), file, damage.word(), fate.what());
      if (!fate.verdict().holds()) {
        wrong.add("%s %s: %s %s".formatted(file, damage.word(), fate.verdict(), fate.what()));
      }
    }
    if (wrong.isEmpty()) {
      Folders.delete(folder);
    }
    return Line.counted("damage", seed, done, wrong.isEmpty() ? "held" : String.join("\n", wrong));
  }
}
