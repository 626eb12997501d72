/** What a running job tells about itself. */
@NullMarked
package io.millrace.engine.observe;

import org.jspecify.annotations.NullMarked;
