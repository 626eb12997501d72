package io.millrace.engine.plan;

import io.millrace.engine.spi.Keeping;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** Checks that a load is one of a job: that it names its sources, steps and columns. */
record LoadCheck(Plan plan, Graph graph, Analysis analysis) {

  /**
   * @throws IllegalArgumentException with a sentence, if the load does not fit the job
   */
  void check(Load load) {
    List<String> streams =
        plan.inputs().stream().filter(input -> !input.fixed()).map(Plan.Input::name).toList();
    List<String> missing =
        streams.stream().filter(name -> !load.rates().containsKey(name)).toList();
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "Missing the rate of %s. Write --rate %s=1000, in rows a second"
              .formatted(String.join(", ", missing), missing.get(0)));
    }
    known("stream", "rate", load.rates().keySet(), streams);
    refuseSeveralInputs(load);
    known("step", "keep", load.shares().keySet(), sifting());
    refuseOthers(load);
    columns()
        .ifPresent(
            columns -> {
              known("column", "keys", load.values().keySet(), columns);
              known("column", "bytes", load.bytes().keySet(), columns);
            });
  }

  private static void known(
      String what, String flag, Collection<String> named, Collection<String> known) {
    for (String name : named) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "Unknown %s '%s' in --%s. There are %s"
                .formatted(what, name, flag, String.join(", ", known)));
      }
    }
  }

  private void refuseSeveralInputs(Load load) {
    for (String name : load.shares().keySet()) {
      if (graph.streamParents(name).size() > 1) {
        throw new IllegalArgumentException(
            "Cannot take --keep for '%s': it has several inputs. Name the steps above it"
                .formatted(name));
      }
    }
  }

  /** What may let through less than comes. */
  private List<String> sifting() {
    List<String> names = new ArrayList<>();
    for (Plan.Stage stage : plan.stages()) {
      names.add(stage.name());
      for (Keeping keeping : stage.step().keeping()) {
        if (keeping instanceof Keeping.Begun begun) {
          names.add(stage.name() + "." + begun.part());
        }
      }
    }
    return names;
  }

  private void refuseOthers(Load load) {
    for (String name : load.states().keySet()) {
      Optional<Plan.Stage> stage = graph.stage(name);
      if (stage.isEmpty() || !own(stage.get())) {
        List<String> own =
            plan.stages().stream().filter(LoadCheck::own).map(Plan.Stage::name).toList();
        throw new IllegalArgumentException(
            "Cannot take --state for '%s': it is for a class of the job's own, in steps: %s"
                .formatted(name, own.isEmpty() ? "none" : String.join(", ", own)));
      }
    }
  }

  private static boolean own(Plan.Stage stage) {
    return stage.step().keeping().stream().anyMatch(each -> each instanceof Keeping.Own);
  }

  /** The names of all columns on the way; empty where only a running Spark knows some of them. */
  private Optional<Set<String>> columns() {
    Set<String> names = new TreeSet<>();
    for (Optional<LogicalPlan> made : analysis.plans().values()) {
      if (made.isEmpty()) {
        return Optional.empty();
      }
      collect(made.get(), names);
    }
    return Optional.of(names);
  }

  private static void collect(LogicalPlan plan, Set<String> names) {
    for (Attribute column : CollectionConverters.asJava(plan.output())) {
      collect(column.name(), column.dataType(), names);
    }
    CollectionConverters.asJava(plan.children()).forEach(child -> collect(child, names));
  }

  private static void collect(String name, DataType type, Set<String> names) {
    if (name.startsWith("_")) {
      return;
    }
    names.add(name);
    if (type instanceof StructType struct) {
      for (StructField field : struct.fields()) {
        collect(field.name(), field.dataType(), names);
      }
    }
  }
}
