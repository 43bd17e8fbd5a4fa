package org.bitbeam.root.internal.streamer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.ReadLimits;
import org.bitbeam.root.internal.file.FileHeader;
import org.bitbeam.root.internal.file.Records;

/**
 * ROOT's own classes as ROOT 6.40 describes them, for files without descriptions and for writing.
 */
public final class BuiltInClasses {
  private static final ClassCatalog CATALOG = load();
  private static final Set<String> DATA = Set.of("TObject", "TNamed", "TObjString");
  private static final Set<String> TREES =
      Set.of("TTree", "TNtuple", "TNtupleD", "TBasket", "TProcessID", "TRefTable");

  private BuiltInClasses() {}

  /** Trees, branches, leaves, histograms, graphs and what they consist of. */
  public static ClassCatalog catalog() {
    return CATALOG;
  }

  /**
   * Whether ROOT makes trees or files of that class, or, if {@code ofHistograms} is asked for too,
   * histograms.
   */
  static boolean isInfrastructure(String className, boolean ofHistograms) {
    return className.startsWith("TBranch")
        || className.startsWith("TLeaf")
        || className.startsWith("TStreamer")
        || TREES.contains(className)
        || (ofHistograms && !DATA.contains(className) && CATALOG.newest(className) != null);
  }

  private static ClassCatalog load() {
    try (InputStream in = BuiltInClasses.class.getResourceAsStream("root-classes.root")) {
      if (in == null) {
        throw new IllegalStateException("root-classes.root is missing from the io-root jar");
      }
      return read(ByteSource.ofBytes("root-classes.root", in.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ClassCatalog read(ByteSource source) throws IOException {
    FileHeader header = FileHeader.read(source);
    Records records = new Records(source, header.end(), ReadLimits.DEFAULT);
    return new ClassCatalog(
        StreamerInfoReader.read(
            records.payload("root-classes.root", header.infoPosition(), header.infoBytes()),
            ReadLimits.DEFAULT));
  }
}
