package io.millrace.engine.run;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.engine.spi.Chronicle;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What became of the rows of one batch of a query, or of several that follow each other. Of a step
 * or a sink there is at most one cut of a sort.
 *
 * @param from the first batch
 * @param to the last one
 * @param unbalanced how many of them did not balance
 * @param at when the last one was counted, in milliseconds
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Account(
    long from,
    long to,
    long unbalanced,
    long at,
    List<Intake> intakes,
    List<State> states,
    List<Passage> passages,
    List<Arrival> sinks) {

  public Account {
    intakes = List.copyOf(intakes);
    states = List.copyOf(states);
    passages = List.copyOf(passages);
    sinks = List.copyOf(sinks);
  }

  private static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  /** What a chronicle keeps. */
  static Account of(Chronicle.Entry entry) {
    try {
      return JSON.readValue(entry.account(), Account.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "Cannot read the account of batch %d of the query %s: %s"
              .formatted(entry.last(), entry.queryId(), entry.account()),
          e);
    }
  }

  /** As a chronicle keeps it. */
  String text() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write " + this, e);
    }
  }

  /** Whether another one says something else of the same batches. */
  boolean contradicts(Account other) {
    return from == other.from
        && to == other.to
        && !(cuts().equals(other.cuts()) && unbalanced == other.unbalanced);
  }

  /** Whether a batch is among these. */
  boolean holds(long batch) {
    return from <= batch && batch <= to;
  }

  /** Rows that came to one place, and what became of them. */
  public sealed interface Cut permits Intake, State, Passage, Arrival {
    /** The source, step or sink. */
    String name();

    /** Rows that came. */
    long all();

    /** Whether what became of them is as many. */
    boolean balanced();

    /** The numbers, as an equation. */
    String equation();
  }

  /** What a source gave, or a step that sifts was given. */
  public record Intake(String name, long read, long passed, long dead, long dropped)
      implements Cut {
    @Override
    public long all() {
      return read;
    }

    @Override
    public boolean balanced() {
      return read == passed + dead + dropped && dead >= 0;
    }

    @Override
    public String equation() {
      return text("read %,d, passed %,d + dead %,d + dropped %,d", read, passed, dead, dropped);
    }

    Intake plus(Intake more) {
      return new Intake(
          name, read + more.read, passed + more.passed, dead + more.dead, dropped + more.dropped);
    }
  }

  /**
   * What came to a step that keeps state. A row without a time is late for any window.
   *
   * @param held open windows or keys that it kept at the end of the batch, as Spark's store counts
   *     them; null where that is not known of the step alone
   * @param counted whether rows on time were counted in front of the step; else what it took is
   *     what passed and was not late
   */
  public record State(
      String name,
      long passed,
      long taken,
      long late,
      long deduplicated,
      @Nullable Long held,
      boolean counted)
      implements Cut {
    @Override
    public long all() {
      return passed;
    }

    @Override
    public boolean balanced() {
      return passed == taken + late + deduplicated && deduplicated >= 0 && taken >= 0;
    }

    @Override
    public String equation() {
      return text(
              "passed %,d, taken %,d + late %,d + deduplicated %,d",
              passed, taken, late, deduplicated)
          + (counted ? "" : ", taken not counted by itself")
          + (held == null ? "" : text(", held %,d", held));
    }

    State holding(@Nullable Long rows) {
      return new State(name, passed, taken, late, deduplicated, rows, counted);
    }

    State plus(State more) {
      return new State(
          name,
          passed + more.passed,
          taken + more.taken,
          late + more.late,
          deduplicated + more.deduplicated,
          more.held,
          counted && more.counted);
    }
  }

  /** What went into a step or a condition that changes the number of rows as it is written. */
  public record Passage(String name, long in, long out) implements Cut {
    @Override
    public long all() {
      return in;
    }

    @Override
    public boolean balanced() {
      return true;
    }

    @Override
    public String equation() {
      return text("in %,d, out %,d", in, out);
    }

    Passage plus(Passage more) {
      return new Passage(name, in + more.in, out + more.out);
    }
  }

  /** What came to a sink. */
  public record Arrival(String name, long arrived, long written, long rejected, long already)
      implements Cut {
    @Override
    public long all() {
      return arrived;
    }

    @Override
    public boolean balanced() {
      return arrived == written + rejected + already;
    }

    @Override
    public String equation() {
      return text(
          "arrived %,d, written %,d + rejected %,d + already there %,d",
          arrived, written, rejected, already);
    }

    Arrival plus(Arrival more) {
      return new Arrival(
          name,
          arrived + more.arrived,
          written + more.written,
          rejected + more.rejected,
          already + more.already);
    }
  }

  private static String text(String format, Object... numbers) {
    return String.format(Locale.ROOT, format, numbers);
  }

  /** All cuts, in the order in which rows flow. */
  public List<Cut> cuts() {
    return Stream.of(intakes, states, passages, sinks).<Cut>flatMap(List::stream).toList();
  }

  /** Those that do not balance. */
  public List<Cut> faults() {
    return cuts().stream().filter(cut -> !cut.balanced()).toList();
  }

  /** The same, as one that does not balance. */
  Account asUnbalanced() {
    return new Account(from, to, 1, at, intakes, states, passages, sinks);
  }

  /** Whether every batch balanced. */
  public boolean balanced() {
    return unbalanced == 0;
  }

  /** When the last batch was counted. */
  public Instant time() {
    return Instant.ofEpochMilli(at);
  }

  /** Rows that came behind the watermark, for all steps. */
  public long late() {
    return states.stream().mapToLong(State::late).sum();
  }

  /** Rows that were repeats of others, for all steps. */
  public long deduplicated() {
    return states.stream().mapToLong(State::deduplicated).sum();
  }

  /** What came to a sink. */
  public Optional<Arrival> sink(String name) {
    return sinks.stream().filter(sink -> sink.name().equals(name)).findFirst();
  }

  /** These batches and those that follow. */
  public Account plus(Account more) {
    return new Account(
        from,
        more.to,
        unbalanced + more.unbalanced,
        more.at,
        sum(intakes, more.intakes, Intake::plus),
        sum(states, more.states, State::plus),
        sum(passages, more.passages, Passage::plus),
        sum(sinks, more.sinks, Arrival::plus));
  }

  private static <C extends Cut> List<C> sum(List<C> some, List<C> more, BinaryOperator<C> plus) {
    List<C> all = new ArrayList<>(some);
    for (C cut : more) {
      int known = all.stream().map(Cut::name).toList().indexOf(cut.name());
      if (known < 0) {
        all.add(cut);
      } else {
        all.set(known, plus.apply(all.get(known), cut));
      }
    }
    return all;
  }
}
