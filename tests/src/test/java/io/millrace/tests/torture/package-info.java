/** Proof of delivery: real processes that are really killed, and an account of every row. */
@NullMarked
package io.millrace.tests.torture;

import org.jspecify.annotations.NullMarked;
