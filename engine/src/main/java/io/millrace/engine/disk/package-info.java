/** Files of this machine, as Hadoop's interfaces see them. */
@NullMarked
package io.millrace.engine.disk;

import org.jspecify.annotations.NullMarked;
