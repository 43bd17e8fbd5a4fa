/**
 * Apache Beam's view of BitBeam. Start at {@link org.bitbeam.beam.RootIO}: it reads ROOT files as
 * {@link org.bitbeam.columns.EventBatch}es and writes them back enriched; {@link
 * org.bitbeam.beam.TagJets} stands between.
 */
@NullMarked
package org.bitbeam.beam;

import org.jspecify.annotations.NullMarked;
