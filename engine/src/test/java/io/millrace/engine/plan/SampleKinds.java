package io.millrace.engine.plan;

import io.millrace.engine.spi.Decoder;
import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Kind;
import io.millrace.engine.spi.Plugin;
import io.millrace.engine.spi.Secret;
import io.millrace.engine.spi.Shorthand;
import io.millrace.engine.spi.Sink;
import io.millrace.engine.spi.Size;
import io.millrace.engine.spi.Source;
import io.millrace.engine.spi.Step;
import io.millrace.engine.spi.Trainer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Settings of every shape, under kinds that nothing is made from. */
public final class SampleKinds implements Plugin {
  enum Late {
    DROP,
    KEEP
  }

  enum Else {
    DEAD_LETTER,
    DROP
  }

  sealed interface Start {
    record Earliest() implements Start {}

    record Offsets(@Doc("Offset by partition") @Shorthand Map<String, Long> at) implements Start {}
  }

  record Kafka(
      @Doc("Brokers") String servers,
      @Doc("Topics to read") List<String> topics,
      @Doc("Where to begin") @Default("earliest") Start start,
      @Doc("Rows of one batch at most") Optional<Integer> maxPerBatch,
      @Doc("Buffer") @Default("64MB") Size buffer) {}

  record Json(@Doc("Columns as DDL") @Shorthand String ddl) {}

  record Bytes() {}

  record Watermark(
      @Doc("Event time") String time,
      @Doc("How late rows come") Duration delay,
      @Doc("What to do with late rows") @Default("drop") Late late) {}

  record Sql(
      @Doc("A query") @Shorthand String query, @Doc("Tries | times") @Default("3") int tries) {}

  record Validate(@Doc("Rules") @Shorthand List<Rule> rules) {}

  record Rule(
      @Doc("Its name") String rule,
      @Doc("What must hold") String that,
      @Doc("What happens to others") Else else_) {}

  record Jdbc(
      @Doc("Where") String url,
      @Doc("Password") Secret password,
      @Doc("Share") @Default("0.5") double share,
      @Doc("Whether") @Default("false") boolean strict) {}

  record Tree(@Doc("Below it") List<Tree> children) {}

  record Pipeline(@Doc("Columns") List<String> features, @Doc("What to learn") String label) {}

  @Override
  public List<Kind<?, Source>> sources() {
    return List.of(kind("kafka", "Reads Kafka topics", Kafka.class));
  }

  @Override
  public List<Kind<?, Decoder>> decoders() {
    return List.of(
        kind("bytes", "Keeps the bytes", Bytes.class),
        kind("json", "Reads JSON objects", Json.class));
  }

  @Override
  public List<Kind<?, Step>> steps() {
    return List.of(
        kind("watermark", "Bounds how late rows come", Watermark.class),
        kind("sql", "Runs a query", Sql.class),
        kind("validate", "Checks rules", Validate.class),
        kind("tree", "Holds itself", Tree.class));
  }

  @Override
  public List<Kind<?, Sink>> sinks() {
    return List.of(
        kind("jdbc", "Writes a table", Jdbc.class), kind("kafka", "Writes a topic", Json.class));
  }

  @Override
  public List<Kind<?, Trainer>> trainers() {
    return List.of(kind("pipeline", "Fits a pipeline", Pipeline.class));
  }

  private static <S extends Record, P> Kind<S, P> kind(
      String name, String summary, Class<S> settings) {
    return new Kind<>(
        name,
        summary,
        settings,
        made -> {
          throw new AssertionError("nothing is made from a sample");
        });
  }
}
