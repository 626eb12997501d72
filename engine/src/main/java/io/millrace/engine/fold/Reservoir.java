package io.millrace.engine.fold;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.XxHash64Function;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A uniform sample of at most so many values: those whose identities have the least hashes. It
 * depends on the values alone, not on their order, their tasks or their batches, and samples of
 * parts merge into the sample of the whole. Rows of the same identity and value count once.
 */
public final class Reservoir extends Keeper<NavigableSet<UnsafeRow>> {
  private static final long serialVersionUID = 1;

  /** By hash; among the same hash by what they are, so that which one stays is no chance. */
  private static final Comparator<UnsafeRow> ORDER =
      Comparator.<UnsafeRow>comparingLong(row -> row.getLong(0))
          .thenComparing(UnsafeRow::getBytes, Arrays::compareUnsigned);

  private final Expression value;
  private final Expression identity;
  private final int most;
  private final long seed;
  private transient @Nullable UnsafeProjection packing;

  /**
   * A sample.
   *
   * @param identity what tells rows apart
   * @param most how many values it has
   * @param seed makes another sample of the same rows
   */
  public Reservoir(Expression value, Expression identity, int most, long seed) {
    this(value, identity, most, seed, Place.FIRST);
  }

  private Reservoir(Expression value, Expression identity, int most, long seed, Place place) {
    super(place, value, identity, most, seed);
    this.value = value;
    this.identity = identity;
    this.most = most;
    this.seed = seed;
  }

  @Override
  public NavigableSet<UnsafeRow> createAggregationBuffer() {
    return new TreeSet<>(ORDER);
  }

  /** Leaves out null, as Spark's aggregates do. */
  @Override
  public NavigableSet<UnsafeRow> update(NavigableSet<UnsafeRow> seen, InternalRow row) {
    Object its = value.eval(row);
    if (its == null) {
      return seen;
    }
    long hash = XxHash64Function.hash(identity.eval(row), identity.dataType(), seed);
    if (seen.size() < most || hash <= seen.last().getLong(0)) {
      add(seen, packing().apply(new GenericInternalRow(new Object[] {hash, its})).copy());
    }
    return seen;
  }

  private void add(NavigableSet<UnsafeRow> seen, UnsafeRow row) {
    if (seen.add(row) && seen.size() > most) {
      seen.pollLast();
    }
  }

  private UnsafeProjection packing() {
    if (packing == null) {
      packing =
          Values.projection(
              List.of(
                  new BoundReference(0, DataTypes.LongType, false),
                  new BoundReference(1, value.dataType(), false)));
    }
    return packing;
  }

  @Override
  public NavigableSet<UnsafeRow> merge(
      NavigableSet<UnsafeRow> seen, NavigableSet<UnsafeRow> other) {
    other.forEach(row -> add(seen, row));
    return seen;
  }

  @Override
  public Object eval(NavigableSet<UnsafeRow> seen) {
    return new GenericArrayData(
        seen.stream().map(row -> row.get(1, value.dataType())).toArray(Object[]::new));
  }

  @Override
  public byte[] serialize(NavigableSet<UnsafeRow> seen) {
    return Values.packed(new byte[0], seen);
  }

  @Override
  public NavigableSet<UnsafeRow> deserialize(byte[] bytes) {
    NavigableSet<UnsafeRow> seen = createAggregationBuffer();
    seen.addAll(Values.rows(ByteBuffer.wrap(bytes), 2));
    return seen;
  }

  @Override
  public DataType dataType() {
    return new ArrayType(value.dataType(), false);
  }

  @Override
  public boolean nullable() {
    return false;
  }

  @Override
  Reservoir at(Place other) {
    return new Reservoir(value, identity, most, seed, other);
  }

  @Override
  public Seq<Expression> children() {
    return CollectionConverters.<Expression>asScala(List.of(value, identity)).toSeq();
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> others) {
    return new Reservoir(others.apply(0), others.apply(1), most, seed, place());
  }

  @Override
  public String prettyName() {
    return "reservoir";
  }
}
