/** Real parts for tests: a Spark session, a Kafka broker, a PostgreSQL. */
@NullMarked
package io.millrace.engine.testing;

import org.jspecify.annotations.NullMarked;
