package io.millrace.tests.nexmark;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Launcher;
import io.millrace.engine.run.RunningJob;
import io.millrace.engine.testing.Sessions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.apache.spark.sql.streaming.StreamingQueryProgress;

/** Its job file, as Millrace runs it. */
record JobWay(Plan plan) implements Way {
  @Override
  public OptionalLong run() {
    try (RunningJob job = new Launcher(Sessions.spark()).launch(plan)) {
      job.await();
      long[] held =
          job.queries().values().stream()
              .flatMapToLong(query -> held(query.recentProgress()))
              .toArray();
      return held.length == 0 ? OptionalLong.empty() : OptionalLong.of(Arrays.stream(held).sum());
    }
  }

  @Override
  public Path checkpoint() {
    return Path.of(plan.checkpoint()).resolve(plan.queries().get(0).name());
  }

  /** The rows of state behind the last batch of one query, if it had any. */
  static LongStream held(StreamingQueryProgress[] progress) {
    return Arrays.stream(progress)
        .skip(Math.max(0, progress.length - 1))
        .mapToLong(
            last ->
                Arrays.stream(last.stateOperators())
                    .mapToLong(operator -> operator.numRowsTotal())
                    .sum());
  }
}
