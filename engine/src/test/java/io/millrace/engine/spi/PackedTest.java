package io.millrace.engine.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PackedTest {
  private record Inner(Optional<Size> size, List<Optional<String>> words) {}

  private record Travels(
      int number,
      Optional<Duration> pause,
      Optional<Inner> inner,
      List<Inner> more,
      Map<String, Inner> named,
      Secret secret)
      implements Serializable {
    private Object writeReplace() {
      return Packed.of(this);
    }
  }

  @Test
  void isItselfAgainOnTheOtherSide() throws IOException, ClassNotFoundException {
    Inner full = new Inner(Optional.of(new Size(7)), List.of(Optional.of("a"), Optional.empty()));
    Inner bare = new Inner(Optional.empty(), List.of());
    Travels travels =
        new Travels(
            3,
            Optional.of(Duration.ofSeconds(5)),
            Optional.of(full),
            List.of(full, bare),
            Map.of("one", bare),
            Secret.of("${PASSWORD}"));

    assertThat(copy(travels)).isEqualTo(travels).isNotSameAs(travels);
  }

  private static Object copy(Object value) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return in.readObject();
    }
  }
}
