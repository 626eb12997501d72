/** Spark's own rows as the bytes that sinks send. */
@NullMarked
package io.millrace.sinks.encode;

import org.jspecify.annotations.NullMarked;
