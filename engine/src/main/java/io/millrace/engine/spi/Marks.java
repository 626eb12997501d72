package io.millrace.engine.spi;

import java.util.Iterator;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Which dead letters of a job were driven again, and by which drives. */
public interface Marks {
  /** What was told of the drive that has begun and not ended. Reads only. */
  Optional<String> underWay();

  /**
   * Begins a drive and marks its letters, all or nothing.
   *
   * @param drive its name
   * @param told what is to be known of it until it ends
   * @param letters ids, none twice
   * @return whether it has begun; not where another one is under way, or has any of these letters
   */
  boolean begin(String drive, String told, Iterator<String> letters);

  /** Ends a drive; its letters stay marked. */
  void end(String drive);

  /** Takes a drive back, and its marks. */
  void forget(String drive);

  /** The marked letters, in a column {@code id}; empty if there are none yet. Reads only. */
  Optional<Dataset<Row>> taken(SparkSession spark);
}
