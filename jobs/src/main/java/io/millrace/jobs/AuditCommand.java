package io.millrace.jobs;

import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.run.Account;
import io.millrace.engine.run.Audit;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what became of every row that a job has read. */
@Command(
    name = "audit",
    description = {
      "Shows what became of every row that a job has read: what each source gave, what state took"
          + " in, what each sink got, in all and in the last batches. Ends with 5 if rows are"
          + " missing. Reads only, with the job running or stopped."
    },
    footer = {"", "Example:  spark-submit/millrace audit conf/examples/jdbc.yaml"},
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class AuditCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A job file")
  private Path file;

  @Option(
      names = "--batches",
      paramLabel = "N",
      defaultValue = "3",
      description = "Show the last N batches one by one (${DEFAULT-VALUE})")
  private int batches;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Plan plan = new JobFiles().plan(file, Analyzer.Run.STREAM).plan();
    List<Audit> audits;
    try (LazySession session = new LazySession(plan)) {
      audits = Audit.of(plan, session);
    }
    audits.forEach(audit -> show(audit, out));
    boolean holds = audits.stream().allMatch(Audit::holds);
    out.println(
        holds
            ? "Every row is accounted for."
            : "Rows are not accounted for. Next: spark-submit/millrace ledger " + file);
    return holds ? Exit.DONE : Exit.UNEQUAL;
  }

  private void show(Audit audit, PrintWriter out) {
    if (audit.total().isEmpty()) {
      out.printf(Locale.ROOT, "query %s: no batch was counted%n", audit.query());
    } else {
      show(audit.query(), audit.total().get(), out);
    }
    List<Account> single =
        audit.accounts().stream().filter(account -> account.from() == account.to()).toList();
    single.stream()
        .skip(Math.max(0, single.size() - batches))
        .forEach(account -> show(audit.query(), account, out));
    audit.sources().forEach(source -> out.println("  " + Sources.line(source)));
    audit.note().ifPresent(note -> out.println("  " + note));
    audit.differences().forEach(difference -> out.println("  " + difference));
    if (!audit.gaps().isEmpty()) {
      out.println("  Not accounted for: " + String.join(", ", audit.gaps()));
    }
  }

  private static void show(String query, Account account, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        account.from() == account.to()
            ? "query %1$s, batch %2$d, %4$s%n"
            : "query %s, batches %d to %d, until %s%n",
        query,
        account.from(),
        account.to(),
        account.time());
    for (Account.Cut cut : account.cuts()) {
      out.printf(
          Locale.ROOT,
          "  %-12s %-24s %s%s%n",
          sort(cut),
          cut.name(),
          cut.equation(),
          cut.balanced() ? "" : "   does not balance");
    }
    if (account.from() != account.to() && !account.balanced()) {
      out.printf(Locale.ROOT, "  %d of these batches do not balance%n", account.unbalanced());
    }
  }

  private static String sort(Account.Cut cut) {
    if (cut instanceof Account.Intake) {
      return "intake";
    }
    if (cut instanceof Account.State) {
      return "state";
    }
    return cut instanceof Account.Passage ? "in and out" : "sink";
  }
}
