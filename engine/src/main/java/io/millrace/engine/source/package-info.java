/** The engine's own sources. */
@NullMarked
package io.millrace.engine.source;

import org.jspecify.annotations.NullMarked;
