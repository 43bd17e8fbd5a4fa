/**
 * Physics on columns: a {@link org.bitbeam.physics.Stage} takes a batch of events and adds columns.
 * Stages know neither files nor pipelines; networks come to them loaded. Jet tagging is in {@link
 * org.bitbeam.physics.tagging}.
 */
@NullMarked
package org.bitbeam.physics;

import org.jspecify.annotations.NullMarked;
