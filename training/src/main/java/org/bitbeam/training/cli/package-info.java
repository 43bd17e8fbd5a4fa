/** The command {@code bitbeam train}. */
@NullMarked
package org.bitbeam.training.cli;

import org.jspecify.annotations.NullMarked;
