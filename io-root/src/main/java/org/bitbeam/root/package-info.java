/**
 * ROOT files without ROOT. Start at {@link org.bitbeam.root.RootFile}: a {@link
 * org.bitbeam.root.Dataset} reads columns of a TTree or an RNTuple; {@link
 * org.bitbeam.root.RootWriter} writes files. Below, in {@code internal}, data flows bytes, file,
 * streamer, tree, columns; those packages may change at any time.
 */
@NullMarked
package org.bitbeam.root;

import org.jspecify.annotations.NullMarked;
