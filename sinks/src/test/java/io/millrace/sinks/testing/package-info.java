/** What tests of sinks share. */
@NullMarked
package io.millrace.sinks.testing;

import org.jspecify.annotations.NullMarked;
