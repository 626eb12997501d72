/** What the demo makes, knows, finds and tells. */
@NullMarked
package io.millrace.jobs.demo;

import org.jspecify.annotations.NullMarked;
