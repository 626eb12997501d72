/** Batches kept in the JVM, for tests. */
@NullMarked
package io.millrace.sinks.memory;

import org.jspecify.annotations.NullMarked;
