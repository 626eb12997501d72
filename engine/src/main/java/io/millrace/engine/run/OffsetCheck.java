package io.millrace.engine.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.engine.plan.Plan;
import io.millrace.engine.spi.Identity;
import io.millrace.engine.spi.OffsetLedger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Holds the checkpoint of a query in real time against the offsets that its sinks remember. A sink
 * that is ahead leaves out what it has; one that is behind would miss rows.
 */
final class OffsetCheck {
  private final Plan plan;
  private final Checkpoints checkpoints;

  OffsetCheck(Plan plan, Checkpoints checkpoints) {
    this.plan = plan;
    this.checkpoints = checkpoints;
  }

  /** Why the query may not start; empty if it may. */
  List<String> refusals(Plan.Query query, UUID id) {
    List<String> refusals = new ArrayList<>();
    Plan real = plan.inRealTime(query);
    for (String name : query.outputs()) {
      Plan.Output output = real.output(name);
      if (output.sink() instanceof OffsetLedger ledger) {
        Identity who = new Identities(real, query, id).of(output);
        refusal(query, id, name, Sinks.named(name, () -> ledger.offsets(who)))
            .ifPresent(refusals::add);
      }
    }
    return refusals;
  }

  private Optional<String> refusal(
      Plan.Query query, UUID id, String sink, Optional<OffsetLedger.Offsets> held) {
    String folder = checkpoints.folder(query.name());
    long done = checkpoints.done(query.name());
    Map<String, Long> read = done < 0 ? Map.of() : read(query.name(), done);
    if (held.isEmpty()) {
      return done < 0
          ? Optional.empty()
          : Optional.of(
              "Cannot start query '%s': sink '%s' knows no offsets of this job, but the checkpoint %s has read up to %s. Put the sink's tables back; or, if it was written in batches before, name another checkpoint"
                  .formatted(query.name(), sink, folder, read));
    }
    Map<String, Long> there = flat(held.get().next());
    if (!held.get().queryId().equals(id) && !there.isEmpty()) {
      return Optional.of(
          "Cannot start query '%s': sink '%s' has rows up to %s of another checkpoint (query id %s, that of %s is %s). Put the old checkpoint back"
              .formatted(query.name(), sink, there, held.get().queryId(), folder, id));
    }
    Map<String, Long> missing = new LinkedHashMap<>();
    read.forEach(
        (partition, offset) -> {
          if (there.getOrDefault(partition, -1L) < offset) {
            missing.put(partition, offset);
          }
        });
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Cannot start query '%s': sink '%s' went back in time. It has rows up to %s, the checkpoint %s has read up to %s. Put its newer state back"
                .formatted(query.name(), sink, there, folder, missing));
  }

  private static Map<String, Long> flat(Map<String, Map<Integer, Long>> next) {
    Map<String, Long> flat = new LinkedHashMap<>();
    next.forEach(
        (topic, partitions) ->
            partitions.forEach((partition, offset) -> flat.put(topic + "-" + partition, offset)));
    return flat;
  }

  /** Where the sources of a query stood at the end of a batch. */
  private Map<String, Long> read(String query, long batch) {
    Map<String, Long> read = new LinkedHashMap<>();
    String sources = checkpoints.sources(query, batch).orElse("");
    try (MappingIterator<JsonNode> each =
        new ObjectMapper().readerFor(JsonNode.class).readValues(sources)) {
      while (each.hasNext()) {
        for (Map.Entry<String, JsonNode> topic : each.next().properties()) {
          for (Map.Entry<String, JsonNode> partition : topic.getValue().properties()) {
            read.put(topic.getKey() + "-" + partition.getKey(), partition.getValue().asLong());
          }
        }
      }
      return read;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "Cannot read the offsets of batch " + batch + " in the checkpoint: " + sources, e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
