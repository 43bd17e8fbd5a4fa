/**
 * Which entries are kept: {@link org.bitbeam.physics.filter.EntryFilter} decides by an expression
 * of the columns, {@link org.bitbeam.physics.filter.FilteredStage} spares a stage the others.
 */
@NullMarked
package org.bitbeam.physics.filter;

import org.jspecify.annotations.NullMarked;
