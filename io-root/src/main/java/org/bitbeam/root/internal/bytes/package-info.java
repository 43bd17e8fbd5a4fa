/** A cursor over big-endian bytes that trusts no length. */
@NullMarked
package org.bitbeam.root.internal.bytes;

import org.jspecify.annotations.NullMarked;
