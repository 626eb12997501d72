package io.millrace.engine.plan;

import io.millrace.engine.plan.AnalysisPlaces.Part;
import io.millrace.engine.plan.AnalysisPlaces.Place;
import io.millrace.engine.spec.Findings;
import io.millrace.engine.spi.TextFault;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.QueryContext;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.trees.SQLQueryContext;

/** Turns what goes wrong into findings at the place of the file that is to blame. */
record AnalysisReport(AnalysisPlaces places, Findings findings) {

  /** A part of the job. */
  record Subject(Part part, String name) {}

  void add(Subject subject, String sentence) {
    add(places.of(subject.part(), subject.name()), sentence);
  }

  void add(Subject subject, String setting, String sentence) {
    add(places.inSetting(subject.part(), subject.name(), setting, 1, 1), sentence);
  }

  /** A fault of the settings of a part. */
  void add(Subject subject, IllegalArgumentException fault) {
    String sentence = String.valueOf(fault.getMessage());
    if (fault instanceof TextFault text) {
      add(
          places.inSetting(
              subject.part(), subject.name(), text.setting(), text.line(), text.column()),
          sentence);
    } else {
      add(subject, sentence);
    }
  }

  /** Something that Spark says about the plan of a part. */
  void add(Subject subject, Exception fault) {
    add(subject, fault, Optional.empty());
  }

  /**
   * Something that Spark says about the plan of a part.
   *
   * @param named a place to fall back on where Spark gives none
   */
  void add(Subject subject, Exception fault, Optional<QueryContext> named) {
    QueryContext[] contexts =
        fault instanceof SparkThrowable spark ? spark.getQueryContext() : new QueryContext[0];
    Optional<Place> exact =
        Stream.concat(Arrays.stream(contexts), named.stream())
            .flatMap(context -> text(subject, context).stream())
            .findFirst()
            .or(() -> parsed(subject, fault));
    add(
        exact.orElseGet(() -> places.of(subject.part(), subject.name())),
        AnalysisSentence.of(fault));
  }

  /** A fault at a column or function of an SQL text. */
  void add(Subject subject, Optional<QueryContext> where, String sentence) {
    add(
        where
            .flatMap(context -> text(subject, context))
            .orElseGet(() -> places.of(subject.part(), subject.name())),
        sentence);
  }

  private Optional<Place> parsed(Subject subject, Exception fault) {
    if (!(fault instanceof ParseException parse)
        || parse.command().isEmpty()
        || parse.line().isEmpty()
        || parse.startPosition().isEmpty()) {
      return Optional.empty();
    }
    int line = (Integer) parse.line().get();
    int column = (Integer) parse.startPosition().get() + 1;
    return Optional.of(
        places.inText(subject.part(), subject.name(), parse.command().get(), line, column));
  }

  private Optional<Place> text(Subject subject, QueryContext context) {
    if (!(context instanceof SQLQueryContext sql)
        || sql.sqlText().isEmpty()
        || sql.line().isEmpty()
        || sql.startPosition().isEmpty()) {
      return Optional.empty();
    }
    int line = (Integer) sql.line().get();
    int column = (Integer) sql.startPosition().get() + 1;
    return Optional.of(
        places.inText(subject.part(), subject.name(), sql.sqlText().get(), line, column));
  }

  private void add(Place place, String sentence) {
    findings.add(place.at(), place.path(), sentence);
  }
}
