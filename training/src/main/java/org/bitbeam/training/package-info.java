/**
 * Quantisation-aware training. Networks are written once against {@link
 * org.bitbeam.training.Operations}; PyTorch computes gradients, everything else (parameters,
 * optimiser, schedules, data, checkpoints) is plain Java.
 */
@NullMarked
package org.bitbeam.training;

import org.jspecify.annotations.NullMarked;
