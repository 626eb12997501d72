package io.millrace.engine.spi;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.types.StructType;

/** Columns written as in {@code create table}: {@code id bigint not null, name string}. */
public final class Ddl {
  private Ddl() {}

  /**
   * The columns of a text; it needs no session.
   *
   * @param setting the key of the setting that holds the text
   * @throws TextFault where the text is wrong
   */
  public static StructType parse(String setting, String text) {
    StructType columns = columns(setting, text);
    Set<String> names = new HashSet<>();
    Arrays.stream(columns.fieldNames())
        .filter(name -> !names.add(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .ifPresent(
            name -> {
              throw new TextFault(
                  setting, 1, 1, "Expected each column once, found " + name + " more than once");
            });
    return columns;
  }

  private static StructType columns(String setting, String text) {
    if (text.isBlank()) {
      throw new TextFault(
          setting, 1, 1, "Missing columns. Write them like: id bigint not null, name string");
    }
    try {
      return CatalystSqlParser$.MODULE$.parseTableSchema(text);
    } catch (Exception fault) {
      if (fault instanceof ParseException parse) {
        throw new TextFault(setting, line(parse), column(parse), sentence(parse));
      }
      throw fault;
    }
  }

  private static int line(ParseException fault) {
    return fault.line().isDefined() ? (Integer) fault.line().get() : 1;
  }

  private static int column(ParseException fault) {
    return fault.startPosition().isDefined() ? (Integer) fault.startPosition().get() + 1 : 1;
  }

  private static String sentence(ParseException fault) {
    String first = fault.message().lines().findFirst().orElse("");
    return "Cannot read the columns: "
        + first.replaceFirst("^\\[[A-Z_.]+] ", "").replaceFirst(" SQLSTATE: .*", "");
  }
}
