package io.millrace.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Source;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogTest {
  record None() {}

  public static final class Good implements Plugin {
    @Override
    public List<Kind<?, Source>> sources() {
      return List.of(kind("zebra"), kind("giraffe"));
    }

    @Override
    public List<Kind<?, Sink>> sinks() {
      return List.of(kind("giraffe"));
    }
  }

  public static final class Other implements Plugin {
    @Override
    public List<Kind<?, Source>> sources() {
      return List.of(kind("giraffe"));
    }
  }

  public static final class Odd implements Plugin {
    @Override
    public List<Kind<?, Decoder>> decoders() {
      return List.of(kind("Odd One"));
    }
  }

  public static final class Old implements Plugin {
    @Override
    public List<Kind<?, Sink>> sinks() {
      throw new NoClassDefFoundError("io/millrace/engine/spi/Gone");
    }
  }

  public static final class Failing implements Plugin {
    public Failing() {
      throw new IllegalStateException("no licence");
    }
  }

  @Test
  void findsKindsByGroupAndName() {
    Catalog catalog = Catalog.of(List.of(new Good()));
    assertThat(catalog.source("giraffe")).isPresent();
    assertThat(catalog.sink("giraffe")).isPresent();
    assertThat(catalog.sink("zebra")).isEmpty();
    assertThat(catalog.step("giraffe")).isEmpty();
    assertThat(catalog.decoder("json")).isEmpty();
    assertThat(catalog.trainer("pipeline")).isEmpty();
    assertThat(catalog.sources()).extracting(Kind::name).containsExactly("giraffe", "zebra");
  }

  @Test
  void refusesTwoKindsOfOneName() {
    assertThatThrownBy(() -> Catalog.of(List.of(new Good(), new Other())))
        .isInstanceOf(PluginException.class)
        .hasMessageMatching(
            "Cannot tell two kinds of source named 'giraffe' apart, from \\S+CatalogTest\\$Good in"
                + " \\S+ and \\S+CatalogTest\\$Other in \\S+\\. Take one of them off the class"
                + " path");
  }

  @Test
  void refusesANameThatAJobFileCannotHold() {
    assertThatThrownBy(() -> Catalog.of(List.of(new Odd())))
        .isInstanceOf(PluginException.class)
        .hasMessageStartingWith("Cannot call a decoder 'Odd One' as " + Odd.class.getName())
        .hasMessageEndingWith("Expected lower-case words with hyphens between them");
  }

  @Test
  void namesThePluginThatWasBuiltForAnotherVersion() {
    assertThatThrownBy(() -> Catalog.of(List.of(new Old())))
        .isInstanceOf(PluginException.class)
        .hasMessageStartingWith("Cannot use the plugin " + Old.class.getName())
        .hasMessageEndingWith(": java.lang.NoClassDefFoundError: io/millrace/engine/spi/Gone");
  }

  @Test
  void loadsThePluginsOfTheClassPath(@TempDir Path jar) throws IOException {
    assertThat(loadWith(jar, Good.class.getName()).source("zebra")).isPresent();
  }

  @Test
  void namesTheJarOfAPluginThatIsNotThere(@TempDir Path jar) {
    assertThatThrownBy(() -> loadWith(jar, "com.example.Missing"))
        .isInstanceOf(PluginException.class)
        .hasMessageStartingWith("Cannot load a plugin of " + jar)
        .hasMessageContaining("com.example.Missing not found");
  }

  @Test
  void namesTheJarOfAPluginThatFails(@TempDir Path jar) {
    assertThatThrownBy(() -> loadWith(jar, Failing.class.getName()))
        .isInstanceOf(PluginException.class)
        .hasMessageStartingWith("Cannot load a plugin of " + jar)
        .hasMessageContaining(Failing.class.getName())
        .hasMessageContaining("no licence");
  }

  private static Catalog loadWith(Path folder, String provider) throws IOException {
    Path services = folder.resolve("META-INF/services");
    Files.createDirectories(services);
    Files.writeString(services.resolve(Plugin.class.getName()), "# ours\n" + provider + "\n");
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      return Catalog.load();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static <P> Kind<?, P> kind(String name) {
    return new Kind<>(
        name,
        "Nothing",
        None.class,
        settings -> {
          throw new AssertionError("no test makes one");
        });
  }
}
