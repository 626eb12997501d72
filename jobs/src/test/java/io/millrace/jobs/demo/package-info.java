@NullMarked
package io.millrace.jobs.demo;

import org.jspecify.annotations.NullMarked;
