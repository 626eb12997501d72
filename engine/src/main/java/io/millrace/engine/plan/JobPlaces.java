package io.millrace.engine.plan;

import io.millrace.engine.spec.JobSpec;
import io.millrace.engine.spec.PartSpec;
import io.millrace.engine.spec.Position;
import io.millrace.engine.spec.SinkSpec;
import io.millrace.engine.spec.SourceSpec;
import io.millrace.engine.spec.StepSpec;
import io.millrace.engine.spec.Tree;
import io.millrace.engine.spec.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where the parts of a job and the texts inside them stand in its file. */
final class JobPlaces implements AnalysisPlaces {
  private final JobSpec job;

  JobPlaces(JobSpec job) {
    this.job = job;
  }

  /** A scalar of a part, and the path to it. */
  private record Text(String path, Tree.Leaf leaf) {}

  @Override
  public Place of(Part part, String name) {
    return new Place(at(part, name), path(part, name));
  }

  /** Where the settings of a part say a word: as a whole value, else in a text. */
  Place mention(Part part, String name, String word) {
    Pattern alone =
        Pattern.compile("(?<!\\w)" + Pattern.quote(word) + "(?!\\w)", Pattern.CASE_INSENSITIVE);
    List<Text> all = texts(part, name);
    return Stream.concat(all.stream().filter(t -> t.leaf().text().equals(word)), all.stream())
        .flatMap(text -> mention(text, alone).stream())
        .findFirst()
        .orElseGet(() -> of(part, name));
  }

  private static Optional<Place> mention(Text text, Pattern word) {
    Matcher found = word.matcher(text.leaf().text());
    if (!found.find()) {
      return Optional.empty();
    }
    String before = text.leaf().text().substring(0, found.start());
    int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
    int column = found.start() - before.lastIndexOf('\n');
    return Optional.of(new Place(text.leaf().inside(line, column), text.path()));
  }

  @Override
  public Place inText(Part part, String name, String text, int line, int column) {
    return texts(part, name).stream()
        .filter(found -> found.leaf().text().equals(text))
        .findFirst()
        .map(found -> new Place(found.leaf().inside(line, column), found.path()))
        .orElseGet(() -> of(part, name));
  }

  @Override
  public Place inSetting(Part part, String name, String setting, int line, int column) {
    List<Text> texts = texts(part, name);
    return texts.stream()
        .filter(found -> dotted(found).endsWith("." + setting))
        .findFirst()
        .or(() -> texts.stream().filter(found -> shortened(part, name, setting, found)).findFirst())
        .map(found -> new Place(found.leaf().inside(line, column), found.path()))
        .orElseGet(() -> of(part, name));
  }

  /** Whether a text stands where a shorthand leaves out the first key of a setting. */
  private static boolean shortened(Part part, String name, String setting, Text found) {
    int dot = setting.indexOf('.');
    String rest = dot < 0 ? "" : setting.substring(dot);
    String below = dotted(found).substring(path(part, name).length() + 1);
    int kind = below.indexOf('.');
    return (kind < 0 ? "" : below.substring(kind)).equals(rest);
  }

  /** The path with the numbers of list items behind dots, as settings are named. */
  private static String dotted(Text text) {
    return text.path().replaceAll("\\[(\\d+)]", ".$1");
  }

  private Position at(Part part, String name) {
    List<Word> names =
        switch (part) {
          case SOURCE -> job.sources().stream().map(SourceSpec::name).toList();
          case STEP -> job.steps().stream().map(StepSpec::name).toList();
          case SINK -> job.sinks().stream().map(SinkSpec::name).toList();
        };
    return names.stream()
        .filter(word -> word.text().equals(name))
        .findFirst()
        .map(Word::at)
        .orElse(job.name().at());
  }

  private static String path(Part part, String name) {
    return switch (part) {
      case SOURCE -> "sources." + name;
      case STEP -> "steps." + name;
      case SINK -> "sinks." + name;
    };
  }

  private List<Text> texts(Part part, String name) {
    List<Text> texts = new ArrayList<>();
    String path = path(part, name);
    if (part == Part.SOURCE) {
      source(name)
          .ifPresent(
              source -> {
                collect(source.part(), path, texts);
                source.decode().ifPresent(decode -> collect(decode, path + ".decode", texts));
                source.watermark().ifPresent(tree -> collect(tree, path + ".watermark", texts));
              });
    } else if (part == Part.STEP) {
      step(name)
          .ifPresent(
              step -> {
                collect(step.part(), path, texts);
                step.when().ifPresent(leaf -> texts.add(new Text(path + ".when", leaf)));
              });
    } else {
      sink(name)
          .ifPresent(
              sink -> {
                collect(sink.part(), path, texts);
                sink.when().ifPresent(leaf -> texts.add(new Text(path + ".when", leaf)));
                sink.mode().ifPresent(word -> texts.add(new Text(path + ".mode", leaf(word))));
              });
    }
    return texts;
  }

  private Optional<SourceSpec> source(String name) {
    return job.sources().stream().filter(spec -> spec.name().text().equals(name)).findFirst();
  }

  private Optional<StepSpec> step(String name) {
    return job.steps().stream().filter(spec -> spec.name().text().equals(name)).findFirst();
  }

  private Optional<SinkSpec> sink(String name) {
    return job.sinks().stream().filter(spec -> spec.name().text().equals(name)).findFirst();
  }

  private static Tree.Leaf leaf(Word word) {
    return new Tree.Leaf(word.at(), word.text(), word.text(), Tree.Type.TEXT, word.at());
  }

  private static void collect(PartSpec part, String path, List<Text> texts) {
    collect(part.settings(), path + "." + part.kind(), texts);
  }

  private static void collect(Tree tree, String path, List<Text> texts) {
    if (tree instanceof Tree.Leaf leaf) {
      texts.add(new Text(path, leaf));
    } else if (tree instanceof Tree.Items items) {
      for (int i = 0; i < items.items().size(); i++) {
        collect(items.items().get(i), path + "[" + i + "]", texts);
      }
    } else {
      for (Map.Entry<String, Tree.Field> field : ((Tree.Fields) tree).fields().entrySet()) {
        collect(field.getValue().value(), path + "." + field.getKey(), texts);
      }
    }
  }
}
