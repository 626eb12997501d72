/** Schema registries that speak Confluent's API. */
@NullMarked
package io.millrace.engine.registry;

import org.jspecify.annotations.NullMarked;
