/** Tests of the commands. */
@NullMarked
package io.millrace.jobs;

import org.jspecify.annotations.NullMarked;
