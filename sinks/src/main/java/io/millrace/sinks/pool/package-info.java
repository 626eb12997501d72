/** Connections that everything on one JVM shares and borrows. */
@NullMarked
package io.millrace.sinks.pool;

import org.jspecify.annotations.NullMarked;
