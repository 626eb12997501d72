package io.millrace.engine.step;

import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Planned;
import io.millrace.engine.spi.Shorthand;
import io.millrace.engine.spi.TextFault;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.AliasIdentifier;
import org.apache.spark.sql.catalyst.analysis.CTESubstitution;
import org.apache.spark.sql.catalyst.analysis.RelationTimeTravel;
import org.apache.spark.sql.catalyst.analysis.Star;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.analysis.UnresolvedHaving;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Distinct;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.SetOperation;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;

/**
 * Any query over named sources and steps. A query that only picks, renames, computes and filters
 * the rows of one input keeps their coordinates, so that a later dead letter still has them.
 */
public record SqlStep(Settings settings) implements Planned {
  private static final long serialVersionUID = 1;
  private static final String QUERY = "query";
  private static final Set<String> OPENERS =
      Set.of("select", "with", "from", "values", "table", "(");

  /** What the step is asked to do. */
  public record Settings(
      @Doc("A SELECT over the names of sources and steps; common table expressions are fine")
          @Shorthand
          String query,
      @Doc("Keep groups or rows for ever, where no watermark sets an end to them") @Default("false")
          boolean unbounded) {
    public Settings {
      if (query.isBlank()) {
        throw new IllegalArgumentException("Missing query. Write a SELECT over a source or a step");
      }
    }
  }

  @Override
  public boolean unbounded() {
    return settings.unbounded();
  }

  @Override
  public List<String> reads(List<String> from) {
    Set<String> names = new LinkedHashSet<>();
    walk(parsed(), node -> name(node).ifPresent(names::add));
    if (names.isEmpty()) {
      throw new TextFault(
          QUERY, 1, 1, "Needs a source or a step to read from. Write select … from <name>");
    }
    return List.copyOf(names);
  }

  /**
   * Whether the statement groups, aggregates or compares rows with each other. A join keeps state
   * only where both sides are streams, which the analysed plan tells, not this.
   */
  @Override
  public boolean stateful() {
    List<LogicalPlan> found = new ArrayList<>();
    walk(parsed(), found::add);
    return found.stream().anyMatch(SqlStep::keepsState);
  }

  /** Only a query that picks, computes and filters row by row leaves rows where they are. */
  @Override
  public Optional<String> disorder() {
    List<LogicalPlan> found = new ArrayList<>();
    walk(parsed(), found::add);
    return found.stream().allMatch(SqlStep::inPlace)
        ? Optional.empty()
        : Optional.of("its query does more than pick, compute and filter row by row");
  }

  private static boolean inPlace(LogicalPlan node) {
    boolean known =
        node instanceof UnresolvedRelation
            || node instanceof SubqueryAlias
            || node instanceof Filter
            || node instanceof Project;
    return known
        && Catalyst.list(node.expressions()).stream()
            .noneMatch(
                part ->
                    Catalyst.aggregates(part)
                        || Catalyst.contains(
                            part,
                            inner ->
                                inner instanceof WindowExpression
                                    || inner instanceof SubqueryExpression));
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    LogicalPlan statement = parsed();
    return Catalyst.replace(
        carrying(statement, inputs).orElse(statement), node -> input(node, inputs));
  }

  private LogicalPlan parsed() {
    String text = settings.query().replaceFirst(";\\s*$", "");
    String opener = opener(text);
    if (!OPENERS.contains(opener.toLowerCase(Locale.ROOT))) {
      throw new TextFault(
          QUERY,
          1,
          1,
          "Expected a SELECT, found " + opener + ". A step reads rows and changes nothing else");
    }
    return CTESubstitution.apply(Catalyst.query(QUERY, text));
  }

  private static String opener(String text) {
    String code = text.replaceFirst("^(\\s+|--[^\\n]*\\n|(?s:/\\*.*?\\*/))*", "");
    return code.startsWith("(") ? "(" : code.split("[^A-Za-z_]", 2)[0];
  }

