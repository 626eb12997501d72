/** The engine as a plugin: the kinds that need no other jar. */
@NullMarked
package io.millrace.engine;

import org.jspecify.annotations.NullMarked;
