package io.millrace.engine.fold;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.aggregate.ImperativeAggregate;
import org.apache.spark.sql.catalyst.expressions.aggregate.TypedImperativeAggregate;
import org.jspecify.annotations.Nullable;

/** An aggregate function that keeps an object, with what Spark asks of all such alike. */
abstract class Keeper<T> extends TypedImperativeAggregate<T> implements Serializable {
  private static final long serialVersionUID = 1;

  private final List<Object> parts;
  private final Place place;

  /**
   * Where Spark has its buffer.
   *
   * @param buffer among those of a row that is aggregated
   * @param input among those of a row that is merged
   */
  record Place(int buffer, int input) implements Serializable {
    static final Place FIRST = new Place(0, 0);
  }

  /**
   * A function at a place.
   *
   * @param parts what it is made of: one of the same parts gives the same
   */
  Keeper(Place place, Object... parts) {
    this.place = place;
    this.parts = List.of(parts);
  }

  /** The same function at another place. */
  abstract Keeper<T> at(Place other);

  final Place place() {
    return place;
  }

  @Override
  public final int mutableAggBufferOffset() {
    return place.buffer;
  }

  @Override
  public final int inputAggBufferOffset() {
    return place.input;
  }

  @Override
  public final ImperativeAggregate withNewMutableAggBufferOffset(int offset) {
    return at(new Place(offset, place.input));
  }

  @Override
  public final ImperativeAggregate withNewInputAggBufferOffset(int offset) {
    return at(new Place(place.buffer, offset));
  }

  @Override
  public final int productArity() {
    return parts.size() + 1;
  }

  @Override
  public final Object productElement(int number) {
    return number < parts.size() ? parts.get(number) : place;
  }

  @Override
  public final boolean canEqual(Object other) {
    return getClass() == other.getClass();
  }

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof Keeper<?> keeper
        && canEqual(keeper)
        && parts.equals(keeper.parts)
        && place.equals(keeper.place);
  }

  @Override
  public final int hashCode() {
    return parts.hashCode();
  }
}
