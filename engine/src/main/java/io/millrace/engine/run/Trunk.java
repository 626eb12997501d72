package io.millrace.engine.run;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.when;

import io.millrace.engine.plan.Graph;
import io.millrace.engine.plan.Lateness;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Columns;
import io.millrace.engine.spi.RowSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * The one frame of a query: all that its sinks have in common, with only the columns that one of
 * them needs. Dead letters are tagged rows in it.
 */
record Trunk(Dataset<Row> rows, List<Branch> branches) {

  static Trunk of(Plan plan, Graph graph, Plan.Query query, Frames frames) {
    return new Builder(plan, graph, query, frames).build();
  }

  private static final class Builder {
    private final Plan plan;
    private final Graph graph;
    private final Plan.Query query;
    private final Frames frames;
    private final Letters letters;
    private final Lateness lateness;

    Builder(Plan plan, Graph graph, Plan.Query query, Frames frames) {
      this.plan = plan;
      this.graph = graph;
      this.query = query;
      this.frames = frames;
      this.letters = new Letters(plan.job(), query.name());
      this.lateness = new Lateness(graph);
    }

    Trunk build() {
      List<String> beside =
          query.tags().stream().filter(tag -> lateness.beside(tag, query)).toList();
      Map<String, List<String>> collected =
          deep(collectors(query.tags().stream().filter(tag -> !beside.contains(tag)).toList()));
      String node = trunk(collected.keySet());
      collected.keySet().forEach(tag -> refuseTwice(tag, node));
      Dataset<Row> rows = withLetters(frames.of(node), collectors(beside));
      List<Branch> branches = branches(node, rows, collected, !beside.isEmpty());
      return slim(node, rows, branches, collected);
    }

    /** Worked out once for its dead letters and once for a sink, it could lose a row to neither. */
    private void refuseTwice(String tag, String node) {
      Set<String> beside = new LinkedHashSet<>(graph.upstream(tag));
      beside.removeAll(graph.upstream(node));
      for (String step : beside) {
        boolean varies = graph.stage(step).flatMap(each -> each.step().varies()).isPresent();
        if (varies
            && graph.tags(step)
            && query.outputs().stream()
                .anyMatch(sink -> graph.upstream(plan.output(sink).from()).contains(step))) {
          throw new IllegalArgumentException(
              "Cannot run step '%s' for its dead letters and once more for a sink: it may find other rows each time. Let all sinks of this query read behind it, or give those that do not a trigger of their own"
                  .formatted(step));
        }
      }
    }

    /** The deepest node that every sink and every collected dead letter passes. */
    private String trunk(Set<String> collectors) {
      Set<String> ends = new LinkedHashSet<>(collectors);
      ends.addAll(sinksFrom());
      String last = query.root();
      for (String node : shared(ends)) {
        last = node;
      }
      return last;
    }

    private Set<String> sinksFrom() {
      Set<String> ends = new LinkedHashSet<>();
      query.outputs().forEach(name -> ends.add(plan.output(name).from()));
      return ends;
    }

    /** What rows pass on their ways to all of these. */
    private Set<String> shared(Set<String> ends) {
      Set<String> common = new LinkedHashSet<>();
      for (String end : ends) {
        List<String> spine = graph.spine(query.root(), end);
        if (common.isEmpty()) {
          common.addAll(spine);
        } else {
          common.retainAll(spine);
        }
      }
      return common;
    }

    /**
     * In real time a row has one way through its task: letters are taken out as far down as they
     * come with the rows of all sinks, so that what is above, such as a lookup, is done once.
     */
    private Map<String, List<String>> deep(Map<String, List<String>> collected) {
      if (!(query.trigger() instanceof Plan.Trigger.RealTime)) {
        return collected;
      }
      Map<String, List<String>> deep = new LinkedHashMap<>();
      Set<String> shared = shared(sinksFrom());
      collected.forEach(
          (collector, tags) -> {
            String last = collector;
            for (String node : shared) {
              last = passes(last, node) ? node : last;
            }
            deep.computeIfAbsent(last, key -> new ArrayList<>()).addAll(tags);
          });
      return deep;
    }

    /**
     * Where dead letters are taken out: a node that passes on what nodes above it tagged takes
     * theirs too, so each is taken once.
     */
    private Map<String, List<String>> collectors(List<String> tags) {
      List<String> order = graph.order().stream().filter(tags::contains).toList();
      Map<String, List<String>> collected = new LinkedHashMap<>();
      for (String tag : order) {
        String last = tag;
        for (String below : order) {
          if (reaches(tag, below)) {
            last = below;
          }
        }
        collected.computeIfAbsent(last, key -> new ArrayList<>()).add(tag);
      }
      return collected;
    }

    /** Late rows are taken out in front of their step, together with what comes there. */
    private boolean reaches(String tag, String below) {
      if (tag.equals(below) || lateness.keeps(tag)) {
        return tag.equals(below);
      }
      return lateness.keeps(below)
          ? graph.parents(below).stream().anyMatch(from -> passes(tag, from))
          : passes(tag, below);
    }

    private boolean passes(String tag, String below) {
      if (tag.equals(below)) {
        return true;
      }
      return graph
          .stage(below)
          .filter(stage -> stage.step().keepsDead())
          .map(stage -> stage.from().stream().anyMatch(from -> passes(tag, from)))
          .orElse(false);
    }

    private Dataset<Row> withLetters(Dataset<Row> rows, Map<String, List<String>> beside) {
      Dataset<Row> all = rows;
      for (Map.Entry<String, List<String>> entry : beside.entrySet()) {
        String collector = entry.getKey();
        if (lateness.keeps(collector)) {
          all = withLate(all, collector, entry.getValue());
        } else {
          all = with(all, frames.of(collector), entry.getValue(), source(collector));
        }
      }
      return all;
    }

