/** Batches as tables on the console. */
@NullMarked
package io.millrace.sinks.console;

import org.jspecify.annotations.NullMarked;
