package io.millrace.engine.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/**
 * The versions of the rows of a table with the time in which each is valid: from its own time to
 * that of the next version of its key, whatever the order in which they came into the table.
 */
final class Versions {
  private static final String FROM = "_valid_from";
  private static final String TO = "_valid_to";

  private Versions() {}

  /**
   * The table with the bounds of its versions.
   *
   * @throws io.millrace.engine.spi.TextFault if one of the columns is not there
   * @throws IllegalArgumentException if one of them is no time
   */
  static LogicalPlan of(
      LookupStep.AsOf asOf, List<String> keys, LogicalPlan rows, LogicalPlan table) {
    time(rows, "as-of.time", asOf.time());
    time(table, "as-of.valid-from", asOf.validFrom());
    asOf.validTo().ifPresent(to -> time(table, "as-of.valid-to", to));
    Catalyst.known(table, "as-of.order-by", asOf.orderBy());
    LogicalPlan query = Catalyst.query("as-of", sql(asOf, keys));
    return Catalyst.replace(
        query, node -> node instanceof UnresolvedRelation ? Optional.of(table) : Optional.empty());
  }

  private static void time(LogicalPlan rows, String setting, String name) {
    Attribute column = Catalyst.known(rows, setting, name);
    DataType type = column.dataType();
    if (!(type instanceof TimestampType)
        && !(type instanceof TimestampNTZType)
        && !(type instanceof DateType)) {
      throw new IllegalArgumentException(
          "Expected a timestamp or date for %s, found %s, which is %s. Cast it in a step above"
              .formatted(setting, name, type.sql()));
    }
  }

  private static String sql(LookupStep.AsOf asOf, List<String> keys) {
    String by = keys.stream().map(Versions::quoted).collect(Collectors.joining(", "));
    String end =
        "min(%s) over (partition by %s order by %s range between 1 following and unbounded following)"
            .formatted(FROM, by, FROM);
    return "select *, %s as %s from (%s)"
        .formatted(
            asOf.validTo().map(to -> "least(" + end + ", " + micros(quoted(to)) + ")").orElse(end),
            TO,
            newest(asOf, by));
  }

  /** One version for each key and moment, where something tells which. */
  private static String newest(LookupStep.AsOf asOf, String by) {
    String from = quoted(asOf.validFrom());
    String all =
        "select *, %s as %s from input where %s is not null".formatted(micros(from), FROM, from);
    if (asOf.orderBy().isEmpty()) {
      return all;
    }
    List<String> order = new ArrayList<>();
    asOf.orderBy().forEach(name -> order.add(quoted(name) + " desc nulls last"));
    return "select * from (select *, row_number() over (partition by %s, %s order by %s) as _newest from (%s)) where _newest = 1"
        .formatted(by, FROM, String.join(", ", order), all);
  }

  /** The bounds as columns of the table. */
  static List<NamedExpression> bounds() {
    return List.of(Catalyst.column(FROM), Catalyst.column(TO));
  }

  /** Whether a version of the table is valid at the time of a row. */
  static Expression valid(String rows, String time, String table) {
    return Catalyst.expression(
        "as-of",
        "%1$s >= %2$s.%3$s and (%2$s.%4$s is null or %1$s < %2$s.%4$s)"
            .formatted(micros(quoted(rows) + "." + quoted(time)), quoted(table), FROM, TO));
  }

  private static String micros(String time) {
    return "unix_micros(cast(" + time + " as timestamp))";
  }

  private static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }
}
