package io.millrace.jobs.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.engine.testing.LocalPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CrashesTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path folder;

  /** A job that hangs. */
  static final class Hangs {
    public static void main(String[] arguments) throws InterruptedException {
      System.out.println("begun");
      new CountDownLatch(1).await();
    }
  }

  private Crashes crashes(LocalPostgres database, Duration patience, String... command)
      throws SQLException {
    return new Crashes(
        List.of(command),
        Map.of("FOLDER", folder.toString()),
        folder.resolve("job.log"),
        new Crashes.Watched("job", "query", folder, "sink"),
        database.connection(),
        patience);
  }

  @Test
  void aJobThatStandsStillTellsWhatItsThreadsAreAt() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    LocalPostgres database = LocalPostgres.shared().createDatabase("crashes_hang");

    try (Crashes crashes =
        crashes(
            database,
            Duration.ofSeconds(3),
            java,
            "-cp",
            System.getProperty("java.class.path"),
            Hangs.class.getName())) {
      assertThatThrownBy(() -> crashes.kill(Crashes.Moment.IN_A_BATCH))
          .hasMessageContainingAll(
              "The job did not get on for 3 s. Query query has begun batch -1, Spark has noted -1,"
                  + " the ledger -1.",
              "begun",
              "CrashesTest$Hangs.main");
    }
  }

  @Test
  void aJobThatEndsTellsWhatItSaid() throws Exception {
    LocalPostgres database = LocalPostgres.shared().createDatabase("crashes_end");

    try (Crashes crashes =
        crashes(database, Duration.ofMinutes(1), "sh", "-c", "echo No such topic; exit 2")) {
      assertThatThrownBy(() -> crashes.kill(Crashes.Moment.IN_A_BATCH))
          .hasMessage("The job ended by itself. It said: No such topic");
    }
  }

  @Test
  void aSlowJobIsAwaitedForAsLongAsItGetsOn() throws Exception {
    LocalPostgres database = LocalPostgres.shared().createDatabase("crashes_slow");
    database.execute("create table millrace_ledger (job text, sink text, last_batch bigint)");
    database.execute("insert into millrace_ledger values ('job', 'sink', 4)");
    Files.createDirectories(folder.resolve("offsets"));
    Files.createDirectories(folder.resolve("commits"));
    String slow =
        "cd $FOLDER; for i in 0 1 2 3 4; do touch commits/$i; touch offsets/$i; sleep 1; done;"
            + " touch offsets/5; exec sleep 600";

    try (Crashes crashes = crashes(database, Duration.ofSeconds(3), "sh", "-c", slow)) {
      assertThat(crashes.kill(Crashes.Moment.IN_A_BATCH))
          .isEqualTo(new Crashes.Kill(Crashes.Moment.IN_A_BATCH, "query", 5, 4, 4));
    }
  }
}
