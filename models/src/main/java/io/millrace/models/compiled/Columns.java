package io.millrace.models.compiled;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of a pipeline while it is compiled, each with a place of its own. Inputs get theirs
 * when a stage first reads them. Names are compared as Spark does, whatever their case.
 */
public final class Columns {
  private final StructType rows;
  private final List<Input> inputs = new ArrayList<>();
  private final Map<String, Slot> known = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, Slot> texts = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, String[]> labels = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private int size;

  Columns(StructType rows) {
    this.rows = rows;
  }

  /**
   * A number, or a boolean as one.
   *
   * @throws Uncompiled if there is no such column
   */
  public Slot number(String name) throws Uncompiled {
    return of(name, Slot.Kind.NUMBER);
  }

  /** A column of strings in order. */
  public Slot words(String name) throws Uncompiled {
    return of(name, Slot.Kind.WORDS);
  }

  /** A vector. */
  public Slot vector(String name) throws Uncompiled {
    return of(name, Slot.Kind.VECTOR);
  }

  /** A column as Spark casts it to a string; of numbers, those of the rows themselves only. */
  public Slot text(String name) throws Uncompiled {
    Slot slot = any(name);
    if (slot.kind() == Slot.Kind.TEXT) {
      return slot;
    }
    Optional<Input> input = inputs.stream().filter(each -> each.slot().equals(slot)).findFirst();
    if (input.isEmpty()) {
      throw new Uncompiled("the column " + name + " is made by a stage and read as a string");
    }
    Slot text = texts.get(name);
    if (text == null) {
      text = next(Slot.Kind.TEXT, DataTypes.StringType, Slot.NO_SIZE);
      texts.put(name, text);
      inputs.add(new Input(input.get().ordinal(), input.get().type(), text));
    }
    return text;
  }

  /** Whether the rows or a stage have such a column. */
  boolean has(String name) {
    return known.containsKey(name) || field(name).isPresent();
  }

  /**
   * The labels for which the numbers of a column stand.
   *
   * @throws Uncompiled if they are not known
   */
  String[] labels(String name) throws Uncompiled {
    String[] of = labels.get(name);
    if (of == null) {
      throw new Uncompiled("the labels of the column " + name + " are not known");
    }
    return of.clone();
  }

  /** Says how long the vectors of a column are. */
  void size(String name, int length) throws Uncompiled {
    Slot slot = vector(name);
    known.put(name, new Slot(slot.index(), slot.kind(), slot.type(), length));
  }

  /** Says for which labels the numbers of a column stand. */
  void labels(String name, String[] of) {
    labels.put(name, of.clone());
  }

  /** A column of any kind. */
  public Slot any(String name) throws Uncompiled {
    Slot slot = known.get(name);
    return slot == null ? input(name) : slot;
  }

  private Slot of(String name, Slot.Kind kind) throws Uncompiled {
    Slot slot = any(name);
    if (slot.kind() != kind) {
      throw new Uncompiled(
          "the column " + name + " is " + slot.type().simpleString() + ", which a stage reads");
    }
    return slot;
  }

  private Slot input(String name) throws Uncompiled {
    StructField field =
        field(name).orElseThrow(() -> new Uncompiled("the rows have no column " + name));
    Slot slot = next(kind(field), field.dataType(), size(field));
    known.put(name, slot);
    inputs.add(new Input(rows.fieldIndex(field.name()), field.dataType(), slot));
    if (field.dataType() instanceof NumericType
        && Attribute.fromStructField(field) instanceof NominalAttribute nominal
        && nominal.values().isDefined()) {
      labels(name, nominal.values().get());
    }
    return slot;
  }

  private Optional<StructField> field(String name) {
    return Arrays.stream(rows.fields())
        .filter(field -> field.name().equalsIgnoreCase(name))
        .findFirst();
  }

  /** The size of the vectors of a column, if what describes it says so. */
  private static int size(StructField field) {
    return field.dataType().equals(SQLDataTypes.VectorType())
        ? AttributeGroup.fromStructField(field).size()
        : Slot.NO_SIZE;
  }

  private static Slot.Kind kind(StructField field) throws Uncompiled {
    DataType type = field.dataType();
    if (type instanceof NumericType || type instanceof BooleanType) {
      return Slot.Kind.NUMBER;
    }
    if (type instanceof StringType) {
      return Slot.Kind.TEXT;
    }
    if (DataTypes.createArrayType(DataTypes.StringType).sameType(type)) {
      return Slot.Kind.WORDS;
    }
    if (type.equals(SQLDataTypes.VectorType())) {
      return Slot.Kind.VECTOR;
    }
    throw new Uncompiled("the column " + field.name() + " is " + type.simpleString());
  }

  /** A place for a column of numbers. */
  public Slot addNumber(String name, DataType type) {
    return add(name, Slot.Kind.NUMBER, type, Slot.NO_SIZE);
  }

  /** A place for a column of strings. */
  public Slot addText(String name) {
    return add(name, Slot.Kind.TEXT, DataTypes.StringType, Slot.NO_SIZE);
  }

  /** A place for a column of vectors. */
  public Slot addVector(String name, int length) {
    return add(name, Slot.Kind.VECTOR, SQLDataTypes.VectorType(), length);
  }

  /** A place for a column of strings in order. */
  public Slot addWords(String name) {
    return add(
        name, Slot.Kind.WORDS, DataTypes.createArrayType(DataTypes.StringType), Slot.NO_SIZE);
  }

  private Slot add(String name, Slot.Kind kind, DataType type, int length) {
    Slot slot = next(kind, type, length);
    known.put(name, slot);
    labels.remove(name);
    return slot;
  }

  private Slot next(Slot.Kind kind, DataType type, int length) {
    return new Slot(size++, kind, type, length);
  }

  /** The columns of the rows that stages read, as often as they read them in other ways. */
  List<Input> inputs() {
    return List.copyOf(inputs);
  }

  /** How many places there are. */
  int size() {
    return size;
  }

  /** All columns that are known by now. */
  Map<String, Slot> all() {
    Map<String, Slot> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    all.putAll(known);
    return all;
  }
}
