@NullMarked
package io.millrace.sinks.pool;

import org.jspecify.annotations.NullMarked;
