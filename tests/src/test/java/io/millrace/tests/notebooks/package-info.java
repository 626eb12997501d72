/** The notebooks: what they say when they run, held against what is stored in them. */
@NullMarked
package io.millrace.tests.notebooks;

import org.jspecify.annotations.NullMarked;
