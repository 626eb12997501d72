/** Rows as requests to an HTTP endpoint. */
@NullMarked
package io.millrace.sinks.http;

import org.jspecify.annotations.NullMarked;
