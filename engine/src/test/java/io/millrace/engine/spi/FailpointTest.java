package io.millrace.engine.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FailpointTest {
  private static final String PLACE = "committed@orders";

  @AfterEach
  void disarm() {
    System.getProperties().remove(Failpoint.PROPERTY);
  }

  /** As a JVM sees the class that starts now. */
  private static final class Fresh extends ClassLoader {
    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.equals(Failpoint.class.getName())) {
        return super.loadClass(name, resolve);
      }
      try (InputStream in =
          Objects.requireNonNull(
              Failpoint.class.getResourceAsStream(Failpoint.class.getSimpleName() + ".class"))) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }

    static Object committed() throws ReflectiveOperationException {
      Class<?> fresh = Class.forName(Failpoint.class.getName(), true, new Fresh());
      return fresh.getField(Failpoint.COMMITTED.name()).get(null);
    }
  }

  private static void reach(Object point, String whose) throws ReflectiveOperationException {
    point.getClass().getMethod("reached", String.class).invoke(point, whose);
  }

  @Test
  void doesNothingInAJvmThatWasStartedWithoutTheProperty() throws Exception {
    Object point = Fresh.committed();
    System.setProperty(Failpoint.PROPERTY, PLACE);

    assertThatCode(() -> reach(point, "orders")).doesNotThrowAnyException();
    assertThat(System.getProperty(Failpoint.PROPERTY)).as("not used up").isEqualTo(PLACE);
  }

  @Test
  void failsOnceAndOnlyWhereThePropertySays() throws Exception {
    System.setProperty(Failpoint.PROPERTY, "");
    Object point = Fresh.committed();
    assertThatCode(() -> reach(point, "orders")).doesNotThrowAnyException();
    System.setProperty(Failpoint.PROPERTY, PLACE);

    assertThatCode(() -> reach(point, "others")).doesNotThrowAnyException();
    assertThatThrownBy(() -> reach(point, "orders"))
        .isInstanceOf(InvocationTargetException.class)
        .hasRootCauseMessage("Cannot go on: made to fail at committed@orders");
    assertThatCode(() -> reach(point, "orders")).as("once").doesNotThrowAnyException();
  }
}
