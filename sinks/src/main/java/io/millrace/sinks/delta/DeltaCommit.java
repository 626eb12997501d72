package io.millrace.sinks.delta;

import io.millrace.engine.spi.Batch;
import io.millrace.engine.spi.Mode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.delta.DeltaConfigs;
import org.apache.spark.sql.delta.DeltaOperations;
import org.apache.spark.sql.delta.DeltaOptions;
import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.commands.DMLUtils;
import org.apache.spark.sql.delta.commands.WriteIntoDelta;
import org.apache.spark.sql.internal.SQLConf;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/** One batch as one commit, fenced by the application's name and the batch's number. */
final class DeltaCommit {
  private DeltaCommit() {}

  static void run(DeltaTarget target, Batch batch)
      throws NoSuchNamespaceException, NoSuchTableException {
    DeltaSettings settings = target.settings();
    Fit.Fitted fitted =
        Fit.of(target, batch.rows(), Changes.written(settings, batch.rows().schema()));
    Dataset<Row> rows = fitted.rows().select(Changes.columns(fitted.written()));
    boolean replaces = settings.replace() == DeltaSettings.Replace.PARTITIONS;
    if (target.allowed() && (replaces || settings.table().isPresent())) {
      target.create(rows.schema());
    }
    if (replaces && target.snapshot().orElseThrow().metadata().partitionColumns().isEmpty()) {
      throw new IllegalArgumentException(
          "Needs partitions to replace: the Delta table %s has none. Write to a new table with partition-by"
              .formatted(settings.target()));
    }
    commit(target, batch, rows);
  }

  /** Delta's own write, in a transaction that does not read the whole log for each batch. */
  private static void commit(DeltaTarget target, Batch batch, Dataset<Row> rows)
      throws NoSuchNamespaceException, NoSuchTableException {
    DeltaSettings settings = target.settings();
    Map<String, String> given = options(settings, batch);
    DeltaOptions options = new DeltaOptions(immutable(given), SQLConf.get());
    Option<CatalogTable> table = target.inCatalog();
    WriteIntoDelta write =
        new WriteIntoDelta(
            target.place(),
            mode(settings, batch),
            options,
            CollectionConverters.asScala(settings.partitionBy()).toSeq(),
            DeltaConfigs.validateConfigurations(immutable(properties(given))),
            rows,
            table,
            Option.empty(),
            false);
    Option<?> unused =
        write
            .deltaLog()
            .withNewTransaction(
                table, Option.empty(), transaction -> commit(write, transaction, target, batch));
  }

  private static Option<?> commit(
      WriteIntoDelta write, OptimisticTransaction transaction, DeltaTarget target, Batch batch) {
    // A commit under the same name that comes in between makes this one fail.
    transaction.readTxn().addOne(DeltaLedger.application(batch.who()));
    if (DeltaLedger.has(transaction.snapshot(), batch)) {
      return Option.empty();
    }
    DMLUtils.TaggedCommitData<Action> data =
        write.writeAndReturnCommitData(transaction, target.spark(), Option.empty(), false);
    return transaction.commitIfNeeded(data.actions(), operation(write), data.stringTags());
  }

  /** What the history of the table says of the commit. */
  private static DeltaOperations.Operation operation(WriteIntoDelta write) {
    DeltaOptions options = write.options();
    return new DeltaOperations.Write(
        write.mode(),
        Option.apply(write.partitionColumns()),
        options.replaceWhere(),
        options.userMetadata(),
        flag(options.isDynamicPartitionOverwriteMode()),
        flag(options.canOverwriteSchema()),
        flag(options.canMergeSchema()),
        Option.empty(),
        Option.empty());
  }

  private static Option<Object> flag(boolean set) {
    return set ? Option.apply(true) : Option.empty();
  }

  private static SaveMode mode(DeltaSettings settings, Batch batch) {
    boolean replaces =
        batch.how().mode() == Mode.COMPLETE
            || settings.replace() == DeltaSettings.Replace.PARTITIONS;
    return replaces ? SaveMode.Overwrite : SaveMode.Append;
  }

  private static Map<String, String> options(DeltaSettings settings, Batch batch) {
    Map<String, String> options = new LinkedHashMap<>(settings.options());
    options.put("txnAppId", DeltaLedger.application(batch.who()));
    options.put("txnVersion", Long.toString(batch.id()));
    options.put("userMetadata", DeltaMark.metadata(batch));
    if (settings.schema() == DeltaSettings.Schema.ADD_COLUMNS) {
      options.put("mergeSchema", "true"); // columns within a column
    }
    if (settings.replace() == DeltaSettings.Replace.PARTITIONS) {
      options.put("partitionOverwriteMode", "dynamic");
    }
    return options;
  }

  /** Those options that are properties of a table that is created. */
  private static Map<String, String> properties(Map<String, String> options) {
    Map<String, String> properties = new LinkedHashMap<>(options);
    properties.keySet().removeIf(name -> !name.startsWith("delta."));
    return properties;
  }

  private static scala.collection.immutable.Map<String, String> immutable(Map<String, String> map) {
    return scala.collection.immutable.Map.from(CollectionConverters.asScala(map));
  }
}
