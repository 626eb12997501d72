package io.millrace.jobs;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time as a person types it: a while ago such as 2h, a day, or a day and time with its zone. */
final class TimeConverter implements ITypeConverter<Instant> {
  @Override
  public Instant convert(String text) {
    try {
      if (text.matches("[0-9.]+[dhms]")) {
        String length = text.endsWith("d") ? "P" + text : "PT" + text;
        return Instant.now().minus(Duration.parse(length));
      }
      return text.contains("T")
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      throw new TypeConversionException(
          "Expected a time such as 2h, 2026-01-31 or 2026-01-31T08:00:00Z, found '" + text + "'");
    }
  }
}
