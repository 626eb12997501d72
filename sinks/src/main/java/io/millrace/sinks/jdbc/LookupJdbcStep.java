package io.millrace.sinks.jdbc;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Ddl;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.Secret;
import io.millrace.engine.spi.Step;
import io.millrace.engine.spi.TextFault;
import io.millrace.sinks.pool.Database;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.encoders.AgnosticEncoder;
import org.apache.spark.sql.catalyst.encoders.RowEncoder$;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MapPartitions$;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Adds columns of a database's table to rows with the same values in the {@code on} columns. A task
 * asks for many keys at once. A key that the table has twice gives two rows.
 *
 * @param name of the step, which its dead letters carry
 */
public record LookupJdbcStep(Settings settings, String name) implements Planned {
  private static final long serialVersionUID = 1;
  private static final Duration IDLE = Duration.ofMinutes(10);

  private static final StructType DEAD =
      new StructType()
          .add("source", DataTypes.StringType)
          .add("step", DataTypes.StringType)
          .add("rule", DataTypes.StringType)
          .add("reason", DataTypes.StringType);

  /** What the step is asked to do. */
  public record Settings(
      @Doc("The JDBC URL. Login goes in user and password.") String url,
      @Doc("The user to log in as.") Optional<String> user,
      @Doc("The password, by reference: ${NAME} or ${file:/run/secrets/x}.")
          Optional<Secret> password,
      @Doc("The table, such as customers or shop.customers.") Optional<String> table,
      @Doc(
              "In place of table: a query that has the columns, such as select id, country from"
                  + " customers where active. The keys are asked of its result.")
          Optional<String> query,
      @Doc("Columns that both have and that must be equal.") List<String> on,
      @Doc("Columns to take, with the types that they get, such as country string, tier int.")
          String columns,
      @Doc("What becomes of a row that the table does not know.") @Default("keep") Missing missing,
      @Doc(
              "What a JVM remembers of answers; if left out, nothing: each batch asks for each of"
                  + " its keys.")
          Optional<Cache> cache,
      @Doc("How many keys one query asks for.") @Default("500") int batch,
      @Doc("How many connections one JVM keeps to this database.") @Default("8") int connections,
      @Doc("How long to wait for a free connection.") @Default("30s") Duration patience,
      @Doc("How long a query may run.") @Default("30s") Duration statementTimeout,
      @Doc(
              "For how long a query is tried again while the database is away, refuses the login,"
                  + " or is out of connections or time; then the job stops. 0s stops at once.")
          @Default("5m")
          Duration retry,
      @Doc(
              "A PEM file of trusted certificates, on each machine that has tasks, as for the jdbc"
                  + " sink.")
          Optional<String> truststore,
      @Doc("More properties of the driver, such as sslmode.") Map<String, String> properties)
      implements Serializable {
    public Settings {
      on = List.copyOf(on);
      properties = Map.copyOf(properties);
      if (table.isPresent() == query.isPresent()) {
        throw new IllegalArgumentException(
            table.isPresent()
                ? "Cannot take both table and query. Use one of them"
                : "Missing table. Name it, or write a query in its place");
      }
      table.ifPresent(TableName::of);
      if (on.isEmpty()) {
        throw new IllegalArgumentException("Missing on. Write on: [key], columns that both have");
      }
      if (batch < 1 || batch > 10_000) {
        throw new IllegalArgumentException("Expected a batch of 1 to 10000 keys, found " + batch);
      }
      if (statementTimeout.toMillis() < 1000) {
        throw new IllegalArgumentException(
            "Expected a statement-timeout of 1s or more, found "
                + statementTimeout.toMillis()
                + "ms");
      }
      for (StructField column : Ddl.parse("columns", columns).fields()) {
        if (on.stream().anyMatch(column.name()::equalsIgnoreCase)) {
          throw new IllegalArgumentException(
              "Cannot take " + column.name() + " as well: the rows have it. Leave it out");
        }
        LookupValues.require(column);
      }
      new Database(url, user, password, connections, patience, IDLE, truststore, properties);
    }

    Database database() {
      return new Database(url, user, password, connections, patience, IDLE, truststore, properties);
    }

    StructType taken() {
      return Ddl.parse("columns", columns).asNullable();
    }

    /** What is asked, in a message. */
    String target() {
      return table.orElse("the query");
    }

    private Object writeReplace() {
      return Packed.of(this);
    }
  }

