package io.millrace.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.testing.Folders;
import io.millrace.engine.testing.Sessions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class StorageTest {
  private final Path home = Folders.temporary("storage");

  /** A folder of this machine, and one that only Hadoop knows. */
  private List<Storage> storages() {
    MemoryFiles.register(Sessions.spark().sparkContext().hadoopConfiguration());
    return List.of(Storage.of(home.toString()), Storage.of("memory://files/storage-test"));
  }

  @Test
  void createsAFileOnceAndRemovesIt() throws IOException {
    for (Storage storage : storages()) {
      Storage folder = storage.below("some/folder");
      assertThat(folder.names()).isEmpty();
      assertThat(folder.create("b", bytes("first"))).isTrue();
      assertThat(folder.create("b", bytes("second"))).isFalse();
      assertThat(folder.create("a", bytes("other"))).isTrue();

      assertThat(folder.names()).containsExactly("a", "b");
      assertThat(folder.read("b", 100)).isEqualTo(bytes("first"));
      assertThat(storage.below("some").names()).isEmpty();

      folder.remove("a");
      folder.remove("a");
      assertThat(folder.names()).containsExactly("b");
      storage.remove("some");
      assertThat(storage.folders()).isEmpty();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void knowsWhereOneOfTwoThatCreateAFileIsTold() {
    assertThat(storages()).extracting(Storage::sure).containsExactly(true, false);
    assertThat(Storage.of("hdfs://name-node/models").sure()).isTrue();
  }
}
