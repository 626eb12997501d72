/** Batches as commits of a Delta table. */
@NullMarked
package io.millrace.sinks.delta;

import org.jspecify.annotations.NullMarked;
