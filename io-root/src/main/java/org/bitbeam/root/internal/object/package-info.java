/** Objects that are no datasets, such as histograms: from what a file describes to typed values. */
@NullMarked
package org.bitbeam.root.internal.object;

import org.jspecify.annotations.NullMarked;
