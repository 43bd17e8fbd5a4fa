/**
 * Fast calorimeter simulation: geometry, showers from generative networks, the splines and flows
 * around them.
 */
@NullMarked
package org.bitbeam.physics.calo;

import org.jspecify.annotations.NullMarked;
