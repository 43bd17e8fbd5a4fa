package org.bitbeam.root;

import java.util.Optional;
import org.bitbeam.columns.ColumnType;

/**
 * What a file says of one column.
 *
 * @param name branch names from the top down, joined by '/'; field name for an RNTuple
 * @param rootType type as ROOT prints it, such as {@code Float_t} or {@code vector<float>}
 * @param title title or description in the file
 * @param type type of the values; empty when the column cannot be read
 * @param whyUnreadable reason in words when the column cannot be read, else empty
 * @param storedBytes compressed bytes
 * @param objectBytes uncompressed bytes
 * @param pieces number of baskets or pages
 */
public record ColumnInfo(
    String name,
    String rootType,
    String title,
    Optional<ColumnType> type,
    String whyUnreadable,
    long storedBytes,
    long objectBytes,
    int pieces) {}
