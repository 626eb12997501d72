/** Models in the stream: training, the store of versions, scoring. */
@NullMarked
package io.millrace.models;

import org.jspecify.annotations.NullMarked;
