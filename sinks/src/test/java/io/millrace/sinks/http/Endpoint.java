package io.millrace.sinks.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** A real endpoint that does to its requests what a test wants. */
final class Endpoint implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Queue<Deed> deeds = new ConcurrentLinkedQueue<>();
  private volatile Deed otherwise = answer(200, "");

  /** What came in, and when, in nanoseconds. */
  record Request(
      String method, String key, String type, String kind, String login, String body, long at) {}

  /** What is done with a request. */
  interface Deed {
    void to(HttpExchange exchange, String body) throws IOException;
  }

  Endpoint() {
    this(open());
  }

  /** By TLS, where clients have to tell who they are. */
  static Endpoint secured(SSLContext context) {
    try {
      HttpsServer server =
          HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
      server.setHttpsConfigurator(
          new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
              SSLParameters all = context.getDefaultSSLParameters();
              all.setNeedClientAuth(true);
              parameters.setSSLParameters(all);
            }
          });
      return new Endpoint(server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static HttpServer open() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Endpoint(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext("/rows", this::take);
    server.start();
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      requests.add(
          new Request(
              exchange.getRequestMethod(),
              header(exchange, "Idempotency-Key"),
              header(exchange, "Content-Type"),
              header(exchange, "X-Kind"),
              header(exchange, "Authorization"),
              body,
              System.nanoTime()));
      Deed next = deeds.poll();
      (next == null ? otherwise : next).to(exchange, body);
    }
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  static Deed answer(int status, String text, String... header) {
    return (exchange, body) -> {
      if (header.length > 0) {
        exchange.getResponseHeaders().set(header[0], header[1]);
      }
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  /** Hangs up without an answer. */
  static Deed drop() {
    return (exchange, body) -> {};
  }

  /** Refuses requests with this text in them. */
  static Deed refusing(String text, int status) {
    return (exchange, body) ->
        (body.contains(text) ? answer(status, "bad " + text) : answer(204, "")).to(exchange, body);
  }

  /** What happens to the next requests, one after another. */
  Endpoint next(Deed... all) {
    deeds.addAll(List.of(all));
    return this;
  }

  /** What happens to all others. */
  Endpoint always(Deed deed) {
    otherwise = deed;
    return this;
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/rows";
  }

  /** The same by TLS. */
  String url(String host) {
    return "https://%s:%d/rows".formatted(host, server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
