/** A job as it is written: text, tree and {@code JobSpec}. Knows nothing of Spark. */
@NullMarked
package io.millrace.engine.spec;

import org.jspecify.annotations.NullMarked;
