package org.bitbeam.root.internal.streamer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Layouts of classes that stream themselves, so that no file describes what they stream. */
final class OwnLayouts {
  /** Split arrays of objects of ROOT 3 ({@code TBranchClones::Streamer} of ROOT 6). */
  static final ClassLayout BRANCH_CLONES = branchClones();

  /** The names in an index of a tree ({@code TTreeIndex::Streamer}). */
  static final ClassLayout TREE_INDEX =
      ClassLayout.of(
          "TTreeIndex",
          2,
          0,
          "",
          List.of(
              element("TStreamerString", "fMajorName", StreamerTypes.TSTRING, "TString"),
              element("TStreamerString", "fMinorName", StreamerTypes.TSTRING, "TString")));

  private OwnLayouts() {}

  private static ClassLayout branchClones() {
    List<ClassLayout.Element> elements = new ArrayList<>();
    elements.add(element("TStreamerBase", "TNamed", StreamerTypes.TNAMED, "BASE"));
    for (String name :
        List.of("fCompress", "fBasketSize", "fEntryOffsetLen", "fMaxBaskets", "fWriteBasket")) {
      elements.add(element("TStreamerBasicType", name, StreamerTypes.INT, "int"));
    }
    for (String name : List.of("fEntryNumber", "fEntries", "fTotBytes", "fZipBytes")) {
      elements.add(element("TStreamerBasicType", name, StreamerTypes.LONG64, "Long64_t"));
    }
    elements.add(element("TStreamerBasicType", "fOffset", StreamerTypes.INT, "int"));
    elements.add(
        element(
            "TStreamerObjectPointer", "fBranchCount", StreamerTypes.OBJECT_POINTER, "TBranch*"));
    elements.add(element("TStreamerString", "fClassName", StreamerTypes.TSTRING, "TString"));
    elements.add(element("TStreamerObject", "fBranches", StreamerTypes.OBJECT, "TObjArray"));
    return ClassLayout.of("TBranchClones", 2, 0, "", elements);
  }

  /** A symmetric matrix ({@code TMatrixTSym::Streamer}): a base class, then its elements. */
  static ClassLayout symmetricMatrix(String className) {
    String base = className.replace("TMatrixTSym<", "TMatrixTBase<");
    return ClassLayout.of(
        className,
        2,
        0,
        "",
        List.of(
            element("TStreamerBase", base, StreamerTypes.BASE, "BASE"),
            element("TStreamerBasicPointer", "fElements", StreamerTypes.DOUBLE, "double*")));
  }

  private static ClassLayout.Element element(String kind, String name, int type, String typeName) {
    return new ClassLayout.Element(
        kind,
        0,
        name,
        "",
        type,
        0,
        0,
        0,
        Collections.nCopies(5, 0),
        typeName,
        List.of(),
        null,
        null);
  }
}
