package io.millrace.models;

import io.millrace.engine.spi.Failpoint;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.ml.PipelineModel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts versions in use that entries of a ledger name, and removes old ones. All that a version
 * holds is in its entry, so one that was not finished is made again under the same name, as the
 * same.
 *
 * @param spark the version of Spark
 */
record LearnReleases(
    LearnSink.Settings settings, ModelStore store, LearnLedger ledger, String spark) {
  private static final Logger LOG = LoggerFactory.getLogger(LearnReleases.class);

  /** Sees to it that the version of an entry, if it has one, has been put in use once. */
  void publish(LearnLedger.Tip tip) {
    Learned learned = tip.learned().orElse(null);
    if (learned == null || learned.release() == null || ledger.published(tip)) {
      return;
    }
    Learned.Release release = learned.release();
    StoredModel stored = stored(learned, release);
    Failpoint.FILE_MOVED.reached(ledger.who().sink());
    if (!store.inUse().contains(release.version())) {
      store.point(stored);
    }
    List<String> versions = learned.versions();
    int old = Math.max(0, versions.size() - settings.keep());
    store.remove(Set.copyOf(versions.subList(0, old)));
    ledger.publish(tip);
    LOG.info(
        "Sink {} put version {} of {} in use: {}",
        ledger.who().sink(),
        release.version(),
        settings.model(),
        release.metrics());
  }

  private StoredModel stored(Learned learned, Learned.Release release) {
    String version = release.version();
    if (store.complete(version)) {
      return store.version(version);
    }
    store.remove(Set.of(version));
    PipelineModel model = LearnBatch.model(settings, learned);
    Map<String, byte[]> extras =
        Map.of(
            GoldenRows.NAME, release.golden().getBytes(StandardCharsets.UTF_8),
            Profile.FILE, release.profile().getBytes(StandardCharsets.UTF_8));
    return store.write(
        version, model, extras, (name, files) -> manifest(learned, release, model, files));
  }

  private Manifest manifest(
      Learned learned, Learned.Release release, PipelineModel model, Map<String, String> files) {
    return new Manifest(
        Manifest.FORMAT,
        ledger.who().sink(),
        release.version(),
        release.created(),
        spark,
        release.data(),
        settings.task(),
        settings.label().orElse(null),
        release.inputs(),
        release.outputs(),
        Arrays.stream(model.stages()).map(stage -> stage.getClass().getName()).toList(),
        learned.rows(),
        release.window().errors().rows(),
        release.window().unfit(),
        release.metrics(),
        files,
        null);
  }
}
