package io.millrace.jobs;

import io.millrace.engine.plan.Analyzer;
import io.millrace.engine.plan.Catalog;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.spec.Variables;
import io.millrace.jobs.submit.Brought;
import io.millrace.jobs.submit.Cluster;
import io.millrace.jobs.submit.Megabytes;
import io.millrace.jobs.submit.Reach;
import io.millrace.jobs.submit.Shell;
import io.millrace.jobs.submit.Shipment;
import io.millrace.jobs.submit.Submission;
import io.millrace.jobs.submit.Submission.DeployMode;
import io.millrace.jobs.submit.Submission.Libraries;
import io.millrace.jobs.submit.Submission.Memory;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks a job here, then hands it to a cluster. */
@Command(
    name = "submit",
    description = {
      "Checks a job here, then runs it on a cluster: prints the spark-submit that does it, and"
          + " becomes that. With --deploy-mode cluster the job file and its includes travel in the"
          + " command itself."
    },
    footer = {
      "",
      "Words behind -- go to spark-submit as they are.",
      "",
      "Example:  spark-submit/millrace submit conf/examples/kafka.yaml --master yarn"
          + " --deploy-mode cluster --dry-run",
      "          spark-submit/millrace submit job.yaml --master spark://host:7077 --"
          + " --total-executor-cores 4"
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class SubmitCommand implements Callable<Integer> {
  private static final String UPLOADS = "spark.kubernetes.file.upload.path";
  private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]*:.*");

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "FILE", description = "A job file")
  private Path file;

  @Parameters(index = "1..*", hidden = true)
  private List<String> more = new ArrayList<>();

  @Option(
      names = "--master",
      paramLabel = "ADDRESS",
      required = true,
      description = "spark://host:port, yarn or k8s://https://host:port")
  private String master;

  @Option(
      names = "--deploy-mode",
      paramLabel = "client|cluster",
      defaultValue = "client",
      description = "client: the driver runs here; cluster: on the cluster. Default: client")
  private DeployMode mode;

  @Option(names = "--dry-run", description = "Only print what would be run")
  private boolean dryRun;

  @Option(
      names = "--supervise",
      description = "The cluster starts the driver again when it dies (spark:// in cluster mode)")
  private boolean supervise;

  @Option(names = "--image", paramLabel = "IMAGE", description = "Of the pods, on Kubernetes")
  private Optional<String> image;

  @Option(
      names = "--jar",
      paramLabel = "URI",
      description = {
        "Where the cluster finds Millrace's jar, such as hdfs://host/millrace.jar or",
        "local:///opt/millrace.jar in an image. Default: this one, which in cluster mode must have",
        "the same path on every machine of a standalone cluster"
      })
  private Optional<String> jar;

  @Option(
      names = "--libraries",
      paramLabel = "packages|none|FOLDER",
      description = {
        "Where the connectors for Kafka, Avro and Delta come from: packages, resolved by Spark, a",
        "folder of jars, or none, where the cluster's own Spark has them. Default: those of"
            + " Millrace",
        "in client mode; in cluster mode packages, but none on Kubernetes without a place to upload"
      })
  private Optional<String> libraries;

  @Option(
      names = "--env",
      paramLabel = "NAME",
      split = ",",
      description = {
        "Send this variable of the shell along with the job, for its $NAME in braces (cluster"
            + " mode).",
        "Not for secrets: whoever sees the command can unpack it"
      })
  private List<String> environment = List.of();

  @Option(
      names = "--driver-memory",
      paramLabel = "SIZE",
      defaultValue = "1g",
      description = "Heap of the driver. Default: 1g")
  private String driverMemory;

  @Option(
      names = "--executor-memory",
      paramLabel = "SIZE",
      defaultValue = "1g",
      description = "Heap of each executor. Default: 1g")
  private String executorMemory;

  @Option(
      names = "--state-memory",
      paramLabel = "SIZE",
      description = {
        "What the state of windows, joins and dedupe may take in each executor beside the heap.",
        "Default: 256m where the job keeps state"
      })
  private Optional<String> stateMemory;

  @Option(
      names = "--conf",
      paramLabel = "KEY=VALUE",
      description = "A setting of Spark; wins over what follows from other options")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Override
  public Integer call() {
    Cluster cluster = cluster();
    // What is written for another machine is checked as far as this one can.
    Variables here = Variables.ofEnvironment();
    here = mode == DeployMode.CLUSTER ? here.elsewhere() : here;
    Plan plan = new JobFiles(Catalog.load(), here).plan(file, Analyzer.Run.STREAM).plan();
    Optional<Shipment> shipment =
        mode == DeployMode.CLUSTER
            ? Optional.of(Shipment.of(file, sent(), here))
            : Optional.empty();
    Submission submission;
    List<String> words = new ArrayList<>();
    try {
      submission = submission(cluster, plan, shipment);
      words.addAll(submission.words());
    } catch (IllegalArgumentException e) {
      throw new WrongSurroundings(String.valueOf(e.getMessage()), e);
    }
    PrintWriter out = spec.commandLine().getOut();
    notes(cluster, plan, shipment).forEach(note -> out.println("Note: " + note));
    List<String> program = Surroundings.program(submission);
    out.println(Shell.line(Surroundings.shown(program)) + " " + Shell.line(words));
    if (!dryRun) {
      failIfAway(cluster);
      if (cluster != Cluster.STANDALONE && Surroundings.sparkHome().isEmpty()) {
        throw new WrongSurroundings(
            "Needs SPARK_HOME: the Spark that Millrace brings has no part for YARN or Kubernetes."
                + " Set it to a distribution of Spark 4.1, which has both");
      }
      program.addAll(words);
      Surroundings.hand(program);
    }
    return Exit.DONE;
  }

  private void failIfAway(Cluster cluster) {
    if (cluster == Cluster.YARN
        && System.getenv("HADOOP_CONF_DIR") == null
        && System.getenv("YARN_CONF_DIR") == null) {
      throw new WrongSurroundings(
          "Needs HADOOP_CONF_DIR or YARN_CONF_DIR: the folder with yarn-site.xml of the cluster");
    }
    try {
      Reach.check(cluster, master);
    } catch (IllegalArgumentException e) {
      throw new WrongSurroundings(String.valueOf(e.getMessage()), e);
    }
  }

  private Cluster cluster() {
    Cluster cluster =
        Cluster.of(master)
            .orElseThrow(
                () ->
                    new WrongSurroundings(
                        "Unknown sort of cluster '"
                            + master
                            + "'. Write spark://host:port, yarn or k8s://https://host:port; run"
                            + " takes a job on this machine"));
    if (cluster == Cluster.KUBERNETES
        && image.isEmpty()
        && !settings.containsKey(Submission.IMAGE)) {
      throw new WrongSurroundings(
          "Needs --image: the pods of Kubernetes are started from an image with Spark 4.1");
    }
    if (cluster == Cluster.KUBERNETES
        && mode == DeployMode.CLUSTER
        && !SCHEME.matcher(jar.orElse("")).matches()
        && !uploads()) {
      throw new WrongSurroundings(
          "Needs --jar: pods cannot see files of this machine. Name the jar in the image, such as"
              + " --jar local:///opt/millrace.jar, or a place to upload to, such as --conf "
              + UPLOADS
              + "=s3a://bucket/folder");
    }
    if (cluster == Cluster.KUBERNETES && mode == DeployMode.CLUSTER && !uploads()) {
      failIfLocal();
    }
    if (cluster != Cluster.STANDALONE || mode == DeployMode.CLIENT) {
      jar.filter(name -> !SCHEME.matcher(name).matches() && !Files.isRegularFile(Path.of(name)))
          .ifPresent(
              name -> {
                throw new WrongSurroundings(
                    "Cannot find "
                        + name
                        + ", named by --jar. Name Millrace's jar on this machine, or by an address"
                        + " that the cluster knows, such as hdfs://host/millrace.jar; left out, it"
                        + " is this one");
              });
    }
    if (cluster != Cluster.KUBERNETES && image.isPresent()) {
      throw new WrongSurroundings("--image is for k8s:// masters only");
    }
    if (supervise && (cluster != Cluster.STANDALONE || mode != DeployMode.CLUSTER)) {
      throw new WrongSurroundings(
          "--supervise is for spark:// masters with --deploy-mode cluster; "
              + (cluster == Cluster.YARN
                  ? "YARN starts a driver again by spark.yarn.maxAppAttempts"
                  : "elsewhere it is the part of what starts this command"));
    }
    if (!environment.isEmpty() && mode == DeployMode.CLIENT) {
      throw new WrongSurroundings(
          "--env is for --deploy-mode cluster: a driver here has the variables of this shell");
    }
    return cluster;
  }

  private boolean uploads() {
    return settings.containsKey(UPLOADS);
  }

  /** Spark uploads what it resolves as it does files of this machine. */
  private void failIfLocal() {
    if (libraries.filter(from -> !from.equals("none")).isPresent()
        || !Surroundings.plugins().isEmpty()) {
      throw new WrongSurroundings(
          "Needs --conf "
              + UPLOADS
              + "=s3a://bucket/folder, a place that pods can see: --libraries and --jars are files"
              + " of this machine. Or put them into the image, in the folder of Spark's own jars,"
              + " and leave them out here");
    }
  }

  private Submission submission(Cluster cluster, Plan plan, Optional<Shipment> shipment) {
    boolean stateful = plan.queries().stream().anyMatch(Plan.Query::stateful);
    long state = stateMemory.map(Megabytes::of).orElse(stateful ? 256L : 0L);
    Map<String, String> all = new LinkedHashMap<>(plan.spark());
    all.putAll(settings);
    return new Submission(
        cluster,
        master,
        mode,
        plan.job(),
        jar.orElseGet(Surroundings::jar),
        libraries(cluster),
        new Memory(driverMemory, executorMemory, state),
        image,
        Home.folder().resolve("conf/log4j2.properties").toString(),
        supervise,
        all,
        more,
        arguments(shipment));
  }

  private Libraries libraries(Cluster cluster) {
    List<Path> ours = Surroundings.others();
    List<String> jars = new ArrayList<>(Surroundings.plugins());
    String from = libraries.orElseGet(() -> usual(cluster));
    switch (from) {
      case "packages" -> {
        return new Libraries(jars, Brought.packages(ours));
      }
      case "none" -> {
        return new Libraries(jars, List.of());
      }
      case "" -> jars.addAll(Brought.jars(ours));
      default -> jars.addAll(folder(from));
    }
    return new Libraries(jars, List.of());
  }

  /** Where libraries come from if nothing is said; empty for those of Millrace. */
  private String usual(Cluster cluster) {
    if (mode == DeployMode.CLIENT) {
      return "";
    }
    return cluster == Cluster.KUBERNETES && !uploads() ? "none" : "packages";
  }

  private static List<String> folder(String name) {
    Path folder = Path.of(name).toAbsolutePath().normalize();
    List<Path> jars = Surroundings.jarsOf(folder);
    if (jars.isEmpty()) {
      throw new WrongSurroundings(
          "Cannot find jars in "
              + folder
              + ", named by --libraries. Name a folder of jars, packages or none");
    }
    return jars.stream().map(Path::toString).toList();
  }

  private List<String> arguments(Optional<Shipment> shipment) {
    return shipment
        .map(sent -> List.of("run", "--shipped", sent.word()))
        .orElseGet(() -> List.of("run", file.toAbsolutePath().normalize().toString()));
  }

  private Map<String, String> sent() {
    Map<String, String> sent = new TreeMap<>();
    for (String name : environment) {
      String value = System.getenv(name);
      if (value == null) {
        throw new WrongSurroundings("Cannot send the variable " + name + ": it is not set here");
      }
      sent.put(name, value);
    }
    return sent;
  }

  /** What works on one machine and not on several. */
  private List<String> notes(Cluster cluster, Plan plan, Optional<Shipment> shipment) {
    List<String> notes = new ArrayList<>();
    if (!SCHEME.matcher(plan.checkpoint()).matches()) {
      notes.add(
          "the checkpoint "
              + plan.checkpoint()
              + " has no scheme: driver and executors must all see the same folder there (a shared"
              + " mount), or name hdfs://, s3a:// or the like");
    }
    if (shipment.isPresent()) {
      Set<String> own = new TreeSet<>();
      shipment.get().texts().values().forEach(text -> own.addAll(Variables.needed(text)));
      own.removeAll(environment);
      if (!own.isEmpty()) {
        notes.add(
            "the driver takes these from its own environment: "
                + String.join(", ", own)
                + "; --env NAME sends the value of this shell along");
      }
      if (cluster == Cluster.KUBERNETES && libraries.isEmpty() && !uploads()) {
        notes.add(
            "the image has to have "
                + String.join(", ", Brought.packages(Surroundings.others()))
                + " and what they need among Spark's own jars, as far as the job reads or writes by"
                + " them");
      }
      if (cluster == Cluster.STANDALONE && jar.isEmpty()) {
        notes.add(
            "every machine of the cluster must have Millrace's jar at this path; --jar names"
                + " another");
      }
    }
    return notes;
  }
}
