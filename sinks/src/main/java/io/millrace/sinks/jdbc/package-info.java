/** Rows into a database table, each batch together with its number in one transaction. */
@NullMarked
package io.millrace.sinks.jdbc;

import org.jspecify.annotations.NullMarked;
