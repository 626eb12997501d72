package io.millrace.engine.plan;

import io.millrace.engine.spi.Plugin;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.CodeSource;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.stream.Collectors;

/** A plugin on the class path that cannot be used; the message names it and its jar. */
public final class PluginException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final String SERVICES = "META-INF/services/" + Plugin.class.getName();

  private PluginException(String message, Throwable cause) {
    super(message, cause);
  }

  private PluginException(String message) {
    super(message);
  }

  static PluginException name(Plugin plugin, String group, String name) {
    return new PluginException(
        "Cannot call a "
            + group
            + " '"
            + name
            + "' as "
            + origin(plugin)
            + " does. "
            + "Expected lower-case words with hyphens between them");
  }

  static PluginException taken(String group, String name, Plugin first, Plugin second) {
    return new PluginException(
        "Cannot tell two kinds of "
            + group
            + " named '"
            + name
            + "' apart, from "
            + origin(first)
            + " and "
            + origin(second)
            + ". Take one of them off the class path");
  }

  static PluginException broken(Plugin plugin, Throwable fault) {
    return new PluginException(
        "Cannot use the plugin " + origin(plugin) + ": " + reason(fault), fault);
  }

  static PluginException broken(ClassLoader loader, Throwable fault) {
    String reason = reason(fault);
    String jars =
        services(loader).stream()
            .filter(url -> providers(url).stream().anyMatch(reason::contains))
            .map(PluginException::jar)
            .collect(Collectors.joining(", "));
    return new PluginException(
        "Cannot load a plugin" + (jars.isEmpty() ? "" : " of " + jars) + ": " + reason, fault);
  }

  private static String origin(Plugin plugin) {
    String place =
        Optional.ofNullable(plugin.getClass().getProtectionDomain().getCodeSource())
            .map(CodeSource::getLocation)
            .map(url -> " in " + url.getPath())
            .orElse("");
    return plugin.getClass().getName() + place;
  }

  private static String reason(Throwable fault) {
    String message = Optional.ofNullable(fault.getMessage()).orElse("");
    Throwable cause = fault.getCause();
    if (fault instanceof ServiceConfigurationError) {
      return cause == null ? message : message + " (" + cause + ")";
    }
    return fault.toString();
  }

  private static List<URL> services(ClassLoader loader) {
    try {
      return Collections.list(loader.getResources(SERVICES));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list the plugins of the class path", e);
    }
  }

  private static List<String> providers(URL services) {
    try (InputStream stream = services.openStream()) {
      String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines()
          .map(line -> line.replaceFirst("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + services, e);
    }
  }

  private static String jar(URL services) {
    String path = services.getPath();
    String root = path.substring(0, path.length() - SERVICES.length());
    return root.replaceFirst("^file:", "").replaceFirst("!/$", "");
  }
}
