package io.millrace.engine.registry;

/** A registry does not take a schema; the message is what it says of it. */
public final class RefusedSchemaException extends RuntimeException {
  private static final long serialVersionUID = 1;

  RefusedSchemaException(String said) {
    super(said);
  }
}
