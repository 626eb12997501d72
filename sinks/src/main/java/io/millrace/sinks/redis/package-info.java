/** Rows as keys of Redis. */
@NullMarked
package io.millrace.sinks.redis;

import org.jspecify.annotations.NullMarked;
