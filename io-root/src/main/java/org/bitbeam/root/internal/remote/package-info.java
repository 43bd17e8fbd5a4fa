/** Files over a network: HTTP byte ranges and the xrootd protocol. */
@NullMarked
package org.bitbeam.root.internal.remote;

import org.jspecify.annotations.NullMarked;
