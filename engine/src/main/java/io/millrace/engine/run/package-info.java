/** Runs a plan: the only package that starts a query. */
@NullMarked
package io.millrace.engine.run;

import org.jspecify.annotations.NullMarked;
