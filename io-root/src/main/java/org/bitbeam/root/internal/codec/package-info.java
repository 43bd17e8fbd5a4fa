/** Compression frames and their codecs. */
@NullMarked
package org.bitbeam.root.internal.codec;

import org.jspecify.annotations.NullMarked;
