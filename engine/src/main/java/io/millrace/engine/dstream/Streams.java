package io.millrace.engine.dstream;

import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Feed;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.streaming.Milliseconds;
import org.apache.spark.streaming.StreamingContext;
import org.apache.spark.streaming.Time;
import org.apache.spark.streaming.dstream.DStream;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/** The streams of a job that has no checkpoint yet. All that they do is {@link Work}'s. */
@SuppressWarnings("deprecation") // All of DStreams is; jobs that still need them are served here.
final class Streams {
  private static final ClassTag<Object> ANY = ClassTag$.MODULE$.apply(Object.class);

  private final String name;
  private final Work work;
  private final StreamingContext context;
  private final Map<String, DStream<?>> nodes = new LinkedHashMap<>();
  private final Map<String, DStream<?>> taken = new LinkedHashMap<>();

  private Streams(String name, Work work, StreamingContext context) {
    this.name = name;
    this.work = work;
    this.context = context;
  }

  /** A context with all of them, which is not started. */
  static StreamingContext make(String name, Work work, Duration every) {
    StreamingContext context =
        new StreamingContext(work.spark(), Milliseconds.apply(every.toMillis()));
    context.checkpoint(name);
    Streams streams = new Streams(name, work, context);
    Routes routes = work.routes();
    routes.sources().forEach(streams::source);
    routes.carried().forEach(streams::carried);
    routes.plan().queries().forEach(streams::query);
    return context;
  }

  private void source(Plan.Input source) {
    nodes.put(
        source.name(),
        source.source().feed().orElseThrow() instanceof Feed.Lines lines
            ? together(
                List.of(
                    context.socketTextStream(
                        lines.host(), lines.port(), StorageLevel.MEMORY_AND_DISK_SER())),
                new OfLines())
            : new FolderStream(context, name, source.name()));
  }

  private void carried(String step) {
    DStream<Object> now = together(of(work.routes().sourcesOf(step)), new Taken(name, step), ANY);
    taken.put(step, now);
    nodes.put(step, work.carrier(step).carried(now));
  }

  private void query(Plan.Query query) {
    List<String> feeds = work.routes().feeds(query);
    List<DStream<?>> streams = new ArrayList<>(of(feeds));
    feeds.stream()
        .filter(step -> work.routes().total(step))
        .forEach(step -> streams.add(Objects.requireNonNull(taken.get(step), step)));
    together(streams, new Bundled()).foreachRDD(new Delivered(name, query.name()));
  }

  private List<DStream<?>> of(List<String> names) {
    return names.stream()
        .<DStream<?>>map(node -> Objects.requireNonNull(nodes.get(node), node))
        .toList();
  }

  private DStream<InternalRow> together(List<DStream<?>> streams, Joining<InternalRow> how) {
    return together(streams, how, Bundle.ROW);
  }

  private <T> DStream<T> together(List<DStream<?>> streams, Joining<T> how, ClassTag<T> type) {
    Seq<DStream<?>> all = CollectionConverters.asScala(streams).toList();
    return context.transform(all, how, type);
  }

  /** What becomes of the rows of several streams in one batch. */
  private abstract static sealed class Joining<T>
      extends AbstractFunction2<Seq<RDD<?>>, Time, RDD<T>> implements Serializable
      permits OfLines, Taken, Bundled {
    private static final long serialVersionUID = 1;

    abstract RDD<T> of(List<RDD<?>> rows, long millis);

    @Override
    public RDD<T> apply(Seq<RDD<?>> rows, Time time) {
      return of(CollectionConverters.asJava(rows), time.milliseconds());
    }
  }

  private static final class OfLines extends Joining<InternalRow> {
    private static final long serialVersionUID = 1;

    @Override
    @SuppressWarnings("unchecked") // A socket gives lines.
    RDD<InternalRow> of(List<RDD<?>> rows, long millis) {
      return Rows.ofLines((RDD<String>) rows.get(0));
    }
  }

  private static final class Taken extends Joining<Object> {
    private static final long serialVersionUID = 1;

    private final String work;
    private final String step;

    Taken(String work, String step) {
      this.work = work;
      this.step = step;
    }

    @Override
    @SuppressWarnings("unchecked") // Whatever a step takes is an object.
    RDD<Object> of(List<RDD<?>> rows, long millis) {
      return (RDD<Object>) Work.named(work).taken(step, rows, millis);
    }
  }

  private static final class Bundled extends Joining<InternalRow> {
    private static final long serialVersionUID = 1;

    @Override
    RDD<InternalRow> of(List<RDD<?>> rows, long millis) {
      return new Bundle(rows.get(0).sparkContext(), rows);
    }
  }

  private static final class Delivered extends AbstractFunction2<RDD<InternalRow>, Time, BoxedUnit>
      implements Serializable {
    private static final long serialVersionUID = 1;

    private final String work;
    private final String query;

    Delivered(String work, String query) {
      this.work = work;
      this.query = query;
    }

    @Override
    public BoxedUnit apply(RDD<InternalRow> rows, Time time) {
      Work.named(work).deliver(query, ((Bundle) rows).parts(), time.milliseconds());
      return BoxedUnit.UNIT;
    }
  }
}
