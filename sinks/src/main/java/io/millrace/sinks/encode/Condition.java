package io.millrace.sinks.encode;

import io.millrace.engine.spi.TextFault;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.Analyzer;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry$;
import org.apache.spark.sql.catalyst.analysis.TableFunctionRegistry$;
import org.apache.spark.sql.catalyst.catalog.CatalogDatabase;
import org.apache.spark.sql.catalyst.catalog.InMemoryCatalog;
import org.apache.spark.sql.catalyst.catalog.SessionCatalog;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.BindReferences;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.package$;
import org.apache.spark.sql.catalyst.optimizer.ReplaceExpressions$;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.trees.TreePattern;
import org.apache.spark.sql.catalyst.types.DataTypeUtils;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** An SQL condition on single rows, which needs no session. Not for two threads. */
public final class Condition {
  private final Expression expression;

  private Condition(Expression expression) {
    this.expression = expression;
  }

  /**
   * Checks the text alone.
   *
   * @param setting where it stands
   * @throws TextFault if it cannot be read
   */
  public static void check(String setting, String text) {
    try {
      CatalystSqlParser$.MODULE$.parseExpression(text);
    } catch (Exception e) {
      throw new TextFault(setting, 1, 1, "Cannot read the condition: " + sentence(e));
    }
  }

  /**
   * The condition for rows of these columns.
   *
   * @param setting where it stands
   * @throws IllegalArgumentException with a sentence, if it does not fit the columns
   */
  public static Condition of(String setting, String text, StructType columns) {
    try {
      return new Condition(bound(setting, text, columns));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      // Spark's complaints about a plan are checked, and not declared.
      throw new IllegalArgumentException(
          "Cannot use %s '%s': %s".formatted(setting, text, sentence(e)), e);
    }
  }

  private static Expression bound(String setting, String text, StructType columns)
      throws Exception {
    Expression parsed = CatalystSqlParser$.MODULE$.parseExpression(text);
    Seq<Attribute> attributes =
        CollectionConverters.<Attribute>asScala(
                List.copyOf(CollectionConverters.asJava(DataTypeUtils.toAttributes(columns))))
            .toList();
    LocalRelation rows =
        new LocalRelation(
            attributes,
            CollectionConverters.asScala(List.<InternalRow>of()).toList(),
            false,
            Option.empty());
    Analyzer analyzer = new Analyzer(new NoTables());
    LogicalPlan analyzed = analyzer.execute(new Filter(parsed, rows));
    analyzer.checkAnalysis(analyzed);
    Expression condition = ((Filter) ReplaceExpressions$.MODULE$.apply(analyzed)).condition();
    if (!condition.deterministic() || analyzed.containsPattern(TreePattern.CURRENT_LIKE())) {
      throw new IllegalArgumentException(
          "Cannot rest %s on chance or the clock, which a replay of the batch would answer in another way, found '%s'. Use columns"
              .formatted(setting, text));
    }
    return BindReferences.bindReference(
        condition, package$.MODULE$.AttributeSeq(rows.output()), false);
  }

  /** Where the columns that it reads stand, in ascending order. */
  public int[] ordinals() {
    return ordinals(expression).distinct().sorted().toArray();
  }

  private static IntStream ordinals(Expression part) {
    return part instanceof BoundReference column
        ? IntStream.of(column.ordinal())
        : CollectionConverters.asJava(part.children()).stream().flatMapToInt(Condition::ordinals);
  }

  /** Whether it holds; it does not where it is null. */
  public boolean holds(InternalRow row) {
    return Boolean.TRUE.equals(expression.eval(row));
  }

  private static String sentence(Exception e) {
    return String.valueOf(e.getMessage())
        .lines()
        .filter(line -> !line.isBlank())
        .findFirst()
        .orElse("")
        .replaceFirst("^\\[[A-Z_.]+] ", "")
        .replaceFirst(" SQLSTATE: .*", "");
  }

  /** Functions alone; it creates no folder for a default database. */
  private static final class NoTables extends SessionCatalog {
    private NoTables() {
      super(
          new InMemoryCatalog(new SparkConf(false), new Configuration(false)),
          FunctionRegistry$.MODULE$.builtin(),
          TableFunctionRegistry$.MODULE$.builtin());
    }

    @Override
    public void createDatabase(CatalogDatabase database, boolean ignoreIfExists) {}
  }
}
