/** The sinks that come with the toolkit. */
@NullMarked
package io.millrace.sinks;

import org.jspecify.annotations.NullMarked;
