/** Which layers of a trained network bear low precision: the loss with each of them quantised. */
@NullMarked
package org.bitbeam.sensitivity;

import org.jspecify.annotations.NullMarked;
