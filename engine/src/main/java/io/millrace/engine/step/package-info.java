/** The engine's own steps. */
@NullMarked
package io.millrace.engine.step;

import org.jspecify.annotations.NullMarked;
