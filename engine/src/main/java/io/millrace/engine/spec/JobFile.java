package io.millrace.engine.spec;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Reads job and training files: text to tree, tree to what is written. */
public final class JobFile {
  private JobFile() {}

  /**
   * A job with the environment of this process.
   *
   * @throws InvalidJobException with every mistake, if there is one
   */
  public static JobSpec read(Path file) {
    Findings findings = new Findings();
    Optional<JobSpec> job = read(file, Variables.ofEnvironment(), findings);
    findings.throwIfAny();
    return job.orElseThrow();
  }

  /**
   * A job, which comes back beside findings too where later checks could add theirs. It must not
   * run while there are any.
   */
  public static Optional<JobSpec> read(Path file, Variables variables, Findings findings) {
    return tree(file, variables, findings)
        .flatMap(tree -> JobReader.read(tree, folder(file), findings));
  }

  /**
   * A training with the environment of this process.
   *
   * @throws InvalidJobException with every mistake, if there is one
   */
  public static TrainingSpec readTraining(Path file) {
    Findings findings = new Findings();
    Optional<TrainingSpec> training = readTraining(file, Variables.ofEnvironment(), findings);
    findings.throwIfAny();
    return training.orElseThrow();
  }

  /** A training, under the same terms as {@link #read(Path, Variables, Findings)}. */
  public static Optional<TrainingSpec> readTraining(
      Path file, Variables variables, Findings findings) {
    return tree(file, variables, findings)
        .flatMap(tree -> TrainingReader.read(tree, folder(file), findings));
  }

  /** The file together with all that it includes, not yet checked. */
  public static Optional<Tree> tree(Path file, Variables variables, Findings findings) {
    return Includes.read(file, new YamlReader(variables), findings);
  }

  /**
   * The same for the tests of a job, which have rows of their own in place of its sources and
   * sinks: there, and in the checkpoint, variables need not be set nor files be there, and such a
   * value is {@link Tree.Type#UNSET}.
   */
  public static Optional<Tree> treeOfTests(Path file, Variables variables, Findings findings) {
    Findings unset = new Findings();
    Optional<Tree> tree = tree(file, variables.telling(unset), findings);
    return Unset.allowed(tree, unset, findings);
  }

  /** The file and all that it includes, as far as they can be read. */
  public static Set<Path> parts(Path file, Variables variables) {
    return Includes.files(file, new YamlReader(variables));
  }

  /** What relative paths of the file start from. */
  public static Path folder(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    return Optional.ofNullable(absolute.getParent()).orElse(absolute);
  }
}
