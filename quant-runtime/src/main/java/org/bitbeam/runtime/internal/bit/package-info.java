/**
 * The backend {@code bit}: int8 codes times ternary weights, exact; float layers with a fixed order
 * of summation. A plan is compiled once per network; kernels exist as plain Java and for the Vector
 * API, and return the same bits.
 */
@NullMarked
package org.bitbeam.runtime.internal.bit;

import org.jspecify.annotations.NullMarked;
