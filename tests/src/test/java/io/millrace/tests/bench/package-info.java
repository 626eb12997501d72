/** Millrace side by side with plain Spark, each run in a JVM of its own. */
@NullMarked
package io.millrace.tests.bench;

import org.jspecify.annotations.NullMarked;
