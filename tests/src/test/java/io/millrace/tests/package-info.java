/** Whole jobs on real parts, and what holds between the modules. */
@NullMarked
package io.millrace.tests;

import org.jspecify.annotations.NullMarked;
