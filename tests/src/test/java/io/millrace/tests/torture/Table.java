package io.millrace.tests.torture;

import java.util.List;

/** A sink as a reader sees it who is not the job: by a client of the sink, without Spark. */
interface Table extends AutoCloseable {
  /** The name of the sink in the job. */
  String sink();

  Part part();

  /** What has become visible since the last time, moment by moment, the last one last. */
  List<Look> look();

  /** Every row. */
  List<Entry> entries();

  @Override
  default void close() {}
}
