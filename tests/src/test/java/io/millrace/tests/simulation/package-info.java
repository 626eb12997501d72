/** The protocol of delivery under a scheduler that is a function of a seed: every step can fail. */
@NullMarked
package io.millrace.tests.simulation;

import org.jspecify.annotations.NullMarked;
