package io.millrace.sinks.http;

import io.millrace.engine.spi.Default;
import io.millrace.engine.spi.Doc;
import io.millrace.engine.spi.Durations;
import io.millrace.engine.spi.Packed;
import io.millrace.engine.spi.Secret;
import io.millrace.engine.spi.Size;
import java.io.Serializable;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which endpoint gets the rows, in which form, and how patiently. */
public record HttpSettings(
    @Doc("The address that gets the rows: http:// or https://, without a login.") String url,
    @Doc("The method of the requests.") @Default("post") Method method,
    @Doc(
            "What a request holds: a JSON array of rows; lines, a JSON object on each; or one row,"
                + " a JSON object. Columns that are null are left out, times are in ISO 8601.")
        @Default("array")
        Body body,
    @Doc("How many rows a request holds at most, where it holds more than one.") @Default("500")
        int rows,
    @Doc("How long the body of a request may grow; one row alone may be longer.") @Default("1MB")
        Size bytes,
    @Doc("The columns that are sent. All if left out.") List<String> columns,
    @Doc(
            "The columns that tell a row from any other of its batch, for the idempotency key:"
                + " without them, two rows that are equal in all that is sent have the same one"
                + " where each is a request of its own.")
        List<String> id,
    @Doc("Headers of each request.") Map<String, String> headers,
    @Doc("Headers whose values are secrets, such as Authorization or X-Api-Key.")
        Map<String, Secret> secretHeaders,
    @Doc("A token, sent as Authorization: Bearer.") Optional<Secret> token,
    @Doc(
            "A .pem, .jks or .p12 of trusted certificates, on each machine that has tasks; those of"
                + " Java if left out. The endpoint's certificate has to name the host of url.")
        Optional<String> truststore,
    @Doc("The password of the truststore.") Optional<Secret> truststorePassword,
    @Doc(
            "A .jks or .p12 with the key and certificate by which this client logs in, for mutual"
                + " TLS.")
        Optional<String> keystore,
    @Doc("The password of the keystore and of its key.") Optional<Secret> keystorePassword,
    @Doc("How long to wait until a connection is made.") @Default("10s") Duration connectTimeout,
    @Doc("How long to wait for an answer.") @Default("30s") Duration timeout,
    @Doc(
            "For how long a request is tried again that was answered by 408, 425, 429 or 5xx, or"
                + " not at all: ever less often, and not before the answer's Retry-After; then the"
                + " job stops. 0s stops at once.")
        @Default("5m")
        Duration retry,
    @Doc(
            "How many requests may start in a second, in each JVM that has tasks: with a local"
                + " master those of the job. No limit if left out.")
        Optional<Double> requestsPerSecond,
    @Doc(
            "How many requests of a task may be under way at once. With 1 rows arrive in their"
                + " order; with more they may overtake each other.")
        @Default("4")
        int inFlight)
    implements Serializable {
  static final String KEY = "Idempotency-Key";

  private static final Set<String> OURS =
      Set.of(
          "connection",
          "content-length",
          "content-type",
          "expect",
          "host",
          "idempotency-key",
          "transfer-encoding",
          "upgrade");

  /** How a request is made. */
  public enum Method {
    POST,
    PUT
  }

  /** What a request holds. */
  public enum Body {
    ARRAY,
    LINES,
    ROW
  }

  /** Checks what can be checked without the endpoint. */
  public HttpSettings {
    columns = List.copyOf(columns);
    id = List.copyOf(id);
    headers = Map.copyOf(headers);
    secretHeaders = Map.copyOf(secretHeaders);
    address(url);
    if ((truststore.isPresent() || keystore.isPresent())
        && !url.toLowerCase(Locale.ROOT).startsWith("https:")) {
      throw new IllegalArgumentException(
          "Cannot use a truststore or keystore without TLS. Write https:// in url");
    }
    once("columns", columns);
    once("id", id);
    atLeastOne("rows", rows);
    atLeastOne("in-flight", inFlight);
    atLeastOne("bytes", bytes.bytes());
    for (Map.Entry<String, String> header : headers.entrySet()) {
      checkName(header.getKey());
      checkPlain(header.getKey(), header.getValue());
    }
    secretHeaders.keySet().forEach(HttpSettings::checkName);
    if (token.isPresent()
        && secretHeaders.keySet().stream().anyMatch("authorization"::equalsIgnoreCase)) {
      throw new IllegalArgumentException(
          "Cannot send a token and the header Authorization at once. Leave one of them out");
    }
    positive("connect-timeout", connectTimeout);
    positive("timeout", timeout);
    if (requestsPerSecond.filter(rate -> rate < 0.001 || rate > 1_000_000).isPresent()) {
      throw new IllegalArgumentException(
          "Expected requests-per-second from 0.001 to 1000000, found " + requestsPerSecond.get());
    }
  }

  private static URI address(String url) {
    String shown = url.replaceFirst("[?#].*", "").replaceFirst("//[^/]*@", "//");
    try {
      URI uri = new URI(url);
      if (uri.getRawUserInfo() != null) {
        throw new IllegalArgumentException(
            "Cannot take a login in the URL %s. Use token or secret-headers".formatted(shown));
      }
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      if (!Set.of("http", "https").contains(scheme)
          || uri.getHost() == null
          || uri.getRawFragment() != null) {
        throw new IllegalArgumentException(
            "Expected a URL such as https://host/path, found " + shown);
      }
      return uri;
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "Expected a URL such as https://host/path, found %s: %s".formatted(shown, e.getReason()),
          e);
    }
  }

  private static void once(String setting, List<String> names) {
    if (new HashSet<>(names).size() < names.size()) {
      throw new IllegalArgumentException("Cannot use a column twice in " + setting + ": " + names);
    }
  }

  private static void atLeastOne(String setting, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "Expected %s of 1 or more, found %d".formatted(setting, value));
    }
  }

  private static void positive(String setting, Duration value) {
    if (value.toMillis() < 1) {
      throw new IllegalArgumentException(
          "Expected a %s of 1ms or more, found %s".formatted(setting, Durations.text(value)));
    }
  }

  private static void checkName(String name) {
    if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+")) {
      throw new IllegalArgumentException(
          "Expected a name of letters, digits and dashes for a header, found '%s'".formatted(name));
    }
    if (OURS.contains(name.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException(
          "Cannot set the header %s: the toolkit sets it. Leave it out".formatted(name));
    }
  }

  private static void checkPlain(String name, String value) {
    if (Set.of("authorization", "proxy-authorization", "cookie")
        .contains(name.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException(
          "Cannot take a secret in headers. Use token, or secret-headers: {%s: \"${NAME}\"}"
              .formatted(name));
    }
    if (!value.chars().allMatch(next -> next >= ' ' && next < 127)) {
      throw new IllegalArgumentException(
          "Expected one line of ASCII for the header %s".formatted(name));
    }
  }

  /** The URL without its parameters, fit for a message. */
  String place() {
    return url.replaceFirst("\\?.*", "");
  }

  URI uri() {
    return address(url);
  }

  /** Headers in clear, those that are secrets too. */
  List<Map.Entry<String, String>> reveal() {
    List<Map.Entry<String, String>> all = new ArrayList<>(headers.entrySet());
    secretHeaders.forEach((name, secret) -> all.add(Map.entry(name, secret.reveal())));
    token.ifPresent(secret -> all.add(Map.entry("Authorization", "Bearer " + secret.reveal())));
    return all;
  }

  /** A text without what is secret. */
  String masked(String text) {
    String masked = text;
    for (Secret secret : secretHeaders.values()) {
      masked = masked.replace(secret.reveal(), "***");
    }
    return token.isPresent() ? masked.replace(token.get().reveal(), "***") : masked;
  }

  private Object writeReplace() {
    return Packed.of(this);
  }
}
