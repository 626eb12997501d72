/** Batches as files of a folder. */
@NullMarked
package io.millrace.sinks.files;

import org.jspecify.annotations.NullMarked;
