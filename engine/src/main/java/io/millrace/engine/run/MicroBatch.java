package io.millrace.engine.run;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A batch that is being written.
 *
 * @param rows those of the trunk, not worked out yet
 * @param kept the same rows, worked out once where several read them
 * @param arrivals is told what each sink got
 */
record MicroBatch(long id, Dataset<Row> rows, Dataset<Row> kept, Arrivals arrivals) {}
