/** From a job as written to a plan: kinds resolved, settings bound, columns checked. */
@NullMarked
package io.millrace.engine.plan;

import org.jspecify.annotations.NullMarked;
