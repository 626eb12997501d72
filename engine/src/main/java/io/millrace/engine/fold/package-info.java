/** Work on the rows of one key in the order of their times, over streams and tables alike. */
@NullMarked
package io.millrace.engine.fold;

import org.jspecify.annotations.NullMarked;
