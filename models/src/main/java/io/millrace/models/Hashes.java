package io.millrace.models;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;

/** The sha256 of files and bytes, in hexadecimal. */
final class Hashes {
  private Hashes() {}

  /** Name to hash of every file of a folder and the folders below. */
  static SortedMap<String, String> of(Storage folder) {
    try {
      SortedMap<String, String> hashes = new TreeMap<>();
      for (String name : folder.files().keySet()) {
        hashes.put(name, of(folder, name));
      }
      return hashes;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the files of " + folder.uri(), e);
    }
  }

  static String of(Storage folder, String name) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream file = new DigestInputStream(folder.open(name), digest)) {
      file.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static String of(byte[] content) {
    return HexFormat.of().formatHex(sha256().digest(content));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-256", e);
    }
  }
}
