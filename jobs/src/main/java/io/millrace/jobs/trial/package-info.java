/** Runs the tests of a job file: given rows in place of its sources, and what comes of them. */
@NullMarked
package io.millrace.jobs.trial;

import org.jspecify.annotations.NullMarked;
