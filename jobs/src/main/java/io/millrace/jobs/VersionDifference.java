package io.millrace.jobs;

import io.millrace.engine.spi.ModelVersions;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What differs between two versions of a model, as a person reads it. */
final class VersionDifference {
  private VersionDifference() {}

  /** Prints it, with the stages of each. */
  static void print(
      ModelVersions.Version from,
      List<ModelVersions.Stage> fromStages,
      ModelVersions.Version to,
      List<ModelVersions.Stage> toStages,
      PrintWriter out) {
    out.println("From version " + from.name() + ", stored " + from.created());
    out.println("to version   " + to.name() + ", stored " + to.created());
    out.println("Rows");
    rows(out, "learned from", from.trainingRows(), to.trainingRows());
    rows(out, "held out", from.heldOutRows(), to.heldOutRows());
    rows(out, "incomplete", from.incompleteRows(), to.incompleteRows());
    out.println("Metrics");
    metrics(from.metrics(), to.metrics(), out);
    SortedMap<String, String> about = about(from);
    changes("About", about, about(to), out);
    changes("Inputs", types(from.inputs()), types(to.inputs()), out);
    changes("Outputs", types(from.outputs()), types(to.outputs()), out);
    stages(numbered(fromStages), numbered(toStages), out);
  }

  private static void rows(PrintWriter out, String name, long from, long to) {
    String difference = from == to ? "" : String.format(Locale.ROOT, "%+,d", to - from);
    out.println(figures(name, rows(from), rows(to), difference));
  }

  private static String rows(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  private static String figures(String name, String from, String to, String difference) {
    return String.format(Locale.ROOT, "  %-20s %14s %14s  %s", name, from, to, difference)
        .stripTrailing();
  }

  private static void metrics(Map<String, Double> from, Map<String, Double> to, PrintWriter out) {
    for (String name : all(from, to)) {
      Double one = from.get(name);
      Double other = to.get(name);
      String difference =
          one == null || other == null || one.equals(other) ? "" : figure("%+.4f", other - one);
      out.println(figures(name, figure("%.4f", one), figure("%.4f", other), difference));
    }
  }

  private static String figure(String format, @Nullable Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, format, value);
  }

  private static SortedMap<String, String> about(ModelVersions.Version version) {
    SortedMap<String, String> about = new TreeMap<>();
    about.put("task", version.task());
    about.put("spark", version.spark());
    version.label().ifPresent(label -> about.put("label", label));
    version.data().ifPresent(data -> about.put("data", data));
    return about;
  }

  private static Map<String, String> types(List<ModelVersions.Column> columns) {
    Map<String, String> types = new HashMap<>();
    columns.forEach(column -> types.put(column.name(), column.type()));
    return types;
  }

  /** By class; where one comes more than once, also by which of them it is. */
  private static Map<String, ModelVersions.Stage> numbered(List<ModelVersions.Stage> stages) {
    Map<String, Integer> seen = new HashMap<>();
    Map<String, ModelVersions.Stage> numbered = new LinkedHashMap<>();
    for (ModelVersions.Stage stage : stages) {
      String name = stage.className().substring(stage.className().lastIndexOf('.') + 1);
      int number = seen.merge(name, 1, Integer::sum);
      numbered.put(number == 1 ? name : name + " " + number, stage);
    }
    return numbered;
  }

  private static void stages(
      Map<String, ModelVersions.Stage> from, Map<String, ModelVersions.Stage> to, PrintWriter out) {
    changes("Stages", classes(from), classes(to), out);
    if (!List.copyOf(from.keySet()).equals(List.copyOf(to.keySet()))
        && from.keySet().equals(to.keySet())) {
      out.println("Stages in another order: " + String.join(", ", to.keySet()));
    }
    for (Map.Entry<String, ModelVersions.Stage> stage : from.entrySet()) {
      ModelVersions.Stage other = to.get(stage.getKey());
      if (other != null) {
        changes("Params of " + stage.getKey(), stage.getValue().params(), other.params(), out);
      }
    }
  }

  private static Map<String, String> classes(Map<String, ModelVersions.Stage> stages) {
    Map<String, String> classes = new HashMap<>();
    stages.forEach((name, stage) -> classes.put(name, stage.className()));
    return classes;
  }

  /** Nothing, if nothing differs. */
  private static void changes(
      String title, Map<String, String> from, Map<String, String> to, PrintWriter out) {
    if (from.equals(to)) {
      return;
    }
    out.println(title);
    for (String name : all(from, to)) {
      String one = from.get(name);
      String other = to.get(name);
      if (one == null) {
        out.println("  + " + name + " " + other);
      } else if (other == null) {
        out.println("  - " + name + " " + one);
      } else if (!Objects.equals(one, other)) {
        out.println("  ~ " + name + " " + one + " -> " + other);
      }
    }
  }

  private static Set<String> all(Map<String, ?> from, Map<String, ?> to) {
    Set<String> names = new TreeSet<>(from.keySet());
    names.addAll(to.keySet());
    return names;
  }
}
