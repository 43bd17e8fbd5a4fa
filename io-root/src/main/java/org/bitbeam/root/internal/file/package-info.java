/** File header, keys and directories. */
@NullMarked
package org.bitbeam.root.internal.file;

import org.jspecify.annotations.NullMarked;
