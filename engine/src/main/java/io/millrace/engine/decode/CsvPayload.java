package io.millrace.engine.decode;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.csv.CSVOptions;
import org.apache.spark.sql.catalyst.csv.UnivocityParser;
import org.apache.spark.sql.catalyst.util.BadRecordException;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Map$;
import scala.jdk.javaapi.CollectionConverters;

/** One line of delimited values. */
record CsvPayload(StructType fields, String delimiter, String timeZone) implements Payload {
  @Override
  public String name() {
    return "CSV";
  }

  @Override
  public Parser parser() {
    return new Reader(fields.asNullable(), options());
  }

  private CSVOptions options() {
    scala.collection.immutable.Map<String, String> options =
        Map$.MODULE$.from(CollectionConverters.asScala(Map.of("delimiter", delimiter)));
    return new CSVOptions(options, false, timeZone);
  }

  private static final class Reader implements Parser {
    private final StructType fields;
    private final UnivocityParser parser;

    private Reader(StructType fields, CSVOptions options) {
      this.fields = fields;
      this.parser = new UnivocityParser(fields, options);
    }

    @Override
    public InternalRow parse(byte[] payload) throws BadPayload {
      String line = line(payload);
      try {
        return parser
            .parse()
            .apply(line)
            .getOrElse(
                () -> {
                  throw new IllegalStateException("Spark's parser gave no row");
                });
      } catch (Exception fault) {
        throw new BadPayload(reason(line, fault));
      }
    }

    private static String line(byte[] payload) throws BadPayload {
      String line = new String(payload, StandardCharsets.UTF_8).stripTrailing();
      if (line.isEmpty()) {
        throw new BadPayload("Expected CSV, found an empty value");
      }
      boolean quoted = false;
      for (int i = 0; i < line.length(); i++) {
        quoted ^= line.charAt(i) == '"';
        if (!quoted && line.charAt(i) == '\n') {
          throw new BadPayload("Expected one line of CSV, found more behind character " + (i + 1));
        }
      }
      return line;
    }

    private String reason(String line, Exception fault) {
      String[] values = parser.tokenizer().parseLine(line);
      if (values.length != fields.length()) {
        return "Expected " + fields.length() + " fields, found " + values.length;
      }
      if (fault instanceof BadRecordException bad) {
        InternalRow[] partial = bad.partialResults().apply();
        for (int i = 0; partial.length > 0 && i < values.length; i++) {
          if (partial[0].isNullAt(i) && values[i] != null) {
            return "Expected %s for %s, found %s"
                .formatted(
                    fields.apply(i).dataType().simpleString(),
                    fields.apply(i).name(),
                    BadPayload.quoted(values[i]));
          }
        }
      }
      return "Cannot read the CSV: "
          + Optional.ofNullable(fault.getCause())
              .map(Throwable::getMessage)
              .flatMap(text -> text.lines().findFirst())
              .orElse(fault.getClass().getSimpleName());
    }
  }
}
