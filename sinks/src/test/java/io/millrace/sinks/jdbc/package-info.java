@NullMarked
package io.millrace.sinks.jdbc;

import org.jspecify.annotations.NullMarked;
