/** The engine's own decoders. */
@NullMarked
package io.millrace.engine.decode;

import org.jspecify.annotations.NullMarked;
