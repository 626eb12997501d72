package io.millrace.sinks.testing;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.VariantType;

/**
 * Values at the edges of what each type holds, and one text for each value however a client of a
 * sink gives it: so that what arrived can be held against what was sent.
 */
public final class Extremes {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Four rows: the least, the greatest, one within, and nothing. */
  private static final Map<String, List<String>> COLUMNS = new LinkedHashMap<>();

  /** Columns of types that a sink may refuse. */
  private static final Map<String, String> RARE = new LinkedHashMap<>();

  static {
    column("a_byte", "cast(-128 as tinyint)", "cast(127 as tinyint)", "cast(0 as tinyint)");
    column("a_short", "-32768S", "32767S", "0S");
    column("an_int", "-2147483648", "2147483647", "0");
    column("a_long", "-9223372036854775808L", "9223372036854775807L", "0L");
    column(
        "a_float",
        "cast('-Infinity' as float)",
        "cast('3.4028235E38' as float)",
        "cast('1.4E-45' as float)");
    column(
        "a_double",
        "cast('-Infinity' as double)",
        "cast('1.7976931348623157E308' as double)",
        "cast('4.9E-324' as double)");
    column(
        "a_decimal",
        "cast('-99999999999999999999.999999999999999999' as decimal(38,18))",
        "cast('99999999999999999999.999999999999999999' as decimal(38,18))",
        "cast('0.000000000000000001' as decimal(38,18))");
    column("a_boolean", "false", "true", "false");
    column(
        "a_text",
        "''",
        "repeat('x', 70000)",
        "concat('\"\\\\ \\t\\n,;|', chr(1), 'ë\u20ac\ud83d\ude00\uffff')");
    column("a_date", "date'0001-01-01'", "date'9999-12-31'", "date'1582-10-04'");
    column(
        "a_time",
        "timestamp'0001-01-01 00:00:00'",
        "timestamp'9999-12-31 23:59:59.999999'",
        "timestamp'1500-06-07 08:09:10.123456'");
    column(
        "a_local_time",
        "timestamp_ntz'0001-01-01 00:00:00'",
        "timestamp_ntz'9999-12-31 23:59:59.999999'",
        "timestamp_ntz'1500-06-07 08:09:10.123456'");
    column("bytes", "X''", "X'00FF7F80'", "X'CAFE'");
    column("a_list", "cast(array() as array<int>)", "array(1, null, -2147483648)", "array(3)");
    column(
        "a_map",
        "cast(map() as map<string, double>)",
        "map('k', 1.5D, '', null)",
        "map('ë', -2.5D)");
    column(
        "a_struct",
        "named_struct('x', cast(null as int), 'y', array(named_struct('z', cast(null as string))))",
        "named_struct('x', 1, 'y', array(named_struct('z', 'deep')))",
        "named_struct('x', 2, 'y', array(named_struct('z', '')))");
    RARE.put("not_a_number", "cast('NaN' as double)");
    RARE.put("no_number", "cast('NaN' as float)");
    RARE.put("negative_zero", "cast('-0.0' as double)");
    RARE.put("months", "interval '-178956970-8' year to month");
    RARE.put("seconds", "interval '-106751991 04:00:54.775807' day to second");
    RARE.put("a_variant", "parse_json('{\"v\": [1, null]}')");
    RARE.put("an_interval", "make_interval(1, 2, 3, 4, 5, 6, 7.000008)");
    RARE.put("nothing", "null");
  }

  private Extremes() {}

  private static void column(String name, String least, String greatest, String within) {
    COLUMNS.put(name, List.of(least, greatest, within, "null"));
  }

  /**
   * All columns whose types every sink takes.
   *
   * @param endless whether numbers may have no end
   */
  static Dataset<Row> rows(boolean endless) {
    StringBuilder text = new StringBuilder();
    for (int row = 0; row < 4; row++) {
      text.append(row == 0 ? "select " : " union all select ").append(row + "L id");
      for (Map.Entry<String, List<String>> column : COLUMNS.entrySet()) {
        text.append(", ").append(column.getValue().get(row)).append(' ').append(column.getKey());
      }
    }
    String all = text.toString();
    return Batches.sql(endless ? all : all.replace("-Infinity", "-3.4028235E38")).coalesce(1);
  }

  /** The names of columns that a sink may refuse. */
  static List<String> rare() {
    return List.copyOf(RARE.keySet());
  }

