package io.millrace.engine.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real schema registry, Apicurio's with Confluent's API, in a JVM of its own that keeps its
 * schemas in memory. Whoever asks it logs in as {@link #USER}, with or without TLS; its certificate
 * is for the host {@code localhost}.
 */
public final class LocalRegistry implements AutoCloseable {
  public static final String USER = "app";
  public static final String PASSWORD = "change-me";

  private static final String API = "/apis/ccompat/v7";
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Path folder;
  private final Certificates authority;
  private final int port;
  private final int secure;
  private final Process process;

  private LocalRegistry(Path folder) {
    this.folder = folder;
    this.authority = Certificates.authority(folder, "registry-authority", PASSWORD);
    Path store = authority.signed("registry", "localhost", "-1d");
    try (ServerSocket plain = free();
        ServerSocket other = free()) {
      this.port = plain.getLocalPort();
      this.secure = other.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot find a free port", e);
    }
    try {
      this.process =
          new ProcessBuilder(command(store))
              .redirectErrorStream(true)
              .redirectOutput(log().toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start the schema registry", e);
    }
  }

  /** The registry of this JVM, started at first use. */
  public static LocalRegistry shared() {
    return Shared.REGISTRY;
  }

  /** Where it answers without TLS. */
  public String url() {
    return "http://localhost:" + port + API;
  }

  /** The same through a relay that leads to {@link #port()}. */
  public String url(Relay relay) {
    return "http://localhost:" + relay.port() + API;
  }

  public int port() {
    return port;
  }

  /** Where it answers by TLS, at a host of one's own choice. */
  public String secureUrl(String host) {
    return "https://" + host + ":" + secure + API;
  }

  /** The certificate of who signed its own, as PEM. */
  public Path trusted() {
    return Path.of(authority.pem());
  }

  /** A store with a key for {@code localhost} whose certificate does not hold any more. */
  public Path expired() {
    return authority.signed("registry-expired", "localhost", "-20d");
  }

  /** A file with the password, for a secret by reference. */
  public Path password() {
    try {
      return Files.writeString(folder.resolve("password"), PASSWORD);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The id of a schema that a subject has from now on. */
  public int register(String subject, String schema) {
    String body = JSON.createObjectNode().put("schema", schema).toString();
    return ask("POST", "/subjects/" + subject + "/versions", body).path("id").asInt();
  }

  /** Which changes a subject takes from now on, such as BACKWARD. */
  public void requires(String subject, String compatibility) {
    String body = JSON.createObjectNode().put("compatibility", compatibility).toString();
    JsonNode unused = ask("PUT", "/config/" + subject, body);
  }

  /** The newest schema of a subject. */
  public String newest(String subject) {
    return ask("GET", "/subjects/" + subject + "/versions/latest", "").path("schema").asText();
  }

  private JsonNode ask(String method, String path, String body) {
    String login =
        Base64.getEncoder()
            .encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + path))
            .header("Authorization", "Basic " + login)
            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(
            "The registry answers " + answer.statusCode() + ": " + answer.body());
      }
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot ask the schema registry", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while asking the schema registry", e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  private static ServerSocket free() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  private Path log() {
    return folder.resolve("registry.log");
  }

  private List<String> command(Path store) {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    Stream.of(
            "http.host=127.0.0.1",
            "http.port=" + port,
            "http.ssl-port=" + secure,
            "http.ssl.certificate.key-store-file=" + store,
            "http.ssl.certificate.key-store-password=" + PASSWORD,
            "http.auth.basic=true",
            "http.auth.permission.all.paths=/apis/*",
            "http.auth.permission.all.policy=authenticated",
            "http.access-log.enabled=false",
            "security.users.embedded.plain-text=true",
            "security.users.embedded.users." + USER + "=" + PASSWORD,
            "security.users.embedded.roles." + USER + "=sr-admin",
            "log.category.\"io.apicurio\".level=WARN")
        .forEach(setting -> words.add("-Dquarkus." + setting));
    Path runner = runner();
    words.addAll(List.of("-cp", runner + java.io.File.pathSeparator + ownClasses()));
    words.addAll(List.of(RegistryProcess.class.getName(), "io.quarkus.runner.GeneratedMain"));
    return words;
  }

  private static Path runner() {
    Path laid = Path.of("spark-submit", "registry", "target", "registry");
    Path here = Path.of("").toAbsolutePath();
    for (Optional<Path> at = Optional.of(here); at.isPresent(); at = parent(at.get())) {
      Path found = at.get().resolve(laid);
      if (Files.isDirectory(found)) {
        try (Stream<Path> files = Files.list(found)) {
          return files
              .filter(file -> file.getFileName().toString().endsWith("-runner.jar"))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("There is no runner in " + found));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    throw new IllegalStateException(
        "Missing the schema registry in "
            + laid
            + " above "
            + here
            + ". Run: mvn -q -pl spark-submit/registry process-resources");
  }

  private static Optional<Path> parent(Path folder) {
    return Optional.ofNullable(folder.getParent());
  }

  private static String ownClasses() {
    return Path.of(
            URI.create(
                RegistryProcess.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toString()))
        .toString();
  }

  private LocalRegistry awaitReady() {
    URI health = URI.create("http://localhost:" + port + "/health/ready");
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!answers(health)) {
      if (!process.isAlive() || System.nanoTime() > end) {
        close();
        throw new IllegalStateException("Cannot start the schema registry. Its log:\n" + tail());
      }
    }
    return this;
  }

  private boolean answers(URI health) {
    try {
      TimeUnit.MILLISECONDS.sleep(50);
      return client
              .send(HttpRequest.newBuilder(health).build(), HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for the schema registry", e);
    }
  }

  private String tail() {
    try {
      List<String> lines = Files.readAllLines(log());
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    } catch (IOException e) {
      return "Cannot read it: " + e;
    }
  }

  private static final class Shared {
    private static final LocalRegistry REGISTRY =
        new LocalRegistry(Folders.temporary("registry")).awaitReady();
  }
}
