package io.millrace.engine.decode;

/** What the text of a decimal is, after the connector's {@code decimal.handling.mode}. */
public enum Decimals {
  /** Base64 of the unscaled value: whole, in two's complement, its highest byte first. */
  PRECISE,
  /** The number itself. */
  STRING
}
