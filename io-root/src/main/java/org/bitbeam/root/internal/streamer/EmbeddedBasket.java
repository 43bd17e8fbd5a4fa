package org.bitbeam.root.internal.streamer;

import org.jspecify.annotations.Nullable;

/**
 * A basket that lies inside of the tree's record, uncompressed.
 *
 * @param entries in the basket
 * @param keyBytes length of the key that it has room for
 * @param data bytes of the values, without the room for the key
 * @param offsets where each entry begins in {@code data}, null for entries of one size
 * @param generateOffsets whether the offsets are not stored but follow from a counter
 */
public record EmbeddedBasket(
    int entries, int keyBytes, byte[] data, int @Nullable [] offsets, boolean generateOffsets) {}
