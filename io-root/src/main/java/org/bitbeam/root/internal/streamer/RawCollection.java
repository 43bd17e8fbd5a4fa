package org.bitbeam.root.internal.streamer;

/**
 * A collection of the standard library inside of an object, kept as it is stored.
 *
 * @param bytes behind the byte count, beginning with the version
 */
public record RawCollection(byte[] bytes) {}
