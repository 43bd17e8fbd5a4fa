/**
 * Networks: tensors in, tensors out. Start at {@link org.bitbeam.runtime.ModelBundle}, which opens
 * a model with everything that belongs to it, and at {@link org.bitbeam.runtime.Backends}, which
 * names the engines that can run it. {@link org.bitbeam.runtime.ModelRegistry} shares one loaded
 * network between all users in a JVM.
 */
@NullMarked
package org.bitbeam.runtime;

import org.jspecify.annotations.NullMarked;
