package io.millrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ModelsCommandTest {
  private static final Path HOME = Folders.temporary("models");
  private static final Path STORE = HOME.resolve("clicks");
  private static final String TRAINING =
      """
      model: clicks
      from:
        files:
          path: %s
          format: csv
          header: true
          schema: click_id string, clicked_at timestamp, device string, hour int, dwell_ms bigint, is_fraud boolean
      steps:
        - {name: complete, sql: select * from input where dwell_ms is not null}
      features: [%s]
      label: is_fraud
      pipeline:
        - logistic-regression: {iterations: %d}
      split: {time: clicked_at, test: 20%%}
      store: %s
      """;

  private static Path file = HOME;
  private static String first = "";
  private static String second = "";

  /** What a command printed, and what it ended with. */
  private record Ended(int exit, String out, String err) {}

  @BeforeAll
  static void train() throws IOException {
    Sessions.spark();
    file = training("hour, dwell_ms", 1);
    assertThat(millrace("train", file.toString()).exit()).isZero();
    first = versions().get(0);
    training("dwell_ms", 9);
    assertThat(millrace("train", file.toString()).exit()).isZero();
    second = versions().get(1);
  }

  @BeforeEach
  void useTheSecond() {
    assertThat(models("promote", second).exit()).isZero();
  }

  @Test
  void listsVersionsAndMarksTheOneInUse() {
    Ended list = millrace("models", "list", file.toString());

    assertThat(list.exit()).isZero();
    List<String> lines = list.out().lines().toList();
    assertThat(lines.get(0)).isEqualTo("Versions in file://" + STORE);
    assertThat(lines.get(2))
        .startsWith("  " + first + " ")
        .containsPattern(
            " 20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ +classification +9\\d  accuracy 0\\.");
    assertThat(lines.get(3)).startsWith("* " + second + " ");
    assertThat(lines.get(4))
        .isEqualTo("Next: spark-submit/millrace models show " + file + " VERSION");
    assertThat(models("list").out())
        .as("the folder itself")
        .isEqualTo(list.out().replace(file.toString(), STORE.toString()));
  }

  @Test
  void marksVersionsThatCannotBeUsed() throws IOException {
    Path half = Files.createDirectory(STORE.resolve("20990101T000000000Z-00000000"));
    Path broken = Files.createDirectory(STORE.resolve("20990102T000000000Z-00000000"));
    Files.writeString(broken.resolve("manifest.json"), "{");
    try {
      assertThat(models("list").out())
          .contains(
              "  20990101T000000000Z-00000000 incomplete: it has no manifest\n",
              "  20990102T000000000Z-00000000 Cannot read file://"
                  + broken
                  + "/manifest.json: it is no manifest. Train the model again\n");
      refused(
          models("promote", half.getFileName().toString()),
          "Cannot use version 20990101T000000000Z-00000000 in file://"
              + STORE
              + ": it has no manifest, so it was never stored completely. Train the model again");
      refused(
          models("show", broken.getFileName().toString()),
          "Cannot read file://"
              + broken
              + "/manifest.json: it is no manifest. Train the model again");
    } finally {
      Folders.delete(half);
      Folders.delete(broken);
    }
  }

  @Test
  void showsAllOfAVersion() {
    Ended show = models("show");

    assertThat(show.exit()).isZero();
    assertThat(show.out())
        .startsWith("Model clicks, version " + second + "\n")
        .contains("\n  stored       20", ", by Spark 4.1.")
        .contains("\n  task         classification of is_fraud\n")
        .containsPattern(
            "\n  rows         9\\d learned from, 2\\d held out, 0 left out as incomplete\n")
        .contains("\n  inputs       dwell_ms bigint\n")
        .contains("prediction double", "probability vector of 2")
        .contains("\n  accuracy     0.")
        .contains(
            "\nStages\n  org.apache.spark.ml.feature.VectorAssembler\n",
            "\n  org.apache.spark.ml.classification.LogisticRegressionModel\nFiles")
        .contains("  manifest.json\n", "  model/metadata/part-00000");
    assertThat(models("show", first).out())
        .contains("\n  inputs       hour int, dwell_ms bigint\n");
  }

  @Test
  void tellsWhatDiffersBetweenTwoVersions() {
    Ended diff = models("diff", first);

    assertThat(diff.exit()).isZero();
    assertThat(diff.out())
        .startsWith("From version " + first + ", stored 20")
        .contains("\nto version   " + second + ", stored 20")
        .containsPattern("\n  learned from +(9\\d) +\\1\n")
        .containsPattern("\n  log_loss +0\\.\\d{4} +0\\.\\d{4}  [+-]0\\.\\d{4}\n")
        .contains("\nInputs\n  - hour int\n")
        .contains(
            "Params of VectorAssembler\n  ~ inputCols [\"hour\",\"dwell_ms\"] -> [\"dwell_ms\"]\n")
        .contains("\nParams of LogisticRegressionModel\n  ~ maxIter 1 -> 9\n")
        .doesNotContain("About", "Outputs", "uid");
    assertThat(models("diff", second, second).out())
        .doesNotContain("Inputs", "Params", " -> ", "+0");
  }

  @Test
  void putsAVersionInUseAndGoesBack() {
    assertThat(models("promote", first).out())
        .isEqualTo(
            "Version "
                + first
                + " is in use, in place of "
                + second
                + ".\nBack: spark-submit/millrace models rollback "
                + STORE
                + "\n");
    assertThat(models("promote", first).out())
        .isEqualTo("Version " + first + " is in use already.\n");
    assertThat(models("list").out()).contains("* " + first, "  " + second);

    assertThat(models("rollback").out())
        .startsWith("Version " + second + " is in use again, in place of " + first + ".\n");
    assertThat(models("list").out()).contains("  " + first, "* " + second);
  }

  @Test
  void goesBackAsFarAsThereIsOne() throws IOException {
    Files.writeString(STORE.resolve("current"), second + "\n" + first + "\n");

    assertThat(models("rollback").out())
        .isEqualTo(
            "Version "
                + first
                + " is in use again, in place of "
                + second
                + ".\nNone was in use before it.\n");
    refused(
        models("rollback"),
        "Cannot go back in file://"
            + STORE
            + ": no version was current before "
            + first
            + ". Choose one with millrace models promote");
  }

  @Test
  void putsNoVersionInUseWhoseFilesHaveChanged() throws IOException {
    Path text = text(first);
    byte[] content = Files.readAllBytes(text);
    Files.writeString(text, " ", StandardOpenOption.APPEND);
    String sentence =
        "Cannot load the model at file://"
            + STORE.resolve(first)
            + ": the file "
            + STORE.resolve(first).relativize(text)
            + " is not what was stored, its sha256 differs. Restore it, or train the model again";
    try {
      refused(models("promote", first), sentence);
      refused(models("show", first), sentence);
      assertThat(models("list").out()).contains("* " + second);
    } finally {
      Files.write(text, content);
    }
  }

  @Test
  void tellsWhatIsWrongWithWhatWasTyped() throws IOException {
    refused(
        models("show", second.substring(1)),
        "Unknown version '"
            + second.substring(1)
            + "' in file://"
            + STORE
            + ". Did you mean '"
            + second
            + "'?");
    refused(
        models("promote", "../x"),
        "Unknown version '../x' in file://" + STORE + ". It has " + first + ", " + second);
    refused(
        millrace("models", "list", HOME.resolve("nothing").toString()),
        "Cannot find a version of a model in file://"
            + HOME
            + "/nothing. Name the folder under store: of its training file, or train one with"
            + " spark-submit/millrace train FILE");
    refused(
        millrace("models", "list", STORE.resolve(first).toString()),
        "Cannot list versions in file://"
            + STORE.resolve(first)
            + ": that is one version itself. Name the folder that it is in");
    refused(
        millrace("models", "list", HOME.resolve("no.yaml").toString()),
        "Cannot read " + HOME.resolve("no.yaml") + ": there is no such file");
    assertThat(millrace("models").err())
        .contains("Missing list, show, diff, add, promote or rollback");
    assertThat(millrace("models").exit()).isEqualTo(Exit.WRONG_COMMAND);
    assertThat(models("diff").exit()).isEqualTo(Exit.WRONG_COMMAND);

    Path wrong = HOME.resolve("wrong.yaml");
    Files.writeString(wrong, Files.readString(file).replace("label:", "lable:"));
    Ended lint = millrace("models", "list", wrong.toString());
    assertThat(lint.exit()).isEqualTo(Exit.WRONG_JOB);
    assertThat(lint.err()).contains("lable");
  }

  @Test
  void addsAModelThatWasTrainedElsewhere() throws IOException {
    Path examples = Path.of("../conf/examples/data/onnx").toAbsolutePath().normalize();
    String store = HOME.resolve("onnx_clicks").toString();
    String model = examples.resolve("clicks.onnx").toString();
    Ended first = millrace("models", "add", store, model, "--columns", "hour,dwell_ms");
    String name = first.out().lines().findFirst().orElse("").replaceAll(".* ", "");

    assertThat(first.exit()).isZero();
    assertThat(first.out())
        .isEqualTo(
            "Model onnx_clicks, version "
                + name
                + "\n  inputs       hour double, dwell_ms double\n  outputs      probability"
                + " double\nNext: spark-submit/millrace models promote "
                + store
                + " "
                + name
                + "\n");
    assertThat(millrace("models", "list", store).out()).contains("  " + name).doesNotContain("*");

    Ended second =
        millrace(
            "models",
            "add",
            store,
            model,
            "--columns=hour,dwell_ms",
            "--name=clicks",
            "--output=fraud=probability",
            "--missing=nan",
            "--golden=" + examples.resolve("clicks.jsonl"),
            "--promote");
    String other = second.out().lines().findFirst().orElse("").replaceAll(".* ", "");
    assertThat(second.out())
        .startsWith("Model clicks, version ")
        .contains("\n  outputs      fraud double\nVersion " + other + " is in use.\n");
    assertThat(millrace("models", "show", store).out())
        .startsWith("Model clicks, version " + other + "\n")
        .contains("\nStages\n  model.onnx\n  ai.onnx.MatMul\n  ai.onnx.Add\n  ai.onnx.Sigmoid\n")
        .contains("  golden.json\n", "  model.onnx\n");
    assertThat(millrace("models", "diff", store, name).out())
        .contains("\nOutputs\n  + fraud double\n  - probability double\n")
        .contains("\nParams of onnx\n  ~ missing refused -> nan\n");
  }

  @Test
  void addsNoModelThatCannotBeUsed() throws IOException {
    String store = HOME.resolve("no_onnx").toString();
    Path text = Files.writeString(HOME.resolve("text.onnx"), "no model");

    refused(
        millrace("models", "add", store, text.toString()),
        "Cannot read the model: it is no ONNX file");
    refused(
        millrace("models", "add", store, HOME.resolve("none.onnx").toString()),
        "Cannot find the model " + HOME.resolve("none.onnx"));
    assertThat(millrace("models", "add", store).exit()).isEqualTo(Exit.WRONG_COMMAND);
    assertThat(HOME.resolve("no_onnx")).doesNotExist();
  }

  private static void refused(Ended ended, String sentence) {
    assertThat(ended.err().lines().findFirst().orElse(""))
        .matches("millrace (list|show|diff|add|promote|rollback): .*")
        .endsWith(": " + sentence);
    assertThat(ended.exit()).isEqualTo(Exit.WRONG_COMMAND);
    assertThat(ended.out()).isEmpty();
  }

  private static Ended models(String command, String... versions) {
    return millrace(
        Stream.concat(Stream.of("models", command, STORE.toString()), Stream.of(versions))
            .toArray(String[]::new));
  }

  private static Ended millrace(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Ended(exit, out.toString(), err.toString());
  }

  private static Path training(String features, int iterations) throws IOException {
    Path data = Path.of("../conf/examples/data/clicks").toAbsolutePath().normalize();
    return Files.writeString(
        HOME.resolve("training.yaml"), TRAINING.formatted(data, features, iterations, STORE));
  }

  private static List<String> versions() throws IOException {
    try (Stream<Path> folders = Files.list(STORE)) {
      return folders
          .filter(Files::isDirectory)
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  private static Path text(String version) throws IOException {
    try (Stream<Path> files = Files.list(STORE.resolve(version).resolve("model/metadata"))) {
      return files
          .filter(path -> path.getFileName().toString().startsWith("part-"))
          .findFirst()
          .orElseThrow();
    }
  }
}
