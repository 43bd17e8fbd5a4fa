package org.bitbeam.root;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.file.KeyHeader;
import org.bitbeam.root.internal.streamer.StreamedObject;
import org.bitbeam.root.internal.tree.Basket;
import org.bitbeam.root.internal.tree.BasketIndex;
import org.bitbeam.root.internal.tree.TreeDataset;

/** The compressed bytes of all baskets of a tree, in the order of branches and entries. */
final class RawBaskets {
  private RawBaskets() {}

  static List<byte[]> of(RootFile root, String tree) throws IOException {
    List<byte[]> all = new ArrayList<>();
    collect(
        (TreeDataset) root.dataset(tree),
        ((TreeDataset) root.dataset(tree)).tree().list("fBranches"),
        all);
    return all;
  }

  private static void collect(TreeDataset tree, List<?> branches, List<byte[]> all)
      throws IOException {
    for (Object item : branches) {
      if (item instanceof StreamedObject branch) {
        for (Basket basket : BasketIndex.find("test", branch)) {
          if (basket.position() != 0) {
            byte[] record = tree.records().bytes("test", basket.position(), basket.storedBytes());
            KeyHeader key = KeyHeader.read(new Cursor("test", record));
            all.add(Arrays.copyOfRange(record, key.headerBytes(), record.length));
          }
        }
        collect(tree, branch.list("fBranches"), all);
      }
    }
  }
}
