/** Trees, branches and baskets, from and to columns. */
@NullMarked
package org.bitbeam.root.internal.tree;

import org.jspecify.annotations.NullMarked;
