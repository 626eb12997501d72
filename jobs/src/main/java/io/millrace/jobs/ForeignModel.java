package io.millrace.jobs;

import io.millrace.engine.spi.ModelVersions.Foreign;
import io.millrace.engine.spi.ModelVersions.Missing;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What a command says of a model that was trained elsewhere. */
@SuppressWarnings("NullAway.Init")
final class ForeignModel {
  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of the model; that of the store's folder, if left out")
  private Optional<String> name;

  @Option(
      names = "--columns",
      paramLabel = "COLUMN",
      split = ",",
      description =
          "Columns of the rows for the model's inputs, in their order; its inputs are columns"
              + " themselves, if left out")
  private List<String> columns = List.of();

  @Option(
      names = "--output",
      paramLabel = "NAME=OUTPUT",
      description =
          "A name for an output of the model, once for each that jobs may use; all have their own"
              + " names, if left out")
  private Map<String, String> outputs = new LinkedHashMap<>();

  @Option(
      names = "--missing",
      paramLabel = "refused|nan",
      defaultValue = "refused",
      description =
          "What becomes of a number that is null or NaN: the row cannot be scored, or the model is"
              + " given NaN, which it was trained to take")
  private Missing missing;

  @Option(
      names = "--golden",
      paramLabel = "ROWS",
      description =
          "A file of rows that the model has to score alike whenever it is loaded: in each line an"
              + " object of JSON with its columns and, under expected, what the model's outputs"
              + " were where it was trained")
  private Optional<Path> golden;

  @Option(names = "--promote", description = "Puts the version in use")
  private boolean promoted;

  Foreign told(Path file) {
    return new Foreign(
        file, name, List.copyOf(columns), new LinkedHashMap<>(outputs), missing, golden);
  }

  boolean promoted() {
    return promoted;
  }
}
