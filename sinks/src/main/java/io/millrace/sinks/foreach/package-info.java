/** A user's own class as a sink. */
@NullMarked
package io.millrace.sinks.foreach;

import org.jspecify.annotations.NullMarked;
