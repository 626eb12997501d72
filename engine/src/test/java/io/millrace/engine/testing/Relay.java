package io.millrace.engine.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** A way to a server of this machine that can lose an answer, as a network does. */
public final class Relay implements AutoCloseable {
  private final ServerSocket entrance;
  private volatile int port;
  private volatile boolean cut;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Set<Line> lines = ConcurrentHashMap.newKeySet();
  private final CountDownLatch over = new CountDownLatch(1);
  private final Queue<String> phrases = new ArrayDeque<>();
  private boolean lost;
  private boolean cutting;

  private Relay(ServerSocket entrance) {
    this.entrance = entrance;
  }

  /** A way to a port. */
  public static Relay to(int port) {
    Relay relay = open();
    relay.leadTo(port);
    return relay;
  }

  /** A way to a server that is not there yet. */
  public static Relay open() {
    try {
      Relay relay = new Relay(new ServerSocket(0, 50, InetAddress.getByName("localhost")));
      daemon(relay::accept);
      return relay;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot open a relay", e);
    }
  }

  void leadTo(int server) {
    port = server;
  }

  public int port() {
    return entrance.getLocalPort();
  }

  /**
   * Waits until clients have sent these phrases, each in a piece of its own, where an empty one is
   * whatever comes next; then what the server answers to the last is lost, and the connection with
   * it.
   */
  public synchronized void loseTheAnswerTo(String... all) {
    phrases.addAll(List.of(all));
    lost = false;
    cutting = false;
  }

  /** The same, and from then on nobody gets a new connection until {@link #restore}. */
  public synchronized void cutAtTheAnswerTo(String... all) {
    loseTheAnswerTo(all);
    cutting = true;
  }

  public void restore() {
    cut = false;
  }

  /**
   * From now on nothing comes through on the connections that are open, and nobody is told, as
   * where a machine between has lost them. New ones work.
   */
  public void strand() {
    lines.forEach(line -> line.stranded = true);
  }

  /** Whether that answer was lost. */
  public synchronized boolean lost() {
    return lost;
  }

  private void accept() {
    while (!entrance.isClosed()) {
      try {
        Socket client = entrance.accept();
        if (cut) {
          client.close();
          continue;
        }
        Socket server = new Socket(InetAddress.getByName("localhost"), port);
        open.add(client);
        open.add(server);
        Line line = new Line(client, server);
        lines.add(line);
        daemon(line::ask);
        daemon(line::answer);
      } catch (IOException e) {
        // The relay is closed, or nobody listens behind it: the client is told by its own socket.
      }
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "relay");
    thread.setDaemon(true);
    thread.start();
  }

  private synchronized boolean hears(String sent) {
    String phrase = phrases.peek();
    if (phrase == null || !sent.contains(phrase)) {
      return false;
    }
    phrases.remove();
    lost = phrases.isEmpty();
    cut = lost && cutting;
    return lost;
  }

  @Override
  public void close() {
    over.countDown();
    try {
      entrance.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot close a relay", e);
    }
  }

  /** One client and its connection to the server. */
  private final class Line {
    private final Socket client;
    private final Socket server;
    private volatile boolean mute;
    private volatile boolean stranded;

    Line(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void ask() {
      pump(client, server, true);
    }

    void answer() {
      pump(server, client, false);
    }

    private void pump(Socket from, Socket to, boolean asks) {
      byte[] buffer = new byte[1 << 16];
      try (from;
          to) {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          if (stranded) {
            continue; // It goes nowhere.
          }
          if (asks) {
            mute |= hears(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
          } else if (mute) {
            return;
          }
          out.write(buffer, 0, read);
          out.flush();
        }
        if (stranded) {
          over.await(); // The other side must not hear of the end either.
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (IOException e) {
        // One side hung up: the other is told by the end of its stream.
      } finally {
        open.remove(from);
        open.remove(to);
        lines.remove(this);
      }
    }
  }
}
