/** Files, records, baskets and descriptions on their way out. */
@NullMarked
package org.bitbeam.root.internal.write;

import org.jspecify.annotations.NullMarked;
