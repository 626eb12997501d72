/** Any format that Spark knows by name. */
@NullMarked
package io.millrace.sinks.spark;

import org.jspecify.annotations.NullMarked;
