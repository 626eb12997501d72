@NullMarked
package io.millrace.engine.dstream;

import org.jspecify.annotations.NullMarked;
