/** All that a contributed source, step, sink or trainer sees. */
@NullMarked
package io.millrace.engine.spi;

import org.jspecify.annotations.NullMarked;
