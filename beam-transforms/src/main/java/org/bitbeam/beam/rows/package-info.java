/**
 * BitBeam's transforms on rows, one an event, for Beam YAML, Python and SQL: schema transforms,
 * found by Beam through {@code META-INF/services}. Rows cost more than batches of columns; see
 * docs/beam-yaml.md.
 */
@NullMarked
package org.bitbeam.beam.rows;

import org.jspecify.annotations.NullMarked;
