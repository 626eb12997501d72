package io.millrace.engine.plan;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry$;
import org.apache.spark.sql.catalyst.analysis.RelationCache$;
import org.apache.spark.sql.catalyst.analysis.ResolveEventTimeWatermark$;
import org.apache.spark.sql.catalyst.analysis.TableFunctionRegistry$;
import org.apache.spark.sql.catalyst.catalog.CatalogDatabase;
import org.apache.spark.sql.catalyst.catalog.InMemoryCatalog;
import org.apache.spark.sql.catalyst.catalog.SessionCatalog;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.connector.catalog.CatalogManager;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.internal.SQLConf$;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Spark's analyzer with its own functions and no tables, without a session. */
final class AnalysisCatalyst {
  private final SQLConf settings;
  private final Resolution resolution;

  AnalysisCatalyst(SQLConf settings) {
    this.settings = settings;
    this.resolution =
        inside(() -> new Resolution(new CatalogManager(new AnalysisCatalog(), new NoTables())));
  }

  /** Does something under the settings of the job. */
  <T> T inside(Supplier<T> work) {
    return SQLConf$.MODULE$.withExistingConf(settings, work::get);
  }

  /** The plan with everything resolved, not yet checked. */
  LogicalPlan resolve(LogicalPlan plan) {
    return resolution.execute(plan);
  }

  /** Throws what Spark says about a plan that is not sound; else marks it as analysed. */
  void check(LogicalPlan plan) {
    resolution.checkAnalysis(plan);
  }

  /**
   * Does something that may end with a complaint of Spark's about the plan, and gives that back.
   * Spark's complaints are checked exceptions that its methods do not declare.
   */
  static Optional<Exception> fault(Runnable work) {
    try {
      work.run();
      return Optional.empty();
    } catch (Exception fault) {
      if (fault instanceof SparkThrowable) {
        return Optional.of(fault);
      }
      throw fault;
    }
  }

  /** Does something that Spark may complain about. */
  static <T> Optional<T> attempt(Supplier<T> work, Consumer<Exception> complaint) {
    try {
      return Optional.of(work.get());
    } catch (Exception fault) {
      if (fault instanceof SparkThrowable) {
        complaint.accept(fault);
        return Optional.empty();
      }
      throw fault;
    }
  }

  private static final class Resolution extends org.apache.spark.sql.catalyst.analysis.Analyzer {
    private Resolution(CatalogManager catalogs) {
      super(catalogs, RelationCache$.MODULE$.empty());
    }

    @Override
    public Seq<Rule<LogicalPlan>> extendedResolutionRules() {
      List<Rule<LogicalPlan>> rules = List.of(ResolveEventTimeWatermark$.MODULE$);
      return CollectionConverters.asScala(rules).toSeq();
    }
  }

  /** A catalog that creates no folder for its default database. */
  private static final class NoTables extends SessionCatalog {
    private NoTables() {
      super(
          new InMemoryCatalog(new SparkConf(false), new Configuration(false)),
          FunctionRegistry$.MODULE$.builtin(),
          TableFunctionRegistry$.MODULE$.builtin());
    }

    @Override
    public void createDatabase(CatalogDatabase database, boolean ignoreIfExists) {}
  }
}
