package io.millrace.models;

import io.millrace.models.compiled.RowFault;
import io.millrace.models.onnx.Inference;
import io.millrace.models.onnx.OnnxLibrary;
import io.millrace.models.onnx.Sessions;
import io.millrace.models.onnx.Signature;
import io.millrace.models.onnx.Tensor;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX model, which ONNX Runtime scores by. The file travels to tasks; those of one JVM share a
 * session over it.
 */
final class OnnxModel implements Scorable {
  private static final long serialVersionUID = 1;

  /** All of several values, and the value of what has one. */
  private static final int ALL = -1;

  private final Sessions.Key key;
  private final byte[] model;
  private final Signature signature;
  private final OnnxFeatures features;
  private final List<Column> columns;
  private final List<Tensor> tensors;
  private final List<Place> places;

  /** A column of the rows. */
  private record Column(int ordinal, DataType type) implements Serializable {
    @Nullable Object value(InternalRow row) {
      return row.isNullAt(ordinal) ? null : row.get(ordinal, type);
    }
  }

  /**
   * Where an output of a step lies.
   *
   * @param tensor its number among those that are asked for
   * @param index of the number in it; {@link #ALL} for all of it
   */
  private record Place(int tensor, int index) implements Serializable {
    Object value(Object[] given) {
      Object value = given[tensor];
      if (value instanceof double[] numbers) {
        return index == ALL ? UnsafeArrayData.fromPrimitiveArray(numbers) : (Object) numbers[index];
      }
      return value instanceof String text ? UTF8String.fromString(text) : value;
    }
  }

  /**
   * A model as a step uses it.
   *
   * @param place whose sessions it has
   * @param model the file
   * @param rows what the query hands over, which has all that the model reads
   */
  OnnxModel(String place, Manifest manifest, byte[] model, StructType rows, List<Output> outputs) {
    Onnx onnx = Objects.requireNonNull(manifest.onnx());
    this.key = new Sessions.Key(place, manifest.version());
    this.model = model;
    this.signature = onnx.signature();
    this.features = onnx.features(manifest);
    this.columns = columns(features.names(), rows);
    List<Tensor> given = outputs.stream().map(output -> onnx.tensor(manifest, output)).toList();
    Set<Tensor> distinct = new LinkedHashSet<>(given);
    this.tensors = List.copyOf(distinct);
    List<Place> found = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      found.add(new Place(tensors.indexOf(given.get(i)), outputs.get(i).index().orElse(ALL)));
    }
    this.places = List.copyOf(found);
  }

  private static List<Column> columns(List<String> names, StructType rows) {
    List<Column> columns = new ArrayList<>();
    for (String name : names) {
      String found = Schemas.find(rows, name).orElseThrow().name();
      columns.add(new Column(rows.fieldIndex(found), rows.apply(found).dataType()));
    }
    return List.copyOf(columns);
  }

  @Override
  public String version() {
    return key.version();
  }

  @Override
  public Work open() {
    return new Running();
  }

  private final class Running implements Work {
    private final UTF8String version = UTF8String.fromString(key.version());
    private @Nullable Inference inference;

    @Override
    public UTF8String version() {
      return version;
    }

    @Override
    public @Nullable String score(InternalRow row, @Nullable Object[] result) {
      try {
        Inference own = inference();
        for (int i = 0; i < columns.size(); i++) {
          features.put(own, i, columns.get(i).value(row));
        }
        Object[] given = own.run();
        for (int i = 0; i < places.size(); i++) {
          result[i] = places.get(i).value(given);
        }
        return null;
      } catch (RowFault fault) {
        return fault.reason();
      }
    }

    private Inference inference() {
      Inference known = inference;
      if (known == null) {
        OnnxLibrary.check();
        known = Inference.open(key, signature, tensors, () -> model);
        inference = known;
      }
      return known;
    }

    @Override
    public void close() {
      Inference known = inference;
      if (known != null) {
        inference = null;
        known.close();
      }
    }
  }
}
