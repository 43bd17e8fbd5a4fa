/** Networks rewritten as other ONNX networks: exported, packed, quantised. */
@NullMarked
package org.bitbeam.runtime.internal.rewrite;

import org.jspecify.annotations.NullMarked;
