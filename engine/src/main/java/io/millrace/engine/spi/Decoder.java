package io.millrace.engine.spi;

import java.io.Serializable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.StructType;

/** Turns a payload into fields. A payload that cannot be decoded never fails the query. */
public interface Decoder extends Serializable {
  /** The fields that it finds. Fields that are not nullable must be there. */
  StructType schema();

  /**
   * Decodes a binary column into one column, a struct of two:
   *
   * <ul>
   *   <li>{@code fields}, a struct with at least the fields of {@link #schema()}; what it holds is
   *       unspecified where {@code reason} is not null
   *   <li>{@code reason}, why the payload cannot be decoded, one sentence; null where it can. A
   *       missing field that may not be null is no matter of the decoder: the engine checks that
   * </ul>
   *
   * <p>Many expressions read that column. One that is dear to work out should say that it is not
   * deterministic: Spark then keeps it in one place, and decodes each payload once.
   */
  Column decode(Column payload);
}
