package io.millrace.jobs;

import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.KindPages;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists kinds, or shows the reference page of one. */
@Command(
    name = "kinds",
    description = "Lists what a job can be made of, or explains one kind with its settings.",
    footer = {"", "Example:  spark-submit/millrace kinds window"},
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class KindsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "NAME",
      arity = "0..1",
      defaultValue = "",
      description = "A kind, such as kafka")
  private String name;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    KindPages pages = new KindPages(Catalog.load());
    if (name.isEmpty()) {
      out.println(pages.all());
      out.println("Next: spark-submit/millrace kinds NAME");
      return Exit.DONE;
    }
    Optional<String> page = pages.page(name);
    if (page.isEmpty()) {
      throw new WrongSurroundings(
          "Unknown kind '" + name + "'. spark-submit/millrace kinds lists all");
    }
    out.println(page.get());
    Path example = Home.folder().resolve("conf/examples/" + name + ".yaml");
    if (Files.exists(example)) {
      out.println("Example: conf/examples/" + name + ".yaml");
      out.println();
      out.println(Files.readString(example).indent(2).stripTrailing());
    }
    return Exit.DONE;
  }
}