  private static Optional<String> name(LogicalPlan node) {
    if (node instanceof RelationTimeTravel) {
      throw Catalyst.fault(
          QUERY,
          node.origin(),
          "Cannot travel in time here. A table's version belongs to its source");
    }
    if (!(node instanceof UnresolvedRelation relation)) {
      return Optional.empty();
    }
    if (relation.multipartIdentifier().size() > 1) {
      throw Catalyst.fault(
          QUERY,
          node.origin(),
          "Cannot read from "
              + relation.tableName()
              + ". Expected the name of a source or a step, such as "
              + relation.multipartIdentifier().last());
    }
    return Optional.of(relation.multipartIdentifier().head().toLowerCase(Locale.ROOT));
  }

  private static Optional<LogicalPlan> input(LogicalPlan node, List<Input> inputs) {
    return name(node)
        .flatMap(name -> inputs.stream().filter(input -> input.name().equals(name)).findFirst())
        .map(input -> new SubqueryAlias(AliasIdentifier.apply(input.name()), input.plan()));
  }

  private static boolean keepsState(LogicalPlan node) {
    return node instanceof Aggregate
        || node instanceof Distinct
        || node instanceof UnresolvedHaving
        || node instanceof SetOperation
        || (node instanceof Project project
            && Catalyst.list(project.projectList()).stream()
                .anyMatch(column -> Catalyst.aggregates((Expression) column)));
  }

  /** The same statement with the hidden columns of its only input in every select list. */
  private static Optional<LogicalPlan> carrying(LogicalPlan node, List<Input> inputs) {
    if (node instanceof UnresolvedRelation) {
      return Optional.of(node);
    }
    if (node instanceof SubqueryAlias alias) {
      return carrying(alias.child(), inputs)
          .map(child -> new SubqueryAlias(alias.identifier(), child));
    }
    if (node instanceof Filter filter) {
      return carrying(filter.child(), inputs).map(child -> new Filter(filter.condition(), child));
    }
    if (node instanceof Project project && rowByRow(project)) {
      return carrying(project.child(), inputs)
          .map(child -> Catalyst.project(carried(project, inputs), child));
    }
    return Optional.empty();
  }

  private static boolean rowByRow(Project project) {
    return Catalyst.list(project.projectList()).stream()
        .map(Expression.class::cast)
        .noneMatch(
            column ->
                Catalyst.aggregates(column)
                    || Catalyst.uses(column, "generator_funcs")
                    || Catalyst.contains(column, part -> part instanceof WindowExpression));
  }

  private static List<NamedExpression> carried(Project project, List<Input> inputs) {
    List<NamedExpression> columns = new ArrayList<>(Catalyst.list(project.projectList()));
    LogicalPlan rows = source(project, inputs);
    for (String hidden : List.of(Columns.SOURCE, Columns.RAW)) {
      boolean there =
          Catalyst.list(project.projectList()).stream().anyMatch(column -> gives(column, hidden));
      if (!there && Catalyst.attribute(rows, hidden).isPresent()) {
        columns.add(Catalyst.column(hidden));
      }
    }
    return columns;
  }

  private static boolean gives(NamedExpression column, String name) {
    return column instanceof Star
        || (column instanceof Alias alias && alias.name().equalsIgnoreCase(name))
        || (column instanceof UnresolvedAttribute attribute
            && attribute.nameParts().last().equalsIgnoreCase(name));
  }

  private static LogicalPlan source(LogicalPlan chain, List<Input> inputs) {
    LogicalPlan leaf = chain;
    while (!leaf.children().isEmpty()) {
      leaf = leaf.children().head();
    }
    String name = name(leaf).orElseThrow();
    return inputs.stream()
        .filter(input -> input.name().equals(name))
        .map(Input::plan)
        .findFirst()
        .orElse(leaf);
  }

  /** Visits every node, what it reads before its subqueries. */
  private static void walk(LogicalPlan plan, Consumer<LogicalPlan> visit) {
    visit.accept(plan);
    Catalyst.list(plan.children()).forEach(child -> walk(child, visit));
    Catalyst.list(plan.subqueries()).forEach(query -> walk(query, visit));
  }
}