  /** What a JVM remembers. */
  public record Cache(
      @Doc("For how many keys; those asked for longest ago go.") @Default("100000") int rows,
      @Doc("For how long an answer holds.") @Default("10m") Duration timeToLive,
      @Doc("For how long it holds that there is no row; 0s asks each time.") @Default("1m")
          Duration missing)
      implements Serializable {
    public Cache {
      if (rows < 1) {
        throw new IllegalArgumentException("Expected rows of 1 or more, found " + rows);
      }
    }
  }

  /** What becomes of a row that the table does not know. */
  public enum Missing {
    /** It goes on with nulls. */
    KEEP,
    /** It is left out. */
    DROP,
    /** It goes to the dead letters. */
    DEAD_LETTER,
    /** The job stops. */
    FAIL
  }

  public LookupJdbcStep(Settings settings) {
    this(settings, "lookup-jdbc");
  }

  @Override
  public Step named(String name) {
    return new LookupJdbcStep(settings, name);
  }

  @Override
  public Optional<String> disorder() {
    return Optional.empty();
  }

  @Override
  public boolean keepsDead() {
    return true;
  }

  @Override
  public boolean tags() {
    return settings.missing() == Missing.DEAD_LETTER;
  }

  @Override
  public Optional<String> varies() {
    return Optional.of("it sees the database as it is then");
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    LogicalPlan rows = inputs.get(0).plan();
    StructType in = rows.schema();
    List<StructField> keys = new ArrayList<>();
    for (int i = 0; i < settings.on().size(); i++) {
      keys.add(key(in, settings.on().get(i), "on." + i));
    }
    refuseClash(in);
    StructType out = out(in);
    LogicalPlan found =
        MapPartitions$.MODULE$.apply(
            new LookupRows(settings, name, keys, in, out), rows, encoder(in), encoder(out));
    return marked(rows, found);
  }

  /** A letter of a source names that, and one of this step none. */
  private StructType out(StructType in) {
    StructType out = new StructType();
    for (StructField column : in.fields()) {
      out =
          tags() && column.name().equals(Columns.DEAD)
              ? out.add(Columns.DEAD, DEAD, true)
              : out.add(column);
    }
    if (tags() && !List.of(in.fieldNames()).contains(Columns.DEAD)) {
      out = out.add(Columns.DEAD, DEAD, true);
    }
    for (StructField column : settings.taken().fields()) {
      out = out.add(column);
    }
    return out;
  }

  private static AgnosticEncoder<Row> encoder(StructType rows) {
    return RowEncoder$.MODULE$.encoderFor(rows, true);
  }

  private static StructField key(StructType rows, String name, String at) {
    StructField key =
        Arrays.stream(rows.fields())
            .filter(column -> column.name().equalsIgnoreCase(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new TextFault(
                        at,
                        1,
                        1,
                        "Unknown column "
                            + name
                            + " in on. There are "
                            + Arrays.stream(rows.fieldNames())
                                .filter(column -> !column.startsWith("_"))
                                .toList()));
    LookupValues.requireKey(key);
    return key;
  }

  private void refuseClash(StructType rows) {
    for (String column : settings.taken().fieldNames()) {
      if (Arrays.stream(rows.fieldNames()).anyMatch(column::equalsIgnoreCase)) {
        throw new IllegalArgumentException(
            "Cannot add the column "
                + column
                + " of "
                + settings.target()
                + ": the rows have one of that name. Rename it in a step above, or in a query");
      }
    }
  }

  /** A function over rows forgets what columns are marked with, such as a watermark. */
  private static LogicalPlan marked(LogicalPlan rows, LogicalPlan found) {
    List<Attribute> before = CollectionConverters.asJava(rows.output());
    List<Attribute> after = CollectionConverters.asJava(found.output());
    List<NamedExpression> columns = new ArrayList<>();
    for (int i = 0; i < after.size(); i++) {
      columns.add(i < before.size() ? as(after.get(i), before.get(i).metadata()) : after.get(i));
    }
    return new Project(CollectionConverters.asScala(columns).toList(), found);
  }

  private static Alias as(Attribute column, Metadata metadata) {
    Seq<String> none = CollectionConverters.asScala(List.<String>of()).toList();
    return new Alias(
        column, column.name(), NamedExpression.newExprId(), none, Option.apply(metadata), none);
  }
}
