/** Pipelines as plain stages over single rows, which give what Spark's own frames give. */
@NullMarked
package io.millrace.models.compiled;

import org.jspecify.annotations.NullMarked;
