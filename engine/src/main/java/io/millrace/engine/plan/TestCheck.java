package io.millrace.engine.plan;

import io.millrace.engine.spec.Findings;
import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.Nearest;
import io.millrace.engine.spec.SinkSpec;
import io.millrace.engine.spec.SourceSpec;
import io.millrace.engine.spec.StepSpec;
import io.millrace.engine.spec.TestSpec;
import io.millrace.engine.spec.Word;
import java.util.ArrayList;
import java.util.List;

/** Checks that the tests of a job name what the job has. */
final class TestCheck {
  private TestCheck() {}

  /** Adds what is wrong. */
  static void check(JobSpec job, Findings findings) {
    List<String> sources =
        job.sources().stream().map(SourceSpec::name).map(Word::text).distinct().toList();
    List<String> targets = new ArrayList<>();
    job.sinks().stream().map(SinkSpec::name).map(Word::text).forEach(targets::add);
    job.steps().stream().map(StepSpec::name).map(Word::text).forEach(targets::add);
    targets.add(TestSpec.DEAD_LETTERS);
    for (TestSpec test : job.tests()) {
      test.given().stream()
          .flatMap(given -> given.rows().stream())
          .forEach(rows -> known("source", rows.name(), sources, findings));
      test.expect().forEach(rows -> known("sink or step", rows.name(), targets, findings));
    }
  }

  private static void known(String what, Word name, List<String> known, Findings findings) {
    if (!known.contains(name.text())) {
      findings.add(
          name.at(),
          "tests",
          "Unknown "
              + what
              + " '"
              + name
              + "'. There are "
              + String.join(", ", known)
              + Nearest.hint(name.text(), known));
    }
  }
}
