@NullMarked
package io.millrace.jobs.submit;

import org.jspecify.annotations.NullMarked;
