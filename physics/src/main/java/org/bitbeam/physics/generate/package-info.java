/**
 * Events made without other files: calorimeter showers ({@link GflashShowers}), jets of quarks and
 * gluons, decays of boosted pairs of bosons. An event is a pure function of seed and number.
 */
@NullMarked
package org.bitbeam.physics.generate;

import org.jspecify.annotations.NullMarked;
