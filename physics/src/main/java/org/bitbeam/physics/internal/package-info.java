/** What several kinds of physics compute with. No promise is made for it. */
@NullMarked
package org.bitbeam.physics.internal;

import org.jspecify.annotations.NullMarked;
