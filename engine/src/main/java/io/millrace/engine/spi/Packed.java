package io.millrace.engine.spi;

import java.io.InvalidObjectException;
import java.io.ObjectStreamException;
import java.io.Serializable;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A record on its way to another JVM. Java cannot serialise an {@link Optional}, which settings
 * have; a component that travels has {@code private Object writeReplace()} return {@code
 * Packed.of(this)}, and is itself again on the other side.
 */
public final class Packed implements Serializable {
  private static final long serialVersionUID = 1;

  private final Class<? extends Record> type;
  private final Object[] values;

  private Packed(Class<? extends Record> type, Object[] values) {
    this.type = type;
    this.values = values;
  }

  /** A record, and the records and optional values inside it, ready to be serialised. */
  public static Packed of(Record record) {
    Object[] values =
        Arrays.stream(record.getClass().getRecordComponents())
            .map(component -> pack(read(component, record)))
            .toArray();
    return new Packed(record.getClass(), values);
  }

  private static Object pack(Object value) {
    if (value instanceof Optional<?> optional) {
      return new Maybe(new ArrayList<>(optional.map(Packed::pack).stream().toList()));
    }
    if (value instanceof List<?> list) {
      return new ArrayList<>(list.stream().map(Packed::pack).toList());
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> packed = new LinkedHashMap<>();
      map.forEach((key, each) -> packed.put(key, pack(each)));
      return packed;
    }
    return value instanceof Record record ? of(record) : value;
  }

  private static Object read(RecordComponent component, Record record) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot read " + component + " of " + record, e);
    }
  }

  private Object readResolve() throws ObjectStreamException {
    try {
      Class<?>[] types =
          Arrays.stream(type.getRecordComponents())
              .map(RecordComponent::getType)
              .toArray(Class<?>[]::new);
      Constructor<? extends Record> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      InvalidObjectException failure = new InvalidObjectException("Cannot rebuild " + type);
      failure.initCause(e);
      throw failure;
    }
  }

  /** An optional value, as a list of none or one. */
  private record Maybe(List<Object> value) implements Serializable {
    private Object readResolve() {
      return value.stream().findFirst();
    }
  }
}
