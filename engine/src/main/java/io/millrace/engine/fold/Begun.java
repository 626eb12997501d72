package io.millrace.engine.fold;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * A match that is begun.
 *
 * @param start the time of its first row
 * @param element the number of the element that it waits for
 * @param times how often that has been met
 * @param kept what each element kept that has been met, of the last row that met it
 */
record Begun(long start, int element, int times, List<Kept> kept) {

  /** What is kept of a row. */
  record Kept(long time, UnsafeRow values) {}

  Begun {
    kept = List.copyOf(kept);
  }

  /** The same, with one row more. */
  Begun met(Kept row, int wanted) {
    List<Kept> all = new ArrayList<>(kept.subList(0, element));
    all.add(row);
    return times + 1 == wanted
        ? new Begun(start, element + 1, 0, all)
        : new Begun(start, element, times + 1, all);
  }

  static byte[] packed(List<Begun> some) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(some.size());
      for (Begun one : some) {
        out.writeLong(one.start);
        out.writeInt(one.element);
        out.writeInt(one.times);
        out.writeInt(one.kept.size());
        for (Kept row : one.kept) {
          byte[] values = row.values().getBytes();
          out.writeLong(row.time());
          out.writeInt(values.length);
          out.write(values);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** What was packed. */
  static List<Begun> all(byte[] bytes, List<Pattern.Element> elements) {
    List<Begun> all = new ArrayList<>();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      for (int left = in.readInt(); left > 0; left--) {
        all.add(new Begun(in.readLong(), in.readInt(), in.readInt(), kept(in, elements)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  private static List<Kept> kept(DataInputStream in, List<Pattern.Element> elements)
      throws IOException {
    List<Kept> kept = new ArrayList<>();
    int rows = in.readInt();
    for (int i = 0; i < rows; i++) {
      long time = in.readLong();
      byte[] values = in.readNBytes(in.readInt());
      kept.add(new Kept(time, Values.row(values, elements.get(i).kept().size())));
    }
    return kept;
  }
}