    /** Late rows of each input, and what was tagged on the way there. */
    private Dataset<Row> withLate(Dataset<Row> rows, String step, List<String> tags) {
      Dataset<Row> all = rows;
      Set<String> left = new LinkedHashSet<>(tags);
      for (String input : graph.parents(step)) {
        List<String> own =
            left.stream().filter(tag -> tag.equals(step) || passes(tag, input)).toList();
        if (lateness.keeps(step, input) || own.stream().anyMatch(tag -> !tag.equals(step))) {
          all = with(all, frames.late(step, input), own, source(input));
        }
        own.stream().filter(tag -> !tag.equals(step)).forEach(left::remove);
      }
      return all;
    }

    private Dataset<Row> with(
        Dataset<Row> rows, Dataset<Row> tagged, List<String> tags, Optional<String> source) {
      return rows.unionByName(letters.packed(frames.apart(tagged), tags, source), true);
    }

    private Optional<String> source(String node) {
      List<String> sources =
          graph.upstream(node).stream()
              .filter(name -> graph.input(name).isPresent() && graph.streams(name))
              .toList();
      return sources.size() == 1 ? Optional.of(sources.get(0)) : Optional.empty();
    }

    private List<Branch> branches(
        String node, Dataset<Row> rows, Map<String, List<String>> collected, boolean packed) {
      List<Branch> branches = new ArrayList<>();
      plan.deadLetters()
          .ifPresent(
              target -> {
                collected.forEach(
                    (collector, tags) ->
                        branches.add(
                            branch(
                                target,
                                rows,
                                trunk ->
                                    letters.of(
                                        frames
                                            .over(node, own(trunk), "letters of " + collector)
                                            .of(collector),
                                        tags,
                                        source(collector)))));
                if (packed) {
                  branches.add(branch(target, rows, Letters::unpacked));
                }
              });
      for (String name : query.outputs()) {
        Plan.Output output = plan.output(name);
        branches.add(
            branch(output, rows, trunk -> frames.over(node, own(trunk), name).wanted(output)));
      }
      return branches;
    }

    /** The rows of the trunk's node, without the letters that travel beside them. */
    private static Dataset<Row> own(Dataset<Row> trunk) {
      return Frames.has(trunk, Letters.LETTER)
          ? trunk.where(col(Letters.LETTER).isNull()).drop(Letters.LETTER)
          : trunk;
    }

    private static Branch branch(
        Plan.Output output, Dataset<Row> rows, UnaryOperator<Dataset<Row>> build) {
      SparkSession spark = rows.sparkSession();
      Dataset<Row> template =
          Catalyst.frame(spark, spark.sparkContext().emptyRDD(Catalyst.ROW), rows.schema());
      Dataset<Row> built = build.apply(template);
      Optional<RowPath> path =
          RowPath.of(
              built.queryExecution().analyzed(),
              built.queryExecution().optimizedPlan(),
              built.schema());
      Set<String> reads =
          path.map(RowPath::reads).orElse(new LinkedHashSet<>(Arrays.asList(rows.columns())));
      return new Branch(output, build, built.schema(), path, reads);
    }

    /** Columns that no branch reads are left out, and what only dead letters need is for them. */
    private Trunk slim(
        String node,
        Dataset<Row> rows,
        List<Branch> branches,
        Map<String, List<String>> collected) {
      Set<String> needed = new LinkedHashSet<>();
      branches.forEach(branch -> needed.addAll(branch.reads()));
      boolean taggedBelow = collected.keySet().stream().anyMatch(tag -> !tag.equals(node));
      List<Column> columns = new ArrayList<>();
      Set<String> kept = new LinkedHashSet<>();
      for (String column : rows.columns()) {
        if (needed.contains(column)) {
          kept.add(column);
          columns.add(
              !taggedBelow && forLettersOnly(column, branches)
                  ? when(col(Columns.DEAD).isNotNull(), Frames.quoted(column)).as(column)
                  : Frames.quoted(column));
        }
      }
      if (columns.isEmpty()) {
        columns.add(functions.lit(true).as("_row"));
      }
      if (traceable(node)) {
        columns.add(Provenance.column(rows));
      }
      return new Trunk(
          rows.select(columns.toArray(Column[]::new)),
          branches.stream().map(branch -> branch.over(kept)).toList());
    }

    /** Whether a row that a sink refuses can be a letter with the record that it came from. */
    private boolean traceable(String node) {
      Dataset<Row> own = frames.of(node);
      return plan.deadLetters().isPresent()
          && query.outputs().stream().anyMatch(name -> plan.output(name).sink() instanceof RowSink)
          && source(node).isPresent()
          && (Frames.has(own, Columns.RAW) || Frames.has(own, Columns.SOURCE))
          && Provenance.oneToOne(own);
    }

    private boolean forLettersOnly(String column, List<Branch> branches) {
      return (column.equals(Columns.RAW) || column.equals(Columns.SOURCE))
          && branches.stream()
              .filter(branch -> branch.reads().contains(column))
              .allMatch(branch -> plan.deadLetters().filter(branch.output()::equals).isPresent());
    }
  }

  /** Branches that run inside the one job over the trunk's rows. */
  List<Branch> inTask() {
    return branches.stream()
        .filter(branch -> branch.path().isPresent() && branch.output().sink() instanceof RowSink)
        .toList();
  }

  /** Branches that each need a job of their own over the kept frame. */
  List<Branch> kept() {
    return branches.stream().filter(branch -> !inTask().contains(branch)).toList();
  }
}
