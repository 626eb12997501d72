package io.millrace.engine.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.engine.plan.Plan;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager;
import org.apache.spark.sql.execution.streaming.runtime.StreamMetadata;
import scala.Option;

/** The checkpoint folders of a job, one for each query, with the plan that wrote it beside it. */
final class Checkpoints {
  private final Path root;
  private final Configuration hadoop;
  private final CheckpointFileManager files;

  Checkpoints(String root, Configuration hadoop) {
    this.root = new Path(root);
    this.hadoop = hadoop;
    this.files = CheckpointFileManager.create(this.root, hadoop);
  }

  String folder(String query) {
    return new Path(root, query).toString();
  }

  /**
   * Reads what a start of a query rests on.
   *
   * @throws IllegalStateException with the file and what to do, if one is damaged
   */
  void failIfDamaged(String query) {
    CheckpointFault.failIfDamaged(new Path(folder(query)), hadoop);
  }

  /** The id of a query: the one in its checkpoint, or a new one that is written there first. */
  UUID queryId(String query) {
    return knownId(query).orElseGet(() -> newId(query));
  }

  /** The id of a query that has a checkpoint. */
  Optional<UUID> knownId(String query) {
    Option<StreamMetadata> known = StreamMetadata.read(metadata(query), hadoop);
    return known.isDefined() ? Optional.of(UUID.fromString(known.get().id())) : Optional.empty();
  }

  private UUID newId(String query) {
    UUID id = UUID.randomUUID();
    files.mkdirs(new Path(folder(query)));
    StreamMetadata.write(new StreamMetadata(id.toString()), metadata(query), hadoop);
    return id;
  }

  private Path metadata(String query) {
    return new Path(folder(query), "metadata");
  }

  /** How far a query is. */
  Progress progress(String query) {
    return new Progress(begun(query), done(query));
  }

  /** The last batch of a query that was begun; -1 for none. */
  long begun(String query) {
    return last(query, "offsets");
  }

  /** The last batch of a query that is done; -1 for none. */
  long done(String query) {
    return last(query, "commits");
  }

  private long last(String query, String log) {
    Path folder = new Path(folder(query), log);
    if (!files.exists(folder)) {
      return -1;
    }
    return Arrays.stream(files.list(folder))
        .map(file -> file.getPath().getName())
        .filter(name -> name.matches("\\d+"))
        .mapToLong(Long::parseLong)
        .max()
        .orElse(-1);
  }

  /**
   * What the batches after one and up to another hold, in words: their numbers, and offsets and
   * times as far as the checkpoint still has them.
   */
  String range(String query, long after, long to) {
    String batches = to == after + 1 ? "batch " + to : "batches %d to %d".formatted(after + 1, to);
    return batches
        + offsets(query, after)
            .map(offsets -> ", from offsets " + offsets.sources() + " of " + offsets.at())
            .orElse(after < 0 ? ", from the beginning" : "")
        + offsets(query, to)
            .map(offsets -> ", to offsets " + offsets.sources() + " of " + offsets.at())
            .orElse("");
  }

  /** Where the sources stood at the end of a batch of a query, where that is still noted. */
  Optional<String> sources(String query, long batch) {
    return offsets(query, batch).map(Offsets::sources);
  }

  /** Where the sources stood at the end of a batch, and when it was begun. */
  private record Offsets(String sources, Instant at) {}

  private Optional<Offsets> offsets(String query, long batch) {
    Path file = new Path(new Path(folder(query), "offsets"), Long.toString(batch));
    if (batch < 0 || !files.exists(file)) {
      return Optional.empty();
    }
    List<String> lines = read(file).lines().toList();
    if (lines.size() < 3) {
      return Optional.empty();
    }
    try {
      long millis = new ObjectMapper().readTree(lines.get(1)).path("batchTimestampMs").asLong();
      return Optional.of(
          new Offsets(
              String.join(" ", lines.subList(2, lines.size())), Instant.ofEpochMilli(millis)));
    } catch (JsonProcessingException damaged) {
      // Spark itself says what is wrong with the file.
      return Optional.empty();
    }
  }

  /** What is kept beside the checkpoint of a query; empty if nothing is. */
  String kept(String query) {
    Path plan = stored(query);
    return files.exists(plan) ? read(plan) : "";
  }

  /** Since when each sink of a query is there, as kept. */
  Joined joined(String query) {
    return Joined.in(kept(query));
  }

  private String read(Path file) {
    return new String(Whole.read(files, file), StandardCharsets.UTF_8);
  }

  private Path stored(String query) {
    return new Path(root, query + ".plan");
  }

  /** Keeps the plan that runs now, and since when its sinks are there, beside the checkpoint. */
  void keep(Plan.Query query, String plan, Joined joined) {
    String text = plan + joined.text();
    Whole.write(files, stored(query.name()), text.getBytes(StandardCharsets.UTF_8));
  }
}
