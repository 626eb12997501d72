package io.millrace.engine;

import io.millrace.engine.decode.AvroDecoder;
import io.millrace.engine.decode.BytesDecoder;
import io.millrace.engine.decode.CsvDecoder;
import io.millrace.engine.decode.DebeziumDecoder;
import io.millrace.engine.decode.JsonDecoder;
import io.millrace.engine.decode.TextDecoder;
import io.millrace.engine.source.DeltaSource;
import io.millrace.engine.source.FilesSource;
import io.millrace.engine.source.KafkaSource;
import io.millrace.engine.source.MemorySource;
import io.millrace.engine.source.RateSource;
import io.millrace.engine.source.SocketSource;
import io.millrace.engine.source.SparkSource;
import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Source;
import io.millrace.engine.spi.Step;
import io.millrace.engine.step.ChangelogStep;
import io.millrace.engine.step.ChangesStep;
import io.millrace.engine.step.DedupeStep;
import io.millrace.engine.step.JoinStep;
import io.millrace.engine.step.LookupStep;
import io.millrace.engine.step.PatternStep;
import io.millrace.engine.step.RunningStep;
import io.millrace.engine.step.SequenceStep;
import io.millrace.engine.step.SqlStep;
import io.millrace.engine.step.StatefulStep;
import io.millrace.engine.step.TopStep;
import io.millrace.engine.step.UnionStep;
import io.millrace.engine.step.UpdateStateStep;
import io.millrace.engine.step.ValidateStep;
import io.millrace.engine.step.WatermarkStep;
import io.millrace.engine.step.WindowStep;
import java.util.List;

/** The kinds that come with the engine. */
public final class Builtin implements Plugin {
  @Override
  public List<Kind<?, Source>> sources() {
    return List.of(
        new Kind<>("kafka", "Records of topics", KafkaSource.Settings.class, KafkaSource::new),
        new Kind<>("files", "New files of a folder", FilesSource.Settings.class, FilesSource::new),
        new Kind<>("delta", "A Delta table", DeltaSource.Settings.class, DeltaSource::new),
        new Kind<>("rate", "Rows that count up", RateSource.Settings.class, RateSource::new),
        new Kind<>("socket", "Lines of a socket", SocketSource.Settings.class, SocketSource::new),
        new Kind<>(
            "memory", "Rows that a test adds", MemorySource.Settings.class, MemorySource::new),
        new Kind<>(
            "spark", "Any format that Spark reads", SparkSource.Settings.class, SparkSource::new));
  }

  @Override
  public List<Kind<?, Decoder>> decoders() {
    return List.of(
        new Kind<>("json", "One JSON object", JsonDecoder.Settings.class, JsonDecoder::new),
        new Kind<>(
            "debezium",
            "One change of a row of a database",
            DebeziumDecoder.Settings.class,
            DebeziumDecoder::new),
        new Kind<>("csv", "One line of values", CsvDecoder.Settings.class, CsvDecoder::new),
        new Kind<>("avro", "One Avro record", AvroDecoder.Settings.class, AvroDecoder::new),
        new Kind<>("text", "One text", TextDecoder.Settings.class, TextDecoder::new),
        new Kind<>(
            "bytes", "The bytes as they are", BytesDecoder.Settings.class, BytesDecoder::new));
  }

  @Override
  public List<Kind<?, Step>> steps() {
    return List.of(
        new Kind<>(
            "changelog",
            "Newest rows of keys, each taken back when a newer one comes",
            ChangelogStep.Settings.class,
            ChangelogStep::new),
        new Kind<>(
            "changes",
            "Rows in which something differs from the row before",
            ChangesStep.Settings.class,
            ChangesStep::new),
        new Kind<>(
            "dedupe", "The first row of each key", DedupeStep.Settings.class, DedupeStep::new),
        new Kind<>(
            "join",
            "Rows of two streams that belong together",
            JoinStep.Settings.class,
            JoinStep::new),
        new Kind<>(
            "lookup",
            "Columns of a static table added to rows",
            LookupStep.Settings.class,
            LookupStep::new),
        new Kind<>(
            "pattern", "Rows that follow each other", PatternStep.Settings.class, PatternStep::new),
        new Kind<>(
            "running",
            "Aggregates over a row and those before it",
            RunningStep.Settings.class,
            RunningStep::new),
        new Kind<>(
            "sequence",
            "Numbers that do not follow each other",
            SequenceStep.Settings.class,
            SequenceStep::new),
        new Kind<>("sql", "Any SELECT over named steps", SqlStep.Settings.class, SqlStep::new),
        new Kind<>(
            "stateful",
            "Your own class with state by key",
            StatefulStep.Settings.class,
            StatefulStep::new),
        new Kind<>("top", "The first rows by some order", TopStep.Settings.class, TopStep::new),
        new Kind<>(
            "union",
            "The rows of several inputs together",
            UnionStep.Settings.class,
            UnionStep::new),
        new Kind<>(
            "update-state",
            "Running totals per key",
            UpdateStateStep.Settings.class,
            UpdateStateStep::new),
        new Kind<>(
            "validate",
            "Named rules that rows must meet",
            ValidateStep.Settings.class,
            ValidateStep::new),
        new Kind<>(
            "watermark",
            "Which column is the event time, and how late rows may be",
            WatermarkStep.Settings.class,
            WatermarkStep::new),
        new Kind<>(
            "window", "Aggregates per window of time", WindowStep.Settings.class, WindowStep::new));
  }
}