  /** One row, all but its key of these. */
  static Dataset<Row> rare(List<String> names) {
    StringBuilder text = new StringBuilder("select 0L id");
    names.forEach(name -> text.append(", ").append(RARE.get(name)).append(' ').append(name));
    return Batches.sql(text.toString());
  }

  /** The values of each row as texts, without those that are null. */
  public static List<Map<String, String>> list(Dataset<Row> rows) {
    String[] columns = new String[rows.columns().length];
    for (int at = 0; at < columns.length; at++) {
      StructField field = rows.schema().fields()[at];
      String form = "cast(`%s` as string) `%s`";
      if (field.dataType() instanceof BinaryType) {
        form = "base64(`%s`) `%s`";
      } else if (json(field.dataType())) {
        form = "to_json(`%s`) `%s`";
      }
      columns[at] = form.formatted(field.name(), field.name());
    }
    List<Map<String, String>> all = new ArrayList<>();
    for (Row row : rows.selectExpr(columns).collectAsList()) {
      Map<String, String> values = new TreeMap<>();
      for (int at = 0; at < columns.length; at++) {
        if (!row.isNullAt(at)) {
          values.put(rows.columns()[at], row.getString(at));
        }
      }
      all.add(values);
    }
    return all;
  }

  /** The members of a JSON object as texts, without those that are null. */
  public static Map<String, String> members(String object) {
    Map<String, String> values = new TreeMap<>();
    try (JsonParser parser = JSON.createParser(object)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (value.isStructStart()) {
          values.put(name, parser.readValueAsTree().toString());
        } else if (value != JsonToken.VALUE_NULL) {
          // A number as it stands there, with all its digits and its sign.
          values.put(name, parser.getText());
        }
      }
      return values;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode tree(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean json(DataType type) {
    return type instanceof StructType
        || type instanceof ArrayType
        || type instanceof MapType
        || type instanceof VariantType;
  }

  /** Texts that are equal where the values are, of the columns of a schema. */
  static Map<String, String> plain(StructType schema, Map<String, String> values) {
    Map<String, String> all = new TreeMap<>();
    values.forEach((name, text) -> all.put(name, plain(schema.apply(name).dataType(), text)));
    return all;
  }

  private static String plain(DataType type, String text) {
    if (json(type)) {
      return withoutNulls(tree(text)).toString();
    }
    return switch (type.typeName()) {
      case "byte", "short", "integer", "long" -> new BigDecimal(text).toBigInteger().toString();
      case "float" -> Float.toString(Float.parseFloat(endless(text)));
      case "double" -> Double.toString(Double.parseDouble(endless(text)));
      case "boolean" ->
          text.equals("1") ? "true" : text.equals("0") ? "false" : text.toLowerCase(Locale.ROOT);
      case "timestamp" ->
          OffsetDateTime.parse(zoned(text.replace(' ', 'T'))).toInstant().toString();
      case "timestamp_ntz" -> LocalDateTime.parse(text.replace(' ', 'T')).toString();
      case "binary" ->
          text.startsWith("\\x")
              ? Base64.getEncoder().encodeToString(HexFormat.of().parseHex(text.substring(2)))
              : text;
      default ->
          type.typeName().startsWith("decimal")
              ? new BigDecimal(text).stripTrailingZeros().toPlainString()
              : text;
    };
  }

  /** SQLite shortens the word. */
  private static String endless(String number) {
    return number.endsWith("Inf") ? number + "inity" : number;
  }

  private static String zoned(String time) {
    if (time.endsWith("+00")) {
      return time + ":00";
    }
    return time.endsWith("Z") || time.endsWith("+00:00") ? time : time + "Z";
  }

  /**
   * Whether a member that is null is written is up to the form. Numbers are told by their value.
   */
  private static Object withoutNulls(JsonNode node) {
    if (node.isObject()) {
      Map<String, Object> members = new TreeMap<>();
      node.properties()
          .forEach(
              member -> {
                if (!member.getValue().isNull()) {
                  members.put(member.getKey(), withoutNulls(member.getValue()));
                }
              });
      return members;
    }
    if (node.isArray()) {
      return node.valueStream().map(Extremes::withoutNulls).toList();
    }
    return node.isNumber() ? node.decimalValue().stripTrailingZeros().toPlainString() : node;
  }
}
