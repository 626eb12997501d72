package io.millrace.engine.fold;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.BasePredicate;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.MutableProjection;
import org.apache.spark.sql.catalyst.expressions.Predicate;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateFunction;
import org.apache.spark.sql.catalyst.expressions.aggregate.DeclarativeAggregate;
import org.apache.spark.sql.catalyst.expressions.aggregate.ImperativeAggregate;
import org.apache.spark.sql.catalyst.expressions.aggregate.NoOp$;
import org.apache.spark.sql.catalyst.expressions.aggregate.TypedImperativeAggregate;
import org.apache.spark.sql.types.DataType;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Spark's own aggregate functions over one row after the other. A buffer holds what they have seen;
 * as bytes it can be kept.
 */
final class Aggregator {
  private final List<Slot> slots = new ArrayList<>();
  private final List<DataType> types = new ArrayList<>();
  private final MutableProjection initial;
  private final MutableProjection update;
  private final MutableProjection evaluate;
  private final UnsafeProjection results;
  private final UnsafeProjection packing;
  private final InternalRow evaluated;
  private @Nullable MutableProjection merge;

  /** A function and where in a buffer it keeps what it has seen. */
  private record Slot(AggregateFunction function, Optional<BasePredicate> filter, int at) {
    Optional<ImperativeAggregate> imperative() {
      return function instanceof ImperativeAggregate own ? Optional.of(own) : Optional.empty();
    }

    Optional<TypedImperativeAggregate<?>> typed() {
      return function instanceof TypedImperativeAggregate<?> own
          ? Optional.of(own)
          : Optional.empty();
    }
  }

  Aggregator(Aggregation aggregation) {
    List<Attribute> buffer = new ArrayList<>();
    List<Expression> first = new ArrayList<>();
    List<Expression> next = new ArrayList<>();
    List<Expression> last = new ArrayList<>();
    List<Attribute> outcomes = new ArrayList<>();
    for (AggregateExpression each : aggregation.functions()) {
      Slot slot = slot(each, aggregation.rows(), buffer.size());
      slots.add(slot);
      outcomes.add(each.resultAttribute());
      List<? extends Attribute> own = list(slot.function().aggBufferAttributes());
      buffer.addAll(own);
      if (slot.function() instanceof DeclarativeAggregate declared) {
        first.addAll(list(declared.initialValues()));
        next.addAll(updates(declared, each));
        last.add(declared.evaluateExpression());
      } else {
        own.forEach(
            attribute -> {
              first.add(NoOp$.MODULE$);
              next.add(NoOp$.MODULE$);
            });
        last.add(NoOp$.MODULE$);
      }
    }
    buffer.forEach(attribute -> types.add(attribute.dataType()));
    List<Attribute> both = new ArrayList<>(buffer);
    both.addAll(aggregation.rows());
    initial = MutableProjection.create(seq(first), seq(List.of()));
    update = MutableProjection.create(seq(next), seq(both));
    evaluate = MutableProjection.create(seq(last), seq(buffer));
    evaluated = row(outcomes.stream().map(Attribute::dataType).toList());
    results = UnsafeProjection.create(seq(aggregation.results()), seq(outcomes));
    packing = UnsafeProjection.create(types.toArray(DataType[]::new));
  }

  private static Slot slot(AggregateExpression each, List<Attribute> rows, int at) {
    Optional<BasePredicate> filter =
        each.filter().isDefined()
            ? Optional.of(Predicate.create(each.filter().get(), seq(rows)))
            : Optional.empty();
    AggregateFunction function = each.aggregateFunction();
    return new Slot(
        function instanceof ImperativeAggregate own
            ? Resumed.of(own).withNewMutableAggBufferOffset(at)
            : function,
        filter,
        at);
  }

  private static List<Expression> updates(DeclarativeAggregate declared, AggregateExpression each) {
    List<Expression> updates = new ArrayList<>();
    List<? extends Attribute> own = list(declared.aggBufferAttributes());
    for (int i = 0; i < own.size(); i++) {
      Expression value = declared.updateExpressions().apply(i);
      updates.add(
          each.filter().isDefined() ? new If(each.filter().get(), value, own.get(i)) : value);
    }
    return updates;
  }

