/** Benchmarks of reading and writing ROOT files. */
@NullMarked
package org.bitbeam.benchmarks;

import org.jspecify.annotations.NullMarked;
