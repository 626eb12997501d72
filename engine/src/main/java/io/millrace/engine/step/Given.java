package io.millrace.engine.step;

import io.millrace.engine.spi.Columns;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
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
    return with(name, type, Metadata.empty());
  }

  private Given with(String name, DataType type, Metadata metadata) {
    if (Stream.of(columns.fieldNames()).anyMatch(name::equalsIgnoreCase)) {
      throw new IllegalArgumentException(
          "Cannot give two columns the name " + name + ". Rename one of them");
    }
    return new Given(columns.add(name, type, true, metadata));
  }

  /** That a column is made of others, by their numbers in the rows below. */
  static Metadata reads(long... columns) {
    return new MetadataBuilder().putLongArray(Columns.READS, columns).build();
  }

  /**
   * Columns that are handed on.
   *
   * @param before how many others a row has before these that is told
   */
  static Given passing(List<Keyed.Told> columns, int before) {
    Given gives = new Given(new StructType());
    for (int i = 0; i < columns.size(); i++) {
      gives = gives.with(columns.get(i).name(), columns.get(i).type(), reads(before + i));
    }
    return gives;
  }

  /** More columns. */
  Given with(StructType more) {
    Given gives = this;
    for (String name : more.fieldNames()) {
      StructField column = more.apply(name);
      gives = gives.with(name, column.dataType(), column.metadata());
    }
    return gives;
  }
}
