package io.millrace.engine.spec;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Bytes to text; a byte that is none is a finding at its line and column. */
final class Utf8 {
  private Utf8() {}

  static Optional<String> text(byte[] content, String file, Findings findings) {
    ByteBuffer bytes = ByteBuffer.wrap(content);
    CharBuffer chars = CharBuffer.allocate(content.length);
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(bytes, chars, true);
    String text = chars.flip().toString();
    if (!result.isError()) {
      return Optional.of(text);
    }
    findings.add(
        end(text, file),
        "",
        "Cannot read the byte 0x%02X as UTF-8. Save the file as text in that encoding"
            .formatted(bytes.get(bytes.position())));
    return Optional.empty();
  }

  /** The place behind a text. */
  static Position end(String text, String file) {
    int line = (int) text.chars().filter(c -> c == '\n').count() + 1;
    int start = text.lastIndexOf('\n') + 1;
    return new Position(file, line, text.codePointCount(start, text.length()) + 1);
  }
}
