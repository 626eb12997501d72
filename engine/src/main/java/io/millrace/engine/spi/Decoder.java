package io.millrace.engine.spi;

import java.io.Serializable;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.StructType;

/** Turns a payload into fields. A payload that cannot be decoded never fails the query. */
public interface Decoder extends Serializable {
  /**
   * The fields that it finds. Fields that are not nullable must be there, but in a payload that is
   * null and kept.
   */
  StructType schema();

  /** The same, if it is known before anything is asked for over the network. */
  default Optional<StructType> known() {
    return Optional.of(schema());
  }

  /**
   * The decoder for the payloads of a source.
   *
   * @param topic the one whose payloads they are, whose name can tell where their schema is kept
   * @throws IllegalArgumentException with a sentence, if it needs to know more
   */
  default Decoder of(Optional<String> topic) {
    return this;
  }

  /**
   * The decoder for one query, from its start to its end: it knows its fields. Asked on the driver.
   *
   * @throws IllegalStateException with a sentence, if they cannot be found out
   */
  default Decoder opened() {
    return this;
  }

  /**
   * What becomes of a payload that is null, which the engine sees to. Only where it is to be a dead
   * letter is it given to {@link #decode}, for a reason.
   */
  default Tombstones tombstones() {
    return Tombstones.DEAD_LETTER;
  }

  /**
   * Decodes a binary column into one column, a struct of two or three:
   *
   * <ul>
   *   <li>{@code fields}, a struct with at least the fields of {@link #schema()}; what it holds is
   *       unspecified where {@code reason} is not null
   *   <li>{@code reason}, why the payload cannot be decoded, one sentence; null where it can. A
   *       missing field that may not be null is no matter of the decoder: the engine checks that
   *   <li>{@code rule}, which may be left out: the rule that the payload breaks, in a word
   * </ul>
   *
   * <p>Many expressions read that column. One that is dear to work out should say that it is not
   * deterministic: Spark then keeps it in one place, and decodes each payload once.
   */
  Column decode(Column payload);
}
