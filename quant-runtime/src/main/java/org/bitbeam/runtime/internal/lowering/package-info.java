/**
 * From the exporter's graph to one that kernels can run: constants folded, BitLinear layers
 * recognised in every coding of specs/models.md section 9, float operations fused. What was found
 * and what was not is kept in a {@link org.bitbeam.runtime.internal.lowering.LoweringReport}.
 */
@NullMarked
package org.bitbeam.runtime.internal.lowering;

import org.jspecify.annotations.NullMarked;
