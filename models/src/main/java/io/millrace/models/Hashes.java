package io.millrace.models;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** The sha256 of the files of a folder. */
final class Hashes {
  private Hashes() {}

  /** Name to hash, in hexadecimal. */
  static Map<String, String> of(Storage folder) {
    try {
      Map<String, String> hashes = new TreeMap<>();
      for (String name : folder.files()) {
        hashes.put(name, hash(folder, name));
      }
      return hashes;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the files of " + folder.uri(), e);
    }
  }

  private static String hash(Storage folder, String name) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream file = new DigestInputStream(folder.open(name), digest)) {
      file.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-256", e);
    }
  }
}
