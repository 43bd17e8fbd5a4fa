/**
 * The interpreter: every operator as a plain loop, meant to be read beside the ONNX specification
 * (https://onnx.ai/onnx/operators). Sums are formed in double and rounded once, elementary
 * functions come from {@link java.lang.StrictMath}: results are the same on every machine and as
 * exact as float32 allows. It is the oracle for the fast kernels, and their fallback.
 */
@NullMarked
package org.bitbeam.runtime.internal.reference;

import org.jspecify.annotations.NullMarked;
