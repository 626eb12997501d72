package io.millrace.engine.plan;

import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.ModelVersions;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Source;
import io.millrace.engine.spi.Step;
import io.millrace.engine.spi.Trainer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The kinds of all plugins. Every list is sorted by name. */
public final class Catalog {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

  private final List<Plugin> plugins;
  private final SortedMap<String, Kind<?, Source>> sources;
  private final SortedMap<String, Kind<?, Decoder>> decoders;
  private final SortedMap<String, Kind<?, Step>> steps;
  private final SortedMap<String, Kind<?, Sink>> sinks;
  private final SortedMap<String, Kind<?, Trainer>> trainers;

  private Catalog(List<Plugin> plugins) {
    this.plugins = plugins;
    sources = index("source", plugins, Plugin::sources);
    decoders = index("decoder", plugins, Plugin::decoders);
    steps = index("step", plugins, Plugin::steps);
    sinks = index("sink", plugins, Plugin::sinks);
    trainers = index("trainer", plugins, Plugin::trainers);
  }

  /**
   * The kinds of the plugins on the class path of this thread.
   *
   * @throws PluginException if a plugin cannot be used
   */
  public static Catalog load() {
    ClassLoader loader =
        Optional.ofNullable(Thread.currentThread().getContextClassLoader())
            .orElseGet(ClassLoader::getSystemClassLoader);
    List<Plugin> plugins = new ArrayList<>();
    Iterator<Plugin> found = ServiceLoader.load(Plugin.class, loader).iterator();
    try {
      while (found.hasNext()) {
        plugins.add(found.next());
      }
    } catch (ServiceConfigurationError | LinkageError e) {
      throw PluginException.broken(loader, e);
    }
    return of(plugins);
  }

  /**
   * The kinds of these plugins.
   *
   * @throws PluginException if two of them have a kind of one name, or one of them is broken
   */
  public static Catalog of(List<? extends Plugin> plugins) {
    return new Catalog(List.copyOf(plugins));
  }

  public Optional<Kind<?, Source>> source(String name) {
    return Optional.ofNullable(sources.get(name));
  }

  public Optional<Kind<?, Decoder>> decoder(String name) {
    return Optional.ofNullable(decoders.get(name));
  }

  public Optional<Kind<?, Step>> step(String name) {
    return Optional.ofNullable(steps.get(name));
  }

  public Optional<Kind<?, Sink>> sink(String name) {
    return Optional.ofNullable(sinks.get(name));
  }

  public Optional<Kind<?, Trainer>> trainer(String name) {
    return Optional.ofNullable(trainers.get(name));
  }

  /** The versions of a model in a folder; empty if no plugin stores models. */
  public Optional<ModelVersions> models(String store) {
    return plugins.stream().flatMap(plugin -> plugin.models(store).stream()).findFirst();
  }

  public List<Kind<?, Source>> sources() {
    return List.copyOf(sources.values());
  }

  public List<Kind<?, Decoder>> decoders() {
    return List.copyOf(decoders.values());
  }

  public List<Kind<?, Step>> steps() {
    return List.copyOf(steps.values());
  }

  public List<Kind<?, Sink>> sinks() {
    return List.copyOf(sinks.values());
  }

  public List<Kind<?, Trainer>> trainers() {
    return List.copyOf(trainers.values());
  }

  private static <P> SortedMap<String, Kind<?, P>> index(
      String group, Collection<Plugin> plugins, Function<Plugin, List<Kind<?, P>>> kinds) {
    SortedMap<String, Kind<?, P>> index = new TreeMap<>();
    Map<String, Plugin> owners = new HashMap<>();
    for (Plugin plugin : plugins) {
      for (Kind<?, P> kind : contributed(plugin, kinds)) {
        if (!NAME.matcher(kind.name()).matches()) {
          throw PluginException.name(plugin, group, kind.name());
        }
        Plugin owner = owners.putIfAbsent(kind.name(), plugin);
        if (owner != null) {
          throw PluginException.taken(group, kind.name(), owner, plugin);
        }
        index.put(kind.name(), kind);
      }
    }
    return index;
  }

  private static <P> List<Kind<?, P>> contributed(
      Plugin plugin, Function<Plugin, List<Kind<?, P>>> kinds) {
    try {
      return kinds.apply(plugin);
    } catch (LinkageError e) {
      throw PluginException.broken(plugin, e);
    }
  }
}
