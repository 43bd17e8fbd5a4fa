/** Networks of the paper at their published sizes, to measure what they cost. */
@NullMarked
package org.bitbeam.runtime.published;

import org.jspecify.annotations.NullMarked;
