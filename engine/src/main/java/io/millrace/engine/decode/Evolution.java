package io.millrace.engine.decode;

/**
 * What becomes of a payload whose writer had another schema than the job has. Where the job reads
 * it, it does so by Avro's rules: a field that the writer had not takes its default, one that the
 * job has not is left out, numbers are widened.
 */
public enum Evolution {
  /** The job stops: every payload is of the job's own schema. */
  FAIL,
  /** It is read; the job stops at a schema that does not fit its own. */
  COMPATIBLE,
  /**
   * The same with the columns of the newest schema, taken at each start. The job stops at a newer
   * one that has a field more: the next start reads that batch again, with that field.
   */
  LATEST,
  /** It is read; what is of a schema that does not fit becomes a dead letter. */
  DEAD_LETTER
}
