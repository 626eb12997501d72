package io.millrace.models.compiled;

import java.util.Locale;
import org.apache.spark.ml.param.shared.HasHandleInvalid;

/** What a stage does with a value that it cannot take. */
enum Invalid {
  ERROR,
  SKIP,
  KEEP;

  static Invalid of(HasHandleInvalid stage) throws Uncompiled {
    String mode = stage.getHandleInvalid();
    for (Invalid invalid : values()) {
      if (invalid.name().toLowerCase(Locale.ROOT).equals(mode)) {
        return invalid;
      }
    }
    throw new Uncompiled("handleInvalid: " + mode + " is not known");
  }
}
