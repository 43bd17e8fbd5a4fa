/** Arrays and graphs as the interpreter, the lowering and the kernels share them. */
@NullMarked
package org.bitbeam.runtime.internal.graph;

import org.jspecify.annotations.NullMarked;
