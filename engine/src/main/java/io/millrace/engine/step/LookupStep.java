package io.millrace.engine.step;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.TextFault;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.catalyst.AliasIdentifier;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.IsNull;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.Or;
import org.apache.spark.sql.catalyst.plans.LeftOuter$;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.JoinHint;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import scala.Option;

/**
 * Adds the columns of a static table to rows with the same values in the {@code on} columns. A key
 * that the table has twice gives two rows.
 */
public record LookupStep(Settings settings) implements Planned {
  private static final long serialVersionUID = 1;
  private static final String ROWS = "_rows";
  private static final String TABLE = "_table";
  private static final String FOUND = "_found";

  /** What the step is asked to do. */
  public record Settings(
      @Doc("Name of the table: a source with static, or a step over one") String table,
      @Doc("Columns that both have and that must be equal") List<String> on,
      @Doc("What becomes of a row that the table does not know") @Default("keep") Missing missing,
      @Doc("Columns to take from the table, by default all") List<String> columns,
      @Doc("The table has versions of its rows: each row meets the one of its own time")
          Optional<AsOf> asOf) {
    public Settings {
      on = List.copyOf(on);
      columns = List.copyOf(columns);
      if (on.isEmpty()) {
        throw new IllegalArgumentException("Missing on. Write on: [key], columns that both have");
      }
      for (String column : columns) {
        if (on.contains(column)) {
          throw new IllegalArgumentException(
              "Cannot take " + column + " from the table as well: the rows have it. Leave it out");
        }
      }
    }
  }

  /** Which version of a key a row meets: the last one that is valid from its time or before. */
  public record AsOf(
      @Doc("Column of the rows: their time, which finds nothing where it is null") String time,
      @Doc("Column of the table: since when a version is valid, that moment included")
          @Default("valid_from")
          String validFrom,
      @Doc(
              "Column of the table: until when, that moment excluded, where a version may end"
                  + " before the next one begins; null while it has no end")
          Optional<String> validTo,
      @Doc(
              "Columns of the table that tell which of two versions that are valid from the same"
                  + " moment is newer and so the only one; if left out, a row meets both")
          List<String> orderBy) {
    public AsOf {
      orderBy = List.copyOf(orderBy);
    }
  }

  /** What becomes of a row that the table does not know. */
  public enum Missing {
    /** It goes on with nulls. */
    KEEP,
    /** It is left out. */
    DROP
  }

  @Override
  public List<String> reads(List<String> from) {
    List<String> names = new ArrayList<>(from);
    names.add(settings.table());
    return names;
  }

  @Override
  public Optional<String> disorder() {
    return Optional.of("it shuffles rows where its table is too large to be broadcast");
  }

  @Override
  public boolean keepsDead() {
    return true;
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    LogicalPlan rows = inputs.get(0).plan();
    LogicalPlan table = inputs.get(1).plan();
    if (table.isStreaming()) {
      throw new TextFault(
          "table",
          1,
          1,
          "Cannot look up in "
              + settings.table()
              + ": it is a stream. Declare the source with static, or join two streams");
    }
    Catalyst.known(rows, "on", settings.on());
    Catalyst.known(table, "on", settings.on());
    List<Attribute> taken = taken(rows, table);
    List<NamedExpression> right = new ArrayList<>();
    settings.on().forEach(key -> right.add(Catalyst.column(key)));
    taken.forEach(column -> right.add(Catalyst.column(column.name())));
    right.add(Catalyst.as(FOUND, Catalyst.truth(true)));
    settings.asOf().ifPresent(asOf -> right.addAll(Versions.bounds()));
    LogicalPlan versions =
        settings.asOf().map(asOf -> Versions.of(asOf, settings.on(), rows, table)).orElse(table);
    LogicalPlan joined =
        new Join(
            new SubqueryAlias(AliasIdentifier.apply(ROWS), rows),
            new SubqueryAlias(AliasIdentifier.apply(TABLE), Catalyst.project(right, versions)),
            LeftOuter$.MODULE$,
            Option.apply(condition(rows)),
            JoinHint.NONE());
    return chosen(rows, taken, settings.missing() == Missing.DROP ? known(rows, joined) : joined);
  }

  /** A dead letter finds nothing, so that it stays one row with its raw value. */
  private Expression condition(LogicalPlan rows) {
    Expression equal = Catalyst.equal(ROWS, TABLE, settings.on());
    Expression met =
        settings
            .asOf()
            .<Expression>map(asOf -> new And(equal, Versions.valid(ROWS, asOf.time(), TABLE)))
            .orElse(equal);
    return Catalyst.attribute(rows, Columns.DEAD).isPresent()
        ? new And(met, new IsNull(Catalyst.column(ROWS, Columns.DEAD)))
        : met;
  }

  private static LogicalPlan known(LogicalPlan rows, LogicalPlan joined) {
    Expression found = new IsNotNull(Catalyst.column(FOUND));
    return new Filter(
        Catalyst.attribute(rows, Columns.DEAD).isPresent()
            ? new Or(found, new IsNotNull(Catalyst.column(ROWS, Columns.DEAD)))
            : found,
        joined);
  }

  private List<Attribute> taken(LogicalPlan rows, LogicalPlan table) {
    Set<String> names = new HashSet<>();
    Catalyst.list(rows.output()).forEach(column -> names.add(lower(column.name())));
    List<Attribute> taken = new ArrayList<>();
    for (Attribute column : wanted(table)) {
      if (!names.add(lower(column.name()))) {
        throw new IllegalArgumentException(
            "Cannot add the column "
                + column.name()
                + " of "
                + settings.table()
                + ": the rows have one of that name. Rename it in a step above, or list columns");
      }
      taken.add(column);
    }
    return taken;
  }

  private List<Attribute> wanted(LogicalPlan table) {
    if (!settings.columns().isEmpty()) {
      return Catalyst.known(table, "columns", settings.columns());
    }
    return Catalyst.list(table.output()).stream()
        .filter(column -> !Catalyst.hidden(column.name()))
        .filter(column -> settings.on().stream().noneMatch(column.name()::equalsIgnoreCase))
        .toList();
  }

  private static LogicalPlan chosen(LogicalPlan rows, List<Attribute> taken, LogicalPlan joined) {
    List<NamedExpression> columns = new ArrayList<>();
    Catalyst.list(rows.output()).forEach(c -> columns.add(Catalyst.column(ROWS, c.name())));
    taken.forEach(c -> columns.add(Catalyst.column(TABLE, c.name())));
    return Catalyst.project(columns, joined);
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
