/**
 * Effective field theory: per-event polynomials in the Wilson coefficients, from networks or from
 * event weights, and their combination over all events.
 */
@NullMarked
package org.bitbeam.physics.eft;

import org.jspecify.annotations.NullMarked;
