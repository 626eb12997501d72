package io.millrace.models;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What a model reads of the rows of a query, as the query hands it over.
 *
 * @param type the columns under the names that the model knows them by
 * @param columns the same, of the rows
 */
record ModelInputs(StructType type, List<Column> columns) {

  /** What a model reads of rows that fit it. */
  static ModelInputs of(Manifest manifest, StructType rows) {
    StructType type = new StructType();
    List<Column> columns = new ArrayList<>();
    for (Manifest.Field input : manifest.inputs()) {
      StructField found = Schemas.find(rows, input.name()).orElseThrow();
      DataType learned = Schemas.type(input);
      boolean cast = Schemas.floating(learned);
      Column column = Words.column(found.name());
      type = type.add(input.name(), cast ? learned : found.dataType(), true);
      columns.add(cast ? column.cast(learned) : column);
    }
    return new ModelInputs(type, List.copyOf(columns));
  }

  /**
   * Checks that another model reads no more than this.
   *
   * @throws IllegalArgumentException with a sentence that names all that it lacks
   */
  void check(Manifest manifest) {
    List<String> wrong = Schemas.unfit(manifest, type);
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot give the model what it reads within a running query: "
              + String.join("; ", wrong)
              + ". Start the job again");
    }
  }
}
