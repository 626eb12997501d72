package io.millrace.models;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProfileTest {
  @Test
  void comesBackAsItWasWritten() {
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("phone", 7L);
    counts.put("\"odd\"\n", 7L);
    counts.put("desktop", 2L);
    Profile profile =
        new Profile(
            1,
            List.of(
                new Profile.Numbers(
                    "hour", 10, 1, List.of(0.1, 23.0), List.of(3L, 4L, 2L), 1.0 / 3, 0.5)),
            List.of(new Profile.Categories("device", 1, counts, 3)),
            List.of(new Profile.Numbers("probability[1]", 2, 0, List.of(), List.of(2L), 0.5, 0.0)));

    Profile read = Profile.of(profile.json(), "profile.json");

    assertThat(read).isEqualTo(profile);
    assertThat(read.categories().get(0).counts().keySet())
        .containsExactly("phone", "\"odd\"\n", "desktop");
  }

  @Test
  void refusesWhatIsNoProfile() {
    refuses("{", "Cannot read a/profile.json: it is no profile. Train the model again");
    refuses(
        "{\"format\": 1}", "Cannot read a/profile.json: it is no profile. Train the model again");
    refuses(
        "{\"format\": 9, \"numbers\": [], \"categories\": [], \"scores\": []}",
        "Cannot read a/profile.json: expected format 1, found 9. Use the version of Millrace that"
            + " wrote it, or train the model again");
    assertThatThrownBy(() -> new Profile.Numbers("hour", 1, 0, List.of(1.0), List.of(1L), 0.0, 0.0))
        .hasMessage(
            "Expected one count more than edges of the column hour, found 1 counts and 1 edges");
  }

  private static void refuses(String json, String message) {
    assertThatThrownBy(() -> Profile.of(json.getBytes(UTF_8), "a/profile.json"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
