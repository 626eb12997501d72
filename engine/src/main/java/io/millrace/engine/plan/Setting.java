package io.millrace.engine.plan;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Shorthand;
import java.lang.reflect.RecordComponent;
import java.util.Optional;

/**
 * One setting: a component of a settings record.
 *
 * @param meaning its {@link Doc}, empty if it has none
 * @param fallback its {@link Default}, as it would be written
 * @param shorthand whether its value may stand in place of the whole map
 */
record Setting(
    String key, Shape shape, String meaning, Optional<String> fallback, boolean shorthand) {

  static Setting of(RecordComponent component) {
    Doc doc = component.getAnnotation(Doc.class);
    return new Setting(
        Kebab.ofName(component.getName()),
        Shape.of(component.getGenericType()),
        doc == null ? "" : doc.value(),
        Optional.ofNullable(component.getAnnotation(Default.class)).map(Default::value),
        component.isAnnotationPresent(Shorthand.class));
  }

  /** Whether it may be left out. */
  boolean optional() {
    return fallback.isPresent()
        || shape instanceof Shape.Maybe
        || shape instanceof Shape.Items
        || shape instanceof Shape.Entries;
  }
}
