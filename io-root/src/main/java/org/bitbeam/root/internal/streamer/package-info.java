/** Class descriptions found in the file, and objects read and written by them. */
@NullMarked
package org.bitbeam.root.internal.streamer;

import org.jspecify.annotations.NullMarked;
