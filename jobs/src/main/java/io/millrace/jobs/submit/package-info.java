/** Takes a job to a cluster: what travels with it, and the command of Spark that submits it. */
@NullMarked
package io.millrace.jobs.submit;

import org.jspecify.annotations.NullMarked;
