package io.millrace.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class OnnxLibraryTest {
  /** As where nobody brought the jar. */
  private static final class Without extends ClassLoader {
    Without() {
      super(OnnxLibraryTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("ai.onnxruntime")) {
        throw new ClassNotFoundException(name);
      }
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null) {
        return loaded;
      }
      return name.startsWith(OnnxLibrary.class.getPackageName() + ".")
          ? own(name)
          : super.loadClass(name, resolve);
    }

    private Class<?> own(String name) throws ClassNotFoundException {
      String file = name.replace('.', '/') + ".class";
      try (InputStream code = Objects.requireNonNull(getParent().getResourceAsStream(file))) {
        byte[] bytes = code.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  @Test
  void saysWhereTheLibraryComesFrom() throws Exception {
    Class<?> without = new Without().loadClass(OnnxLibrary.class.getName());

    assertThat(without).isNotSameAs(OnnxLibrary.class);
    assertThatThrownBy(() -> without.getMethod("check").invoke(null))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Needs ONNX Runtime on the class path for an ONNX model. Name the jar of"
                + " com.microsoft.onnxruntime:onnxruntime:1.23.2 with --jars, or take it by"
                + " --packages of spark-submit");
    OnnxLibrary.check();
  }

  /** As every query with a model does, of whatever sort it is. */
  @Test
  void aQueryEndsWithoutTheLibrary() throws Exception {
    Class<?> without = new Without().loadClass(Sessions.class.getName());

    assertThat(without).isNotSameAs(Sessions.class);
    Object unused = without.getMethod("leave", String.class).invoke(null, "here");
    assertThat(without.getMethod("open", String.class).invoke(null, "here")).isEqualTo(0);
  }
}
