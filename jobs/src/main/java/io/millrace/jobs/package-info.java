/** The command line: everything that {@code spark-submit/millrace} starts. */
@NullMarked
package io.millrace.jobs;

import org.jspecify.annotations.NullMarked;
