package io.millrace.models.compiled;

import java.util.Arrays;
import org.apache.spark.ml.linalg.Vector;
import org.jspecify.annotations.Nullable;

/** The columns of one row while it is scored. For one thread, and one row after the other. */
public final class Cells {
  private final double[] numbers;
  private final @Nullable Object[] objects;

  /** In the place of a number that is there. */
  private static final Object THERE = new Object();

  Cells(int size) {
    this.numbers = new double[size];
    this.objects = new Object[size];
  }

  /** Forgets the row before. */
  void clear() {
    Arrays.fill(objects, null);
  }

  public boolean isNull(Slot slot) {
    return objects[slot.index()] == null;
  }

  /** A number that is not null. */
  public double number(Slot slot) {
    return numbers[slot.index()];
  }

  public void number(Slot slot, double value) {
    numbers[slot.index()] = value;
    objects[slot.index()] = THERE;
  }

  public @Nullable String text(Slot slot) {
    return (String) objects[slot.index()];
  }

  public void text(Slot slot, @Nullable String value) {
    objects[slot.index()] = value;
  }

  public @Nullable String @Nullable [] words(Slot slot) {
    return (String[]) objects[slot.index()];
  }

  public void words(Slot slot, @Nullable String @Nullable [] value) {
    objects[slot.index()] = value;
  }

  public @Nullable Vector vector(Slot slot) {
    return (Vector) objects[slot.index()];
  }

  public void vector(Slot slot, @Nullable Vector value) {
    objects[slot.index()] = value;
  }
}
