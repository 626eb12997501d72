package io.millrace.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An API server of Kubernetes that keeps what it is given and starts nothing: it creates, applies
 * and shows resources.
 */
final class ApiServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, ObjectNode> resources = new ConcurrentHashMap<>();
  private final List<String> requests = new ArrayList<>();
  private final HttpServer server;

  private ApiServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  static ApiServer start() throws IOException {
    return new ApiServer();
  }

  /** Such as {@code k8s://http://127.0.0.1:40123}. */
  String master() {
    return "k8s://http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The resources of a kind, such as {@code pods}, in a namespace. */
  List<JsonNode> all(String namespace, String kind) {
    String folder = "/api/v1/namespaces/" + namespace + "/" + kind + "/";
    List<JsonNode> found = new ArrayList<>();
    resources.forEach(
        (path, resource) -> {
          if (path.startsWith(folder)) {
            found.add(resource);
          }
        });
    return found;
  }

  /** All that it was asked and given. */
  synchronized String said() {
    return String.join("\n", requests);
  }

  private synchronized void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    requests.add(exchange.getRequestMethod() + " " + path + " " + body);
    Optional<ObjectNode> resource =
        switch (exchange.getRequestMethod()) {
          case "POST", "PUT", "PATCH" -> Optional.of(keep(path, (ObjectNode) JSON.readTree(body)));
          case "GET" -> Optional.ofNullable(resources.get(path));
          default -> Optional.empty();
        };
    byte[] bytes = resource.map(ObjectNode::toString).orElse("{}").getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(resource.isPresent() ? 200 : 404, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  /** What is created is given to its folder, what is applied to its own path. */
  private ObjectNode keep(String path, ObjectNode resource) {
    ObjectNode metadata = resource.withObject("/metadata");
    String name = metadata.path("name").asText();
    metadata.put("uid", "uid-of-" + name);
    metadata.put("resourceVersion", "1");
    resources.put(path.endsWith("/" + name) ? path : path + "/" + name, resource);
    return resource;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
