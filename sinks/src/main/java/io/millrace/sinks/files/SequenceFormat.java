package io.millrace.sinks.files;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.BooleanWritable;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.DoubleWritable;
import org.apache.hadoop.io.FloatWritable;
import org.apache.hadoop.io.IntWritable;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.NullWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.Writable;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.FileFormat;
import org.apache.spark.sql.execution.datasources.OutputWriter;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Option;
import scala.collection.immutable.Map;
import scala.collection.immutable.Seq;

/**
 * Sequence files of Hadoop, which Spark reads as {@code sequenceFile}: of two columns the first is
 * the key, of one there is none. With the option {@value #OBJECTS} they hold values of one column
 * as Java serialises them, which Spark reads as {@code objectFile}. They are written only.
 */
public final class SequenceFormat implements FileFormat {
  static final String OBJECTS = "objects";
  private static final int TOGETHER = 10;
  private static final Set<DataType> KEPT =
      Set.of(
          DataTypes.StringType,
          DataTypes.BinaryType,
          DataTypes.LongType,
          DataTypes.IntegerType,
          DataTypes.DoubleType,
          DataTypes.FloatType,
          DataTypes.BooleanType);

  @Override
  public Option<StructType> inferSchema(
      SparkSession spark, Map<String, String> options, Seq<FileStatus> files) {
    return Option.empty();
  }

  @Override
  public boolean supportDataType(DataType type) {
    return KEPT.contains(type);
  }

  @Override
  public OutputWriterFactory prepareWrite(
      SparkSession spark, Job job, Map<String, String> options, StructType columns) {
    return new Writers(options.contains(OBJECTS));
  }

  private static final class Writers extends OutputWriterFactory {
    private static final long serialVersionUID = 1;

    private final boolean objects;

    Writers(boolean objects) {
      this.objects = objects;
    }

    @Override
    public String getFileExtension(TaskAttemptContext context) {
      return ".seq";
    }

    @Override
    public OutputWriter newInstance(String path, StructType columns, TaskAttemptContext context) {
      try {
        return objects
            ? new Serialised(path, columns.apply(0).dataType(), context)
            : new Pairs(path, columns, context);
      } catch (IOException e) {
        throw failed(path, e);
      }
    }
  }

  private static UncheckedIOException failed(String path, IOException e) {
    return new UncheckedIOException("Cannot write " + path, e);
  }

  private static SequenceFile.Writer open(
      String path,
      Class<? extends Writable> key,
      Class<? extends Writable> value,
      TaskAttemptContext context)
      throws IOException {
    return SequenceFile.createWriter(
        context.getConfiguration(),
        SequenceFile.Writer.file(new Path(path)),
        SequenceFile.Writer.keyClass(key),
        SequenceFile.Writer.valueClass(value),
        SequenceFile.Writer.compression(SequenceFile.CompressionType.NONE));
  }

  /** A column as Hadoop keeps it. */
  private record Kept(Class<? extends Writable> type, Function<InternalRow, Writable> value) {
    static final Kept NONE = new Kept(NullWritable.class, row -> NullWritable.get());

    static Kept of(StructType columns, int column) {
      DataType type = columns.apply(column).dataType();
      Kept kept = of(type, column);
      String name = columns.apply(column).name();
      return new Kept(
          kept.type(),
          row -> {
            if (row.isNullAt(column)) {
              throw new IllegalStateException(
                  "Cannot keep a null of column %s in a sequence file. Use coalesce in a sql step, or leave such rows out by when"
                      .formatted(name));
            }
            return kept.value().apply(row);
          });
    }

    private static Kept of(DataType type, int at) {
      if (type.equals(DataTypes.StringType)) {
        return new Kept(Text.class, row -> new Text(row.getUTF8String(at).getBytes()));
      }
      if (type.equals(DataTypes.BinaryType)) {
        return new Kept(BytesWritable.class, row -> new BytesWritable(row.getBinary(at)));
      }
      if (type.equals(DataTypes.LongType)) {
        return new Kept(LongWritable.class, row -> new LongWritable(row.getLong(at)));
      }
      if (type.equals(DataTypes.IntegerType)) {
        return new Kept(IntWritable.class, row -> new IntWritable(row.getInt(at)));
      }
      if (type.equals(DataTypes.DoubleType)) {
        return new Kept(DoubleWritable.class, row -> new DoubleWritable(row.getDouble(at)));
      }
      if (type.equals(DataTypes.FloatType)) {
        return new Kept(FloatWritable.class, row -> new FloatWritable(row.getFloat(at)));
      }
      return new Kept(BooleanWritable.class, row -> new BooleanWritable(row.getBoolean(at)));
    }
  }

  /** Keys and values. */
  private static final class Pairs extends OutputWriter {
    private final String path;
    private final Kept key;
    private final Kept value;
    private final SequenceFile.Writer out;

    Pairs(String path, StructType columns, TaskAttemptContext context) throws IOException {
      this.path = path;
      this.key = columns.length() == 1 ? Kept.NONE : Kept.of(columns, 0);
      this.value = Kept.of(columns, columns.length() - 1);
      this.out = open(path, key.type(), value.type(), context);
    }

    @Override
    public void write(InternalRow row) {
      try {
        out.append(key.value().apply(row), value.value().apply(row));
      } catch (IOException e) {
        throw failed(path, e);
      }
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw failed(path, e);
      }
    }

    @Override
    public String path() {
      return path;
    }
  }

  /** Values, so many together as Spark puts into an array. */
  private static final class Serialised extends OutputWriter {
    private final String path;
    private final DataType type;
    private final SequenceFile.Writer out;
    private final List<@Nullable Object> together = new ArrayList<>();

    Serialised(String path, DataType type, TaskAttemptContext context) throws IOException {
      this.path = path;
      this.type = type;
      this.out = open(path, NullWritable.class, BytesWritable.class, context);
    }

    @Override
    public void write(InternalRow row) {
      together.add(CatalystTypeConverters.convertToScala(row.get(0, type), type));
      if (together.size() == TOGETHER) {
        flush();
      }
    }

    private void flush() {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try {
        try (ObjectOutputStream objects = new ObjectOutputStream(bytes)) {
          objects.writeObject(together.toArray());
        }
        out.append(NullWritable.get(), new BytesWritable(bytes.toByteArray()));
      } catch (IOException e) {
        throw failed(path, e);
      }
      together.clear();
    }

    @Override
    public void close() {
      if (!together.isEmpty()) {
        flush();
      }
      try {
        out.close();
      } catch (IOException e) {
        throw failed(path, e);
      }
    }

    @Override
    public String path() {
      return path;
    }
  }
}
