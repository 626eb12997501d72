/** Plots, drawn for a page and as pictures, and the page of a training. */
@NullMarked
package io.millrace.models.report;

import org.jspecify.annotations.NullMarked;
