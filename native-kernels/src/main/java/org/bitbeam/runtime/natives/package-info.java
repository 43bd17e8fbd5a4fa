/**
 * Integer products of the backend {@code bit} in C, called through {@code java.lang.foreign}: an
 * optional artefact. Add {@link org.bitbeam.runtime.natives.NativeKernelsModule} to the backends.
 */
@org.jspecify.annotations.NullMarked
package org.bitbeam.runtime.natives;
