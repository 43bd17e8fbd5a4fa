/**
 * Jet tagging. {@link org.bitbeam.physics.tagging.JetTagger} is the stage: a {@link
 * org.bitbeam.physics.tagging.ConstituentLayout} finds jets and their constituents in the columns,
 * {@link org.bitbeam.physics.tagging.Preprocessing} turns them into the network's inputs as the
 * model's bundle declares, the network scores them.
 */
@NullMarked
package org.bitbeam.physics.tagging;

import org.jspecify.annotations.NullMarked;
