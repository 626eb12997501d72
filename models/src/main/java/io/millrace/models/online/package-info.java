/** Models that learn from one batch after the other, by the algorithms of spark-mllib. */
@NullMarked
package io.millrace.models.online;

import org.jspecify.annotations.NullMarked;
