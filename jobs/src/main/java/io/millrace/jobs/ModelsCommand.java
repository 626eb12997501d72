package io.millrace.jobs;

import io.millrace.engine.spi.ModelVersions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the versions of a model, and puts another one in use. */
@Command(
    name = "models",
    description = {
      "Shows the versions of a model that were trained, compares them, adds one that was made"
          + " elsewhere, and puts another one in use. Starts no Spark session."
    },
    footer = {
      "",
      "Example:  spark-submit/millrace models list conf/examples/pipeline.yaml",
      "          spark-submit/millrace models diff target/models/suspicious_clicks VERSION",
      "          spark-submit/millrace models rollback target/models/suspicious_clicks"
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class ModelsCommand implements Runnable {
  private static final String LINE = "%1s %-28s %-20s %-15s %10s  %s%n";
  private static final int FIGURES = 3;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Missing list, show, diff, add, promote or rollback");
  }

  @Command(
      name = "list",
      description = "Its versions, the oldest first. The one in use has a star.",
      footer = {"", "Example:  spark-submit/millrace models list conf/examples/pipeline.yaml"},
      mixinStandardHelpOptions = true)
  int list(@Mixin StoredVersion wanted) {
    PrintWriter out = spec.commandLine().getOut();
    ModelVersions versions = wanted.versions();
    List<String> names = wanted.names();
    Optional<String> current = wanted.told(versions::inUse).stream().findFirst();
    out.println("Versions in " + versions.place());
    out.printf(Locale.ROOT, LINE, "", "version", "stored", "task", "rows", "metrics");
    for (String name : names) {
      String star = current.filter(name::equals).isPresent() ? "*" : "";
      try {
        out.print(line(star, name, versions.version(name)));
      } catch (IllegalArgumentException | IllegalStateException e) {
        out.printf(Locale.ROOT, "%1s %-28s %s%n", star, name, e.getMessage());
      }
    }
    out.println("Next: spark-submit/millrace models show " + wanted.store() + " VERSION");
    return Exit.DONE;
  }

  @Command(
      name = "show",
      description = "All that is known of one version. Its files are held to their hashes.",
      footer = {"", "Example:  spark-submit/millrace models show conf/examples/pipeline.yaml"},
      mixinStandardHelpOptions = true)
  int show(
      @Mixin StoredVersion wanted,
      @Parameters(
              index = "1",
              arity = "0..1",
              paramLabel = "VERSION",
              description = "A version; the one in use, if left out")
          Optional<String> name) {
    PrintWriter out = spec.commandLine().getOut();
    ModelVersions.Version version = wanted.version(name);
    List<ModelVersions.Stage> stages = wanted.told(() -> wanted.versions().stages(version.name()));
    out.println("Model " + version.model() + ", version " + version.name());
    field(out, "stored", version.created() + ", by Spark " + version.spark());
    version.data().ifPresent(data -> field(out, "data", "version " + data));
    field(out, "task", version.task() + version.label().map(label -> " of " + label).orElse(""));
    field(
        out,
        "rows",
        String.format(
            Locale.ROOT,
            "%,d learned from, %,d held out, %,d left out as incomplete",
            version.trainingRows(),
            version.heldOutRows(),
            version.incompleteRows()));
    field(out, "inputs", columns(version.inputs()));
    field(out, "outputs", columns(version.outputs()));
    figures(version).forEach((figure, value) -> field(out, figure, value));
    out.println("Stages");
    stages.forEach(stage -> out.println("  " + stage.className()));
    out.println("Files, each as it was stored");
    print(wanted.told(() -> wanted.versions().files(version.name())), out);
    return Exit.DONE;
  }

  @Command(
      name = "diff",
      description = "What differs between two versions: rows, metrics, columns, stages and params.",
      footer = {
        "",
        "Example:  spark-submit/millrace models diff target/models/suspicious_clicks VERSION"
      },
      mixinStandardHelpOptions = true)
  int diff(
      @Mixin StoredVersion wanted,
      @Parameters(index = "1", paramLabel = "VERSION", description = "A version") String name,
      @Parameters(
              index = "2",
              arity = "0..1",
              paramLabel = "OTHER",
              description = "Another version; the one in use, if left out")
          Optional<String> other) {
    PrintWriter out = spec.commandLine().getOut();
    ModelVersions.Version from = wanted.version(Optional.of(name));
    ModelVersions.Version to = wanted.version(other);
    ModelVersions versions = wanted.versions();
    VersionDifference.print(
        from,
        wanted.told(() -> versions.stages(from.name())),
        to,
        wanted.told(() -> versions.stages(to.name())),
        out);
    return Exit.DONE;
  }

  @Command(
      name = "add",
      description = {
        "Stores a model that was trained elsewhere, an ONNX file, as a new version. It needs the"
            + " jar of ONNX Runtime."
      },
      footer = {
        "",
        "Example:  spark-submit/millrace models add target/models/fraud fraud.onnx \\",
        "            --columns amount,age --golden sample.jsonl --promote"
      },
      mixinStandardHelpOptions = true)
  int add(
      @Mixin StoredVersion wanted,
      @Parameters(index = "1", paramLabel = "MODEL.onnx", description = "The file of the model")
          Path file,
      @Mixin ForeignModel model) {
    PrintWriter out = spec.commandLine().getOut();
    ModelVersions versions = wanted.versions();
    Optional<String> before = wanted.told(versions::inUse).stream().findFirst();
    ModelVersions.Version version = wanted.told(() -> versions.add(model.told(file)));
    out.println("Model " + version.model() + ", version " + version.name());
    field(out, "inputs", columns(version.inputs()));
    field(out, "outputs", columns(version.outputs()));
    if (!model.promoted()) {
      out.println(
          "Next: spark-submit/millrace models promote " + wanted.store() + " " + version.name());
      return Exit.DONE;
    }
    promote(wanted, versions, version.name());
    out.println(inUse(version.name(), before));
    return Exit.DONE;
  }

  @Command(
      name = "promote",
      description = "Puts a version in use, once each of its files has proven to be as stored.",
      footer = {
        "",
        "Example:  spark-submit/millrace models promote target/models/suspicious_clicks VERSION"
      },
      mixinStandardHelpOptions = true)
  int promote(
      @Mixin StoredVersion wanted,
      @Parameters(index = "1", paramLabel = "VERSION", description = "A version") String name) {
    PrintWriter out = spec.commandLine().getOut();
    ModelVersions versions = wanted.versions();
    String version = wanted.version(Optional.of(name)).name();
    Optional<String> before = wanted.told(versions::inUse).stream().findFirst();
    if (before.filter(version::equals).isPresent()) {
      out.println("Version " + version + " is in use already.");
      return Exit.DONE;
    }
    promote(wanted, versions, version);
    out.println(inUse(version, before));
    out.println("Back: spark-submit/millrace models rollback " + wanted.store());
    return Exit.DONE;
  }

  @Command(
      name = "rollback",
      description =
          "Puts the version in use that was before the one in use now. Again, it goes back"
              + " further.",
      footer = {
        "",
        "Example:  spark-submit/millrace models rollback target/models/suspicious_clicks"
      },
      mixinStandardHelpOptions = true)
  int rollback(@Mixin StoredVersion wanted) {
    PrintWriter out = spec.commandLine().getOut();
    ModelVersions versions = wanted.versions();
    List<String> before = wanted.told(versions::inUse);
    String version = wanted.told(versions::rollback);
    out.println("Version " + version + " is in use again, in place of " + before.get(0) + ".");
    out.println(
        before.size() > 2
            ? "Before it was " + before.get(2) + "; rollback goes there next."
            : "None was in use before it.");
    return Exit.DONE;
  }

  private static void promote(StoredVersion wanted, ModelVersions versions, String version) {
    String unused =
        wanted.told(
            () -> {
              versions.promote(version);
              return version;
            });
  }

  private static String inUse(String version, Optional<String> before) {
    return "Version "
        + version
        + " is in use"
        + before.map(replaced -> ", in place of " + replaced).orElse("")
        + ".";
  }

  private static String line(String star, String name, Optional<ModelVersions.Version> known) {
    if (known.isEmpty()) {
      return String.format(
          Locale.ROOT, "%1s %-28s %s%n", star, name, "incomplete: it has no manifest");
    }
    ModelVersions.Version version = known.get();
    return String.format(
        Locale.ROOT,
        LINE,
        star,
        name,
        version.created().replaceAll("\\.[0-9]+Z$", "Z"),
        version.task(),
        String.format(Locale.ROOT, "%,d", version.trainingRows()),
        figures(version).entrySet().stream()
            .limit(FIGURES)
            .map(figure -> figure.getKey() + " " + figure.getValue())
            .collect(Collectors.joining(", ")));
  }

  private static SortedMap<String, String> figures(ModelVersions.Version version) {
    SortedMap<String, String> figures = new TreeMap<>();
    version
        .metrics()
        .forEach((name, value) -> figures.put(name, String.format(Locale.ROOT, "%.4f", value)));
    return figures;
  }

  private static String columns(List<ModelVersions.Column> columns) {
    return columns.stream()
        .map(column -> column.name() + " " + column.type())
        .collect(Collectors.joining(", "));
  }

  private static void field(PrintWriter out, String name, String value) {
    out.printf(Locale.ROOT, "  %-12s %s%n", name, value);
  }

  private static void print(SortedMap<String, Long> files, PrintWriter out) {
    for (Map.Entry<String, Long> file : files.entrySet()) {
      out.printf(Locale.ROOT, "  %,12d  %s%n", file.getValue(), file.getKey());
    }
  }
}
