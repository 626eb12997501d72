package io.millrace.engine.decode;

import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/** The form of a payload. Two that are equal decode alike. */
interface Payload extends Serializable {
  /** What it is called in a sentence. */
  String name();

  /** The fields that parsing gives. */
  StructType fields();

  /** A parser for one task. */
  Parser parser();

  /** Parses the payloads of one task, one after another. */
  interface Parser {
    /** The fields; the row may be reused by the next call. */
    InternalRow parse(byte[] payload) throws BadPayload;
  }

  /** Why a payload cannot be decoded. */
  final class BadPayload extends Exception {
    private static final long serialVersionUID = 1;
    private static final int SHOWN = 100;

    private final String rule;

    BadPayload(String sentence) {
      this("decode", sentence);
    }

    BadPayload(String rule, String sentence) {
      super(sentence, null, false, false);
      this.rule = rule;
    }

    /** The rule that the payload breaks, in a word. */
    String rule() {
      return rule;
    }

    /** A value as it stands in a sentence: in quotes, not too long. */
    static String quoted(String value) {
      return '"' + shortened(value) + '"';
    }

    static String shortened(String value) {
      return value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "…";
    }
  }
}
