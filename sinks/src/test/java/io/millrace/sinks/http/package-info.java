@NullMarked
package io.millrace.sinks.http;

import org.jspecify.annotations.NullMarked;
