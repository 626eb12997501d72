package io.millrace.sinks.files;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.execution.datasources.DataSource$;
import org.apache.spark.sql.execution.datasources.FileFormat;
import org.apache.spark.sql.execution.datasources.v2.FileDataSourceV2;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What columns the files of a format can keep, as the format itself says. */
final class FileTypes {
  private FileTypes() {}

  /**
   * Checks all columns but those that name folders.
   *
   * @throws IllegalArgumentException with a sentence, for the first one that the format cannot keep
   */
  static void check(FilesSink.Settings settings, StructType rows) {
    String word = settings.format().word();
    List<StructField> kept =
        Arrays.stream(rows.fields())
            .filter(field -> !settings.partitionBy().contains(field.name()))
            .toList();
    if (settings.format() == FilesSink.Format.TEXT && kept.size() != 1) {
      throw new IllegalArgumentException(
          "Cannot keep the columns %s in text files: a line is one column. Use one column in a sql step, for example to_json(struct(*)), or another format"
              .formatted(String.join(", ", kept.stream().map(StructField::name).toList())));
    }
    if (kept.size() > most(settings.format())) {
      throw new IllegalArgumentException(
          "Cannot keep the columns %s in %s files: a row is %s. Use fewer in a sql step, for example to_json(struct(*)), or another format; for another format of Hadoop, foreach-batch with a class of yours"
              .formatted(
                  String.join(", ", kept.stream().map(StructField::name).toList()),
                  name(settings.format()),
                  settings.format() == FilesSink.Format.OBJECT
                      ? "one value"
                      : "a value, or a key and a value"));
    }
    FileFormat format = format(word);
    for (StructField field : kept) {
      if (!format.supportDataType(field.dataType())) {
        throw new IllegalArgumentException(
            "Cannot keep column %s of type %s in %s files. Cast it in a sql step, for example to string"
                .formatted(field.name(), field.dataType().sql(), name(settings.format())));
      }
    }
  }

  private static String name(FilesSink.Format format) {
    return format.name().toLowerCase(Locale.ROOT);
  }

  private static int most(FilesSink.Format format) {
    return switch (format) {
      case OBJECT -> 1;
      case SEQUENCE -> 2;
      case JSON, CSV, PARQUET, TEXT, AVRO, ORC -> Integer.MAX_VALUE;
    };
  }

  private static FileFormat format(String word) {
    try {
      Class<?> found = DataSource$.MODULE$.lookupDataSource(word, SQLConf.get());
      Object source = found.getDeclaredConstructor().newInstance();
      return source instanceof FileDataSourceV2 second
          ? second.fallbackFileFormat().getDeclaredConstructor().newInstance()
          : (FileFormat) source;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot look at the format " + word, e);
    }
  }
}
