/**
 * How good results are. {@link org.bitbeam.physics.metrics.TaggingMetrics} compares a tagger's
 * scores with the truth.
 */
@NullMarked
package org.bitbeam.physics.metrics;

import org.jspecify.annotations.NullMarked;
