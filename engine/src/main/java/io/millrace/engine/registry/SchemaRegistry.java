package io.millrace.engine.registry;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Secret;
import io.millrace.engine.spi.Shorthand;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** How a registry of schemas is reached that speaks Confluent's API. */
public record SchemaRegistry(
    @Doc(
            "Where it answers, such as https://registry:8081, with the path of Confluent's API"
                + " where it has one, such as /apis/ccompat/v7; several with commas between them.")
        @Shorthand
        String url,
    @Doc("The user that logs in.") Optional<String> user,
    @Doc("The password of the user.") Optional<Secret> password,
    @Doc("In place of user and password: the token that it is shown.") Optional<Secret> token,
    @Doc("A file of trusted certificates: .pem, .jks or .p12. The JVM's own if left out.")
        Optional<String> truststore,
    @Doc("The password of the truststore.") Optional<Secret> truststorePassword,
    @Doc("For how long it is asked again while it is away.") @Default("10s") Duration patience) {

  public SchemaRegistry {
    if (places(url).isEmpty()) {
      throw new IllegalArgumentException(
          "Missing url. Name where the registry answers, such as http://localhost:8081");
    }
    places(url).forEach(SchemaRegistry::requireAddress);
    if (user.isPresent() != password.isPresent()) {
      throw new IllegalArgumentException(
          user.isPresent()
              ? "Missing password. Give it by reference, such as ${file:/run/secrets/registry}"
              : "Missing user. Name whose password it is");
    }
    if (user.isPresent() && token.isPresent()) {
      throw new IllegalArgumentException("Cannot take both user and token. Use one of them");
    }
    if (truststore.isPresent() && places(url).stream().anyMatch(each -> !encrypted(each))) {
      throw new IllegalArgumentException(
          "Cannot use a truststore without TLS. Write a url that begins with https://");
    }
    if (patience.isNegative()) {
      throw new IllegalArgumentException("Expected a patience of 0s or more, found " + patience);
    }
  }

  /** Where it is asked, the first place first. */
  List<String> places() {
    return places(url);
  }

  private static List<String> places(String url) {
    return Arrays.stream(url.split(",", -1))
        .map(each -> each.strip().replaceFirst("/+$", ""))
        .filter(each -> !each.isEmpty())
        .toList();
  }

  private static void requireAddress(String place) {
    try {
      URI address = new URI(place);
      if (address.getUserInfo() != null) {
        throw new IllegalArgumentException(
            "Cannot take a login within url. Use user, and password by reference");
      }
      boolean speaksHttp = encrypted(place) || place.startsWith("http://");
      if (!speaksHttp || address.getHost() == null) {
        throw new IllegalArgumentException(
            "Expected a url such as http://localhost:8081, found " + place);
      }
      if (address.getQuery() != null || address.getFragment() != null) {
        throw new IllegalArgumentException(
            "Cannot take a query in url, found " + place + ". Leave out what follows the path");
      }
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "Expected a url such as http://localhost:8081, found " + place, e);
    }
  }

  private static boolean encrypted(String place) {
    return place.startsWith("https://");
  }
}
