package io.millrace.sinks.redis;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/** A script that the server runs as one step. */
final class Script {
  /**
   * Writes one row, if the round is still open in which its task writes. KEYS: ledger, key, what is
   * known of the order. ARGV: round; type of the key; write or delete; order; milliseconds to live;
   * the value, or how many names and values, these, and the names of fields to remove.
   */
  static final Script ROW =
      new Script(
          3,
          """
          if redis.call('HGET', KEYS[1], 'round') ~= ARGV[1] then return -2 end
          local type = redis.call('TYPE', KEYS[2]).ok
          if type ~= 'none' and type ~= ARGV[2] then return -1 end
          if ARGV[4] ~= '' then
            local before = redis.call('HGET', KEYS[3], KEYS[2])
            if before and before >= ARGV[4] then return 0 end
          end
          if ARGV[3] == 'delete' then
            redis.call('DEL', KEYS[2])
          elseif ARGV[2] == 'string' then
            redis.call('SET', KEYS[2], ARGV[6])
          else
            local last = 6 + tonumber(ARGV[6])
            if #ARGV > last then redis.call('HDEL', KEYS[2], unpack(ARGV, last + 1)) end
            if last > 6 then redis.call('HSET', KEYS[2], unpack(ARGV, 7, last)) end
          end
          if ARGV[5] ~= '0' then redis.call('PEXPIRE', KEYS[2], ARGV[5]) end
          if ARGV[4] ~= '' then redis.call('HSET', KEYS[3], KEYS[2], ARGV[4]) end
          return 1
          """);

  /**
   * Changes the ledger, if it is as it was. KEYS: ledger, what is known of the order. ARGV: epoch
   * and last batch as they were, empty for no ledger; then fields and values.
   */
  static final Script LEDGER =
      new Script(
          2,
          """
          local held = redis.call('HMGET', KEYS[1], 'epoch', 'batch')
          if (held[1] or '') ~= ARGV[1] or (held[2] or '') ~= ARGV[2] then return 0 end
          redis.call('HSET', KEYS[1], unpack(ARGV, 3))
          redis.call('UNLINK', KEYS[2])
          return 1
          """);

  private final byte[] text;
  private final byte[] hash;
  private final byte[] keys;

  private Script(int keys, String text) {
    this.text = bytes(text);
    this.hash = bytes(HexFormat.of().formatHex(sha1(this.text)));
    this.keys = bytes(Integer.toString(keys));
  }

  private static byte[] sha1(byte[] text) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(text);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Runs it with keys and values. */
  long run(Connection connection, List<byte[]> arguments) {
    Object answer = run(connection, List.of(arguments), 0).get(0);
    if (answer instanceof RuntimeException refused) {
      throw refused;
    }
    return (Long) answer;
  }

  /**
   * Runs it for each of these, one behind another, without waiting in between.
   *
   * @param from the first that is run
   * @return an answer, or an exception, for each that was run
   */
  List<Object> run(Connection connection, List<List<byte[]>> calls, int from) {
    List<Object> answers = send(connection, calls, from, Protocol.Command.EVALSHA, hash);
    for (int at = 0; at < answers.size(); at++) {
      if (answers.get(at) instanceof JedisNoScriptException) {
        // The server forgot it. Later ones may have met it again: they come behind this one.
        List<Object> all = new ArrayList<>(answers.subList(0, at));
        all.addAll(send(connection, calls, from + at, Protocol.Command.EVAL, text));
        return all;
      }
    }
    return answers;
  }

  private List<Object> send(
      Connection connection,
      List<List<byte[]>> calls,
      int from,
      Protocol.Command command,
      byte[] script) {
    for (List<byte[]> arguments : calls.subList(from, calls.size())) {
      byte[][] words = new byte[arguments.size() + 2][];
      words[0] = script;
      words[1] = keys;
      for (int at = 0; at < arguments.size(); at++) {
        words[at + 2] = arguments.get(at);
      }
      connection.sendCommand(command, words);
    }
    return connection.getMany(calls.size() - from);
  }
}
