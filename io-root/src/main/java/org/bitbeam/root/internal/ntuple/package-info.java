/**
 * RNTuple: anchor, envelopes, fields and pages, to columns. The format is ROOT's RNTuple binary
 * format specification, version 1.
 */
@NullMarked
package org.bitbeam.root.internal.ntuple;

import org.jspecify.annotations.NullMarked;