  /** A buffer that has seen nothing. */
  InternalRow fresh() {
    InternalRow buffer = row(types);
    InternalRow unused = initial.target(buffer).apply(InternalRow.empty());
    slots.forEach(slot -> slot.imperative().ifPresent(own -> own.initialize(buffer)));
    return buffer;
  }

  void update(InternalRow buffer, InternalRow row) {
    InternalRow unused = update.target(buffer).apply(new JoinedRow(buffer, row));
    for (Slot slot : slots) {
      if (slot.function() instanceof ImperativeAggregate own
          && (slot.filter().isEmpty() || slot.filter().get().eval(row))) {
        own.update(buffer, row);
      }
    }
  }

  /** A buffer sees what another has seen, too. */
  void merge(InternalRow buffer, InternalRow other) {
    if (merge == null) {
      merge = merging();
    }
    InternalRow unused = merge.target(buffer).apply(new JoinedRow(buffer, other));
    // A function may hand out bytes that it uses again: what it merges has to be a copy of them.
    UnsafeRow written = Values.row(packed(other), types.size());
    slots.forEach(
        slot ->
            slot.imperative()
                .ifPresent(
                    own -> own.withNewInputAggBufferOffset(slot.at()).merge(buffer, written)));
  }

  /** What Spark does with the buffers of its tasks. */
  private MutableProjection merging() {
    List<Attribute> both = new ArrayList<>();
    List<Attribute> others = new ArrayList<>();
    List<Expression> merged = new ArrayList<>();
    for (Slot slot : slots) {
      List<? extends Attribute> own = list(slot.function().aggBufferAttributes());
      both.addAll(own);
      others.addAll(list(slot.function().inputAggBufferAttributes()));
      if (slot.function() instanceof DeclarativeAggregate declared) {
        merged.addAll(list(declared.mergeExpressions()));
      } else {
        own.forEach(attribute -> merged.add(NoOp$.MODULE$));
      }
    }
    both.addAll(others);
    return MutableProjection.create(seq(merged), seq(both));
  }

  /** The results over what a buffer has seen; it can go on. */
  UnsafeRow results(InternalRow buffer) {
    InternalRow unused = evaluate.target(evaluated).apply(buffer);
    for (int i = 0; i < slots.size(); i++) {
      if (slots.get(i).function() instanceof ImperativeAggregate own) {
        evaluated.update(i, own.eval(buffer));
      }
    }
    return results.apply(evaluated);
  }

  /** Whether a function keeps more than expressions can compute. */
  boolean imperative() {
    return slots.stream().anyMatch(slot -> slot.imperative().isPresent());
  }

  /** A buffer as values that Spark can write. */
  InternalRow plain(InternalRow buffer) {
    if (slots.stream().allMatch(slot -> slot.typed().isEmpty())) {
      return buffer;
    }
    InternalRow copy = row(types);
    for (int i = 0; i < types.size(); i++) {
      copy.update(i, buffer.get(i, types.get(i)));
    }
    slots.forEach(slot -> slot.typed().ifPresent(own -> own.serializeAggregateBufferInPlace(copy)));
    return copy;
  }

  byte[] packed(InternalRow buffer) {
    return packing.apply(plain(buffer)).copy().getBytes();
  }

  /** The buffer that was packed. */
  InternalRow unpacked(byte[] bytes) {
    UnsafeRow packed = Values.row(bytes, types.size());
    InternalRow buffer = row(types);
    for (int i = 0; i < types.size(); i++) {
      buffer.update(i, packed.isNullAt(i) ? null : packed.get(i, types.get(i)));
    }
    slots.forEach(
        slot ->
            slot.typed()
                .ifPresent(
                    own -> buffer.update(slot.at(), own.deserialize(packed.getBinary(slot.at())))));
    return buffer;
  }

  private static InternalRow row(List<DataType> types) {
    return new SpecificInternalRow(seq(types));
  }

  private static <T> List<? extends T> list(scala.collection.Seq<? extends T> items) {
    return CollectionConverters.asJava(items);
  }

  private static <T> Seq<T> seq(List<? extends T> items) {
    return CollectionConverters.<T>asScala(List.<T>copyOf(items)).toSeq();
  }
}
