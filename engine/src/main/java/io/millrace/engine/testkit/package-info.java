/** What the tests of users' own classes need, beside {@code tests:} in job files. */
@NullMarked
package io.millrace.engine.testkit;

import org.jspecify.annotations.NullMarked;
