package io.millrace.engine.decode;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Shorthand;
import io.millrace.engine.spi.Tombstones;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A payload is one column: the bytes as they are. */
public record BytesDecoder(Settings settings) implements Decoder {
  /** What it takes. */
  public record Settings(
      @Doc("The name of the column.") @Shorthand @Default("value") String column,
      @Doc(Schemas.TOMBSTONES) @Default("dead-letter") Tombstones tombstones)
      implements java.io.Serializable {
    public Settings {
      Schemas.requireName(column);
    }
  }

  @Override
  public StructType schema() {
    return new StructType().add(settings.column(), DataTypes.BinaryType);
  }

  @Override
  public Tombstones tombstones() {
    return settings.tombstones();
  }

  @Override
  public Column decode(Column payload) {
    return struct(
        struct(payload.cast("binary").as(settings.column())).as("fields"),
        when(payload.isNull(), lit("Expected bytes, found no value")).as("reason"));
  }
}
