package io.millrace.models.compiled;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/**
 * The place of a label in a list of them, as a {@link StringIndexerModel} gives it.
 *
 * @param others the place of all other labels, where they are kept
 */
record Indexing(
    Source input, Slot output, Map<String, Double> places, double others, Invalid invalid)
    implements RowStage {
  /** The label that stands for all others, where they are kept. */
  private static final String OTHERS = "__unknown";

  /** Columns that the rows do not have are left out, as a label is when its model is at work. */
  static RowStage of(StringIndexerModel model, Columns columns) throws Uncompiled {
    Pairs pairs = Pairs.of(model);
    Invalid invalid = Invalid.of(model);
    List<RowStage> stages = new ArrayList<>();
    for (int i = 0; i < pairs.count(); i++) {
      if (invalid == Invalid.SKIP || columns.has(pairs.inputs()[i])) {
        stages.addAll(
            one(pairs.inputs()[i], pairs.outputs()[i], model.labelsArray()[i], invalid, columns));
      }
    }
    return Together.of(stages.toArray(RowStage[]::new));
  }

  private static List<RowStage> one(
      String input, String output, String[] labels, Invalid invalid, Columns columns)
      throws Uncompiled {
    Slot any = columns.any(input);
    if (any.kind() == Slot.Kind.NUMBER) {
      Source.number(input, columns);
    }
    Source text = Source.text(input, columns);
    Slot place = columns.addNumber(output, DataTypes.DoubleType);
    columns.labels(output, invalid == Invalid.KEEP ? and(labels, OTHERS) : labels);
    RowStage stage = new Indexing(text, place, places(labels), labels.length, invalid);
    return invalid == Invalid.SKIP
        ? List.of(Dropping.of(new Source(input, any)), stage)
        : List.of(stage);
  }

  private static Map<String, Double> places(String[] labels) {
    Map<String, Double> places = new HashMap<>();
    for (int i = 0; i < labels.length; i++) {
      places.put(labels[i], (double) i);
    }
    return places;
  }

  private static String[] and(String[] labels, String last) {
    String[] all = Arrays.copyOf(labels, labels.length + 1);
    all[labels.length] = last;
    return all;
  }

  @Override
  public boolean run(Cells row) {
    String label = row.text(input.slot());
    Double place = label == null ? null : places.get(label);
    if (place != null) {
      row.number(output, place);
      return true;
    }
    return switch (invalid) {
      case SKIP -> false;
      case ERROR -> throw unknown(label);
      case KEEP -> {
        row.number(output, others);
        yield true;
      }
    };
  }

  private RowFault unknown(@Nullable String label) {
    return label == null
        ? input.missing("label")
        : new RowFault("Unknown label " + label + " in column " + input.column());
  }
}
