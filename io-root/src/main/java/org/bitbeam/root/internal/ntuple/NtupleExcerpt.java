package org.bitbeam.root.internal.ntuple;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bitbeam.root.internal.bytes.Cursor;
import org.bitbeam.root.internal.bytes.LittleCursor;
import org.bitbeam.root.internal.bytes.LittleOutput;
import org.bitbeam.root.internal.bytes.Output;
import org.bitbeam.root.internal.file.Records;

/**
 * What of an ntuple's description is needed to read some fields of a range of entries: a header of
 * these fields and a page list of the clusters there, both as the file format has them.
 */
public final class NtupleExcerpt {
  private final NtupleDataset ntuple;
  private final NtupleCopy.Selection chosen;

  private NtupleExcerpt(NtupleDataset ntuple, NtupleCopy.Selection chosen) {
    this.ntuple = ntuple;
    this.chosen = chosen;
  }

  /** Prepares excerpts for these columns. */
  public static NtupleExcerpt of(NtupleDataset ntuple, List<String> columns) throws IOException {
    NtupleCopy.Selection chosen = NtupleCopy.select(ntuple, Set.copyOf(columns)::contains);
    return new NtupleExcerpt(ntuple, chosen);
  }

  /** The excerpt for entries {@code [first, end)}. */
  public byte[] bytes(long first, long end) throws IOException {
    LittleOutput header = new LittleOutput();
    Description of = ntuple.description();
    NtupleBuilder.writeHeader(header, of.name(), of.description(), of.writer(), chosen.lists());
    List<PageList.Cluster> clusters = new ArrayList<>();
    for (PageList.Cluster cluster : ntuple.clusters(first, end)) {
      List<PageList.Pages> pages = new ArrayList<>();
      for (int column : chosen.columns()) {
        PageList.Pages known = cluster.pages(column);
        if (known != null) {
          pages.add(known);
        }
      }
      clusters.add(new PageList.Cluster(cluster.firstEntry(), cluster.entries(), pages));
    }
    LittleOutput pageList = new LittleOutput();
    new PageListWriter(chosen.lists().columns()).write(pageList, 0, clusters);
    return new Output(header.size() + pageList.size() + 30)
        .varint(Math.max(0, ntuple.anchor().maxKeyBytes()))
        .varint(header.size())
        .raw(header.toByteArray())
        .raw(pageList.toByteArray())
        .toByteArray();
  }

  /**
   * A dataset of the fields of an excerpt, which can be read from {@code first} to {@code end}
   * only.
   */
  public static NtupleDataset read(
      Records records,
      Cursor in,
      String fingerprint,
      String path,
      int cycle,
      long first,
      long end) {
    String context = records.name() + ": ntuple " + path + ", its plan";
    Blobs blobs = new Blobs(records, in.varint());
    byte[] header = in.take(in.varint(in.remaining(), "the length of a header"));
    byte[] pages = in.take(in.remaining());
    Description description =
        Description.readHeader(new LittleCursor(context, header, 0, header.length));
    PageList clusters =
        PageList.read(
            new LittleCursor(context, pages, 0, pages.length), description, 0, records.limits());
    clusters.checkedEnd(context, clusters.firstEntry());
    if (first < end && (clusters.firstEntry() > first || clusters.endEntry() < end)) {
      throw in.malformed("its clusters do not hold entries " + first + " to " + end);
    }
    return NtupleDataset.ofClusters(blobs, fingerprint, path, cycle, description, clusters);
  }
}
