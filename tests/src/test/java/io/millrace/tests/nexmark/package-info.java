/** The queries of the Nexmark benchmark as job files, each held against plain Java. */
@NullMarked
package io.millrace.tests.nexmark;

import org.jspecify.annotations.NullMarked;
