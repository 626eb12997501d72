package io.millrace.engine.spec;

import io.millrace.engine.spec.Tree.Field;
import io.millrace.engine.spec.Tree.Fields;
import io.millrace.engine.spec.Tree.Items;
import io.millrace.engine.spec.Tree.Leaf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a file together with the files of its folder that it includes. Their lists come in front of
 * its own, maps are joined, and of two plain values its own wins.
 */
final class Includes {
  private static final String INCLUDE = "include";

  private final YamlReader reader;
  private final Findings findings;
  private final Set<Path> open = new LinkedHashSet<>();
  private final Set<Path> done = new LinkedHashSet<>();
  private final Set<Path> named = new LinkedHashSet<>();

  private Includes(YamlReader reader, Findings findings) {
    this.reader = reader;
    this.findings = findings;
  }

  static Optional<Tree> read(Path file, YamlReader reader, Findings findings) {
    return new Includes(reader, findings).whole(file);
  }

  /** The file and those that it includes, each by the name that it goes by. */
  static Set<Path> files(Path file, YamlReader reader) {
    Includes includes = new Includes(reader, new Findings());
    includes.whole(file);
    return Collections.unmodifiableSet(includes.named);
  }

  private Optional<Tree> whole(Path file) {
    named.add(file);
    Optional<Tree> tree = reader.read(file, findings);
    Path real = real(file);
    open.add(real);
    Optional<Tree> whole = tree.map(own -> own instanceof Fields map ? joined(map, file) : own);
    open.remove(real);
    done.add(real);
    return whole;
  }

  private Tree joined(Fields own, Path file) {
    Field include = own.fields().get(INCLUDE);
    if (include == null) {
      return own;
    }
    Map<String, Field> fields = new LinkedHashMap<>(own.fields());
    fields.remove(INCLUDE);
    Fields whole = new Fields(own.at(), Map.of());
    for (Leaf name : names(include.value())) {
      Optional<Tree> part = target(name, file).flatMap(this::whole);
      if (part.isPresent() && part.get() instanceof Fields map) {
        whole = join(whole, map);
      } else if (part.isPresent()) {
        wrong(part.get().at(), "Expected a map, found " + Words.describe(part.get()));
      }
    }
    return join(whole, new Fields(own.at(), Collections.unmodifiableMap(fields)));
  }

  private List<Leaf> names(Tree include) {
    List<Leaf> names = new ArrayList<>();
    for (Tree item : include instanceof Items items ? items.items() : List.of(include)) {
      if (item instanceof Leaf leaf && leaf.type() == Tree.Type.TEXT) {
        names.add(leaf);
      } else if (!(item instanceof Leaf leaf && leaf.type() == Tree.Type.BROKEN)) {
        wrong(
            item.at(),
            "Expected a file name, found "
                + Words.describe(item)
                + ". Write include: common.yaml, or a list of names");
      }
    }
    return names;
  }

  /** The file of that name, empty if it must not or need not be read. */
  private Optional<Path> target(Leaf name, Path from) {
    if (!name.text().matches("[^/\\\\\\x00]+") || name.text().matches("\\.\\.?")) {
      return refuse(name, ". Write the name of a file in the same folder, such as common.yaml");
    }
    try {
      Path file = from.resolveSibling(name.text());
      if (!Files.isRegularFile(file)) {
        return refuse(name, ": there is no such file beside " + from.getFileName());
      }
      Path real = file.toRealPath();
      if (!real.startsWith(real(JobFile.folder(from)))) {
        return refuse(name, ": it is a link to another folder. Copy the file into this one");
      }
      if (open.contains(real)) {
        return refuse(name, ": it includes this file, and so itself. Leave one of the two out");
      }
      return done.contains(real) ? Optional.empty() : Optional.of(file);
    } catch (InvalidPathException | IOException e) {
      return refuse(name, ": " + e.getMessage());
    }
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path.toAbsolutePath().normalize();
    }
  }

  private Optional<Path> refuse(Leaf name, String why) {
    wrong(name.at(), "Cannot include '" + name.text() + "'" + why);
    return Optional.empty();
  }

  private void wrong(Position at, String sentence) {
    findings.add(at, INCLUDE, sentence);
  }

  private Fields join(Fields front, Fields own) {
    Map<String, Field> fields = new LinkedHashMap<>(front.fields());
    own.fields()
        .forEach((key, field) -> fields.merge(key, field, (first, then) -> join(key, first, then)));
    return new Fields(own.at(), Collections.unmodifiableMap(fields));
  }

  private Field join(String key, Field front, Field own) {
    if (front.value() instanceof Items first && own.value() instanceof Items then) {
      List<Tree> items = new ArrayList<>(first.items());
      items.addAll(then.items());
      return new Field(own.at(), new Items(then.at(), List.copyOf(items)));
    }
    if (key.equals("spark")
        && front.value() instanceof Fields first
        && own.value() instanceof Fields then) {
      Map<String, Field> fields = new LinkedHashMap<>(first.fields());
      fields.putAll(then.fields());
      return new Field(own.at(), new Fields(then.at(), Collections.unmodifiableMap(fields)));
    }
    if (front.value() instanceof Items) {
      findings.add(
          own.value().at(),
          key,
          "Expected a list as in the included file, found " + Words.describe(own.value()));
    }
    if (own.value() instanceof Items) {
      findings.add(
          front.value().at(),
          key,
          "Expected a list as in the including file, found " + Words.describe(front.value()));
    }
    return own;
  }
}
