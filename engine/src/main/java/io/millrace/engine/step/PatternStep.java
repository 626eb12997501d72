package io.millrace.engine.step;

import io.millrace.engine.fold.Fold;
import io.millrace.engine.fold.Pattern;
import io.millrace.engine.fold.Values;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Keeping;
import io.millrace.engine.spi.TextFault;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Finds rows of a key that follow each other in event time, with any others between them. It gives
 * the {@code by} columns, {@code matched_at}, when each part was met last as {@code <part>_at}, and
 * the {@code columns} that are asked for.
 */
public record PatternStep(Settings settings) implements OrderedStep {
  private static final long serialVersionUID = 1;
  private static final String MATCHED = "matched_at";
  private static final String WITHOUT = "_without";
  private static final String MEETS = "_meets_";

  /** What the step is asked to do. */
  public record Settings(
      @Doc("Columns that say whose rows they are; without, all rows are of one") List<String> by,
      @Doc("What must follow each other, in this order") List<Part> match,
      @Doc("How long after its first row, in event time, a match may end") Duration within,
      @Doc("Condition in SQL on a row that ends what is begun") Optional<String> without,
      @Doc(
              "Until when such a row counts: to the last row of the match, which is told at once, or"
                  + " to the end of within, when the match is told")
          @Default("match")
          Pattern.Until until,
      @Doc("Whether a row may be part of several matches; else a match begins behind the last one")
          @Default("false")
          boolean overlap,
      @Doc("Columns of the result: a name, and part.column of a part; of its last row")
          Map<String, String> columns) {
    public Settings {
      by = List.copyOf(by);
      match = List.copyOf(match);
      if (match.isEmpty()) {
        throw new IllegalArgumentException(
            "Missing match. Write at least one part, such as {name: login, when: \"kind ="
                + " 'login'\"}");
      }
      Set<String> names = new HashSet<>();
      for (Part part : match) {
        if (!names.add(part.name())) {
          throw new IllegalArgumentException(
              "Cannot have two parts named " + part.name() + ". Give each a name of its own");
        }
      }
      if (within.isZero() || within.isNegative()) {
        throw new IllegalArgumentException(
            "Expected within to be longer than 0s, found " + Durations.text(within));
      }
      if (until == Pattern.Until.END && without.isEmpty()) {
        throw new IllegalArgumentException(
            "Cannot wait until the end of within for nothing. Write without, or leave out until");
      }
    }
  }

  /** What a row must meet. */
  public record Part(
      @Doc("Name of the part") String name,
      @Doc("Condition on a row, in SQL") String when,
      @Doc("How many rows must meet it") @Default("1") int times)
      implements Serializable {
    private static final long serialVersionUID = 1;

    public Part {
      if (!name.matches("[a-z][a-z0-9_]*")) {
        throw new IllegalArgumentException(
            "Expected name to be of small letters, digits and _, found " + name);
      }
      if (times < 1) {
        throw new IllegalArgumentException("Expected times to be 1 or more, found " + times);
      }
    }
  }

  /** A column that is asked for. */
  private record Wanted(String name, int part, Attribute column) {}

  @Override
  public List<Keeping> keeping() {
    String first = settings.match().get(0).name();
    List<String> kept =
        settings.columns().values().stream()
            .filter(column -> column.startsWith(first + "."))
            .map(column -> column.substring(first.length() + 1))
            .distinct()
            .toList();
    return List.of(
        new Keeping.Begun(settings.by(), first, kept, settings.within()),
        new Keeping.Rows(0, settings.by(), Optional.of(Duration.ZERO)));
  }

  /** What is given has a time of its own, when a match was known. */
  @Override
  public Optional<String> closesAt(LogicalPlan rows) {
    return Optional.of(MATCHED);
  }

  @Override
  public List<TextFault> faults() {
    List<TextFault> faults = new ArrayList<>();
    for (int i = 0; i < settings.match().size(); i++) {
      String setting = "match." + i + ".when";
      String when = settings.match().get(i).when();
      faults.addAll(Catalyst.faults(() -> Catalyst.expression(setting, when)).toList());
    }
    settings
        .without()
        .ifPresent(
            text ->
                faults.addAll(
                    Catalyst.faults(() -> Catalyst.expression("without", text)).toList()));
    return faults;
  }

  @Override
  public LogicalPlan plan(List<Input> inputs) {
    Keyed keyed = Keyed.by(inputs.get(0).plan(), settings.by());
    List<Wanted> wanted = wanted(keyed.rows());
    Map<Object, Keyed.Told> columns = new LinkedHashMap<>();
    wanted.forEach(one -> columns.putIfAbsent(one.column().exprId(), Keyed.Told.of(one.column())));
    List<Keyed.Told> told = new ArrayList<>(columns.values());
    for (int i = 0; i < settings.match().size(); i++) {
      Part part = settings.match().get(i);
      told.add(
          Keyed.Told.holds(
              MEETS + part.name(), Catalyst.expression("match." + i + ".when", part.when())));
    }
    settings
        .without()
        .ifPresent(
            text -> told.add(Keyed.Told.holds(WITHOUT, Catalyst.expression("without", text))));
    Given keys = Given.of(keyed.keys().stream().map(Keyed.Told::of).toList());
    Given gives = keys.with(MATCHED, DataTypes.TimestampType);
    for (Part part : settings.match()) {
      gives = gives.with(part.name() + "_at", DataTypes.TimestampType);
    }
    for (Wanted one : wanted) {
      gives = gives.with(one.name(), one.column().dataType());
    }
    StructType all = gives.columns();
    return keyed.ordered(told, rows -> fold(rows, keys.columns(), wanted, all), all, MATCHED);
  }

  private List<Wanted> wanted(LogicalPlan rows) {
    List<Wanted> wanted = new ArrayList<>();
    settings
        .columns()
        .forEach(
            (name, text) -> {
              String[] parts = text.split("\\.", 2);
              int part = part(name, text, parts);
              wanted.add(new Wanted(name, part, Catalyst.known(rows, "columns." + name, parts[1])));
            });
    return wanted;
  }

  private int part(String name, String text, String[] parts) {
    List<String> names = settings.match().stream().map(Part::name).toList();
    if (parts.length < 2 || !names.contains(parts[0])) {
      throw new TextFault(
          "columns." + name,
          1,
          1,
          "Expected a part and a column of it, such as "
              + names.get(0)
              + ".some_column, found "
              + text
              + ". There are the parts "
              + String.join(", ", names));
    }
    return names.indexOf(parts[0]);
  }

  private Fold fold(StructType rows, StructType keys, List<Wanted> wanted, StructType gives) {
    List<Pattern.Element> elements = new ArrayList<>();
    List<Pattern.Column> columns = new ArrayList<>();
    for (int i = 0; i < settings.match().size(); i++) {
      Part part = settings.match().get(i);
      elements.add(
          new Pattern.Element(
              rows.fieldIndex(MEETS + part.name()),
              part.times(),
              Values.of(rows, kept(wanted, i))));
    }
    for (Wanted one : wanted) {
      columns.add(
          new Pattern.Column(one.part(), kept(wanted, one.part()).indexOf(one.column().name())));
    }
    return new Pattern(
        elements,
        settings.without().map(text -> rows.fieldIndex(WITHOUT)).orElse(-1),
        settings.until(),
        Catalyst.micros(settings.within()),
        settings.overlap(),
        keys,
        columns,
        gives);
  }

  private static List<String> kept(List<Wanted> wanted, int part) {
    Stream<Wanted> own = wanted.stream().filter(one -> one.part() == part);
    return own.map(one -> one.column().name()).distinct().toList();
  }
}
