package io.millrace.engine.step;

import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** The columns that a step gives, each with a name of its own. */
record Given(StructType columns) {

  static Given of(List<Keyed.Told> columns) {
    Given gives = new Given(new StructType());
    for (Keyed.Told column : columns) {
      gives = gives.with(column.name(), column.type());
    }
    return gives;
  }

  /**
   * One column more.
   *
   * @throws IllegalArgumentException with a sentence, if the name is taken
   */
  Given with(String name, DataType type) {
    if (Stream.of(columns.fieldNames()).anyMatch(name::equalsIgnoreCase)) {
      throw new IllegalArgumentException(
          "Cannot give two columns the name " + name + ". Rename one of them");
    }
    return new Given(columns.add(name, type, true));
  }

  /** More columns. */
  Given with(StructType more) {
    Given gives = this;
    for (String name : more.fieldNames()) {
      gives = gives.with(name, more.apply(name).dataType());
    }
    return gives;
  }
}
