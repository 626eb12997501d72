/** Jobs as DStreams of spark-streaming. Only this package knows that there are such. */
@NullMarked
package io.millrace.engine.dstream;

import org.jspecify.annotations.NullMarked;
