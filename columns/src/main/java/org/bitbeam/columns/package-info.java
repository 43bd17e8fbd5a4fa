/**
 * The table that every room of BitBeam shares. Start at {@link org.bitbeam.columns.EventBatch}: a
 * run of consecutive entries of one dataset as named {@link org.bitbeam.columns.Column}s, described
 * by a {@link org.bitbeam.columns.Schema}. Columns are immutable views over primitive arrays;
 * slices copy nothing.
 */
@NullMarked
package org.bitbeam.columns;

import org.jspecify.annotations.NullMarked;
