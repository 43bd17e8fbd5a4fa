package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bitbeam.columns.DoubleColumn;
import org.bitbeam.root.internal.write.PathTarget;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectWriterTest {
  private static final Histogram.Axis X =
      new Histogram.Axis("p_{T} [GeV]", 3, 0, 30, DoubleColumn.of(), Map.of(1, "low", 3, "high"));
  private static final Histogram.Axis EDGES =
      new Histogram.Axis("eta", 2, -1, 3, DoubleColumn.of(-1, 0.5, 3), Map.of());

  @TempDir Path folder;

  /** One object of every class that is written. */
  static Map<String, RootObject> objects() {
    DoubleColumn five = DoubleColumn.of(1, 2, 3.5, -4, 5);
    DoubleColumn squares = DoubleColumn.of(1, 4, 10, 16, 25);
    double[] cells = new double[20];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = i * 0.5;
    }
    DoubleColumn twenty = DoubleColumn.of(cells);
    DoubleColumn none = DoubleColumn.of();
    DoubleColumn x = DoubleColumn.of(1, 2, 3);
    DoubleColumn y = DoubleColumn.of(2, 4, 9);
    DoubleColumn e = DoubleColumn.of(0.1, 0.2, 0.3);
    Map<String, RootObject> objects = new HashMap<>();
    for (String kind : List.of("C", "S", "I", "F", "D")) {
      for (int axes = 1; axes <= 3; axes++) {
        String name = "h" + axes + kind;
        objects.put(name, histogram("TH" + axes + kind, name, axes, null));
      }
    }
    for (Histogram.ErrorOption option : Histogram.ErrorOption.values()) {
      for (int axes = 1; axes <= 3; axes++) {
        String name = "p" + axes + option;
        String className = axes == 1 ? "TProfile" : "TProfile" + axes + "D";
        objects.put(name, histogram(className, name, axes, option));
      }
    }
    for (int axes = 1; axes <= 3; axes++) {
      String name = "eff" + axes;
      objects.put(
          name,
          new Efficiency(
              "TEfficiency",
              name,
              "passed of all",
              histogram("TH" + axes + "D", name + "_passed", axes, null),
              histogram("TH" + axes + "D", name + "_total", axes, null)));
    }
    objects.putAll(firstObjects(five, squares, twenty, none, x, y, e));
    return objects;
  }

  /** Whole numbers that depend on the bin; for a profile with weights. */
  private static Histogram histogram(
      String className, String name, int axes, Histogram.@Nullable ErrorOption option) {
    List<Histogram.Axis> chosen = List.of(X, EDGES, X).subList(0, axes);
    double[] sums = new double[axes == 1 ? 5 : axes == 2 ? 20 : 100];
    double[] squares = new double[sums.length];
    double[] weights = new double[sums.length];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = i % 7 * 3;
      squares[i] = i % 7 * 9 + i % 3 * 5;
      weights[i] = 1 + i % 4;
    }
    Histogram.Profile profile =
        option == null
            ? null
            : new Histogram.Profile(DoubleColumn.of(weights), DoubleColumn.of(weights), option);
    return new Histogram(
        className,
        name,
        "title;x",
        42,
        chosen,
        DoubleColumn.of(sums),
        DoubleColumn.of(squares),
        profile,
        List.of());
  }

  private static Map<String, RootObject> firstObjects(
      DoubleColumn five,
      DoubleColumn squares,
      DoubleColumn twenty,
      DoubleColumn none,
      DoubleColumn x,
      DoubleColumn y,
      DoubleColumn e) {
    return Map.of(
        "h1d", new Histogram("TH1D", "h1d", "a;b", 7, List.of(X), five, none, null, List.of()),
        "dir/h1f", new Histogram("TH1F", "h1f", "", 5, List.of(X), five, squares, null, List.of()),
        "edges",
            new Histogram(
                "TH1D",
                "edges",
                "",
                4,
                List.of(EDGES),
                DoubleColumn.of(0, 1, 2, 0),
                none,
                null,
                List.of()),
        "h2d",
            new Histogram("TH2D", "h2d", "", 9, List.of(X, EDGES), twenty, twenty, null, List.of()),
        "dir/h2f",
            new Histogram("TH2F", "h2f", "", 9, List.of(X, EDGES), twenty, none, null, List.of()),
        "profile",
            new Histogram(
                "TProfile",
                "profile",
                "means",
                6,
                List.of(X),
                five,
                squares,
                new Histogram.Profile(
                    DoubleColumn.of(1, 1, 2, 2, 1), none, Histogram.ErrorOption.SPREAD),
                List.of()),
        "graph", new Graph("TGraph", "graph", "points", x, y, Map.of()),
        "errors", new Graph("TGraphErrors", "errors", "", x, y, Map.of("ex", e, "ey", e)),
        "asymmetric",
            new Graph(
                "TGraphAsymmErrors",
                "asymmetric",
                "",
                x,
                y,
                Map.of("exlow", e, "exhigh", x, "eylow", y, "eyhigh", e)),
        "named", new RootObject.Named("TNamed", "named", "a title"));
  }

  private static void write(RootWriter writer) throws IOException {
    for (Map.Entry<String, RootObject> entry : objects().entrySet()) {
      writer.object(entry.getKey(), entry.getValue());
    }
    writer.object("json", new RootObject.Text("TObjString", "{\"model\": \"pfn\"}"));
    writer.commit();
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    Path file = folder.resolve("objects.root");
    try (RootWriter writer = RootWriter.create(file)) {
      write(writer);
    }
    try (RootFile root = RootFile.open(file)) {
      for (Map.Entry<String, RootObject> entry : objects().entrySet()) {
        assertEquals(entry.getValue(), root.object(entry.getKey()), entry.getKey());
      }
      assertEquals(new RootObject.Text("TObjString", "{\"model\": \"pfn\"}"), root.object("json"));
    }
  }

  @Test
  void histogramsOfRootComeBackEqual() throws IOException {
    int written = 0;
    for (String original : List.of("hist_1d_2d_3d", "hist_objects")) {
      // Left for ROOT to compare with the original (tools/peer_checks.py).
      Path file = Path.of("target", "peer-files", "rewritten_" + original + ".root");
      Files.createDirectories(file.getParent());
      List<String> names = new ArrayList<>();
      try (RootFile root = RootFile.open(MadeFiles.written(original));
          RootWriter writer = RootWriter.create(file)) {
        for (KeyInfo key : root.keys()) {
          if (key.className().matches("TH[123][CSIFD]|TProfile.*|TEfficiency|TGraph(\\w*Errors)?")
              && !names.contains(key.path())) {
            RootObject object = root.object(key.path());
            boolean hasFunctions =
                object instanceof Histogram histogram && !histogram.functions().isEmpty();
            // What is written gets the name of its key.
            if (!hasFunctions && key.path().endsWith(object.name())) {
              writer.object(key.path(), object);
              names.add(key.path());
            }
          }
        }
        writer.commit();
        try (RootFile copy = RootFile.open(file)) {
          for (String name : names) {
            assertEquals(root.object(name), copy.object(name), name);
            written++;
          }
        }
      }
    }
    assertTrue(written >= 20, written + " histograms");
  }

  @Test
  void contentsThatDoNotFitTheAxesAreRefused() throws IOException {
    DoubleColumn four = DoubleColumn.of(1, 2, 3, 4);
    refused(
        new Histogram("TH1D", "h", "", 1, List.of(X), four, DoubleColumn.of(), null, List.of()),
        "4 contents, expected one for each of 5 bins");
    refused(
        new Graph("TGraphErrors", "g", "", four, four, Map.of("ex", four)),
        "errors [ex], expected [ex, ey]");
    refused(
        new Histogram(
            "TH1S",
            "h",
            "",
            1,
            List.of(X),
            DoubleColumn.of(1, 2, 40000, 4, 5),
            DoubleColumn.of(),
            null,
            List.of()),
        "40000");
    refused(
        new Histogram(
            "TProfile",
            "p",
            "",
            1,
            List.of(X),
            DoubleColumn.of(1, 2, 3, 4, 5),
            DoubleColumn.of(),
            null,
            List.of()),
        "without its weights");
    try (RootWriter writer = RootWriter.create(folder.resolve("never.root"))) {
      RootObject other = new RootObject.Other("TCanvas", "c", "");
      assertTrue(
          assertThrows(UnsupportedRootException.class, () -> writer.object("c", other))
              .getMessage()
              .contains("TCanvas"));
    }
  }

  private void refused(RootObject object, String why) throws IOException {
    try (RootWriter writer = RootWriter.create(folder.resolve("never.root"))) {
      IllegalArgumentException error =
          assertThrows(IllegalArgumentException.class, () -> writer.object("x", object));
      assertTrue(error.getMessage().contains(why), error.getMessage());
    }
  }

  @Test
  void aFailureAtAnyWriteLeavesNothing() throws IOException {
    Path path = folder.resolve("x.root");
    int failAt = 0;
    while (true) {
      FailingTarget target = new FailingTarget(PathTarget.create(path), failAt);
      try (RootWriter writer = RootWriter.create(target, "", Compression.ZSTD)) {
        write(writer);
        break;
      } catch (IOException e) {
        assertEquals("no space left", e.getMessage());
      }
      try (Stream<Path> left = Files.list(folder)) {
        assertEquals(List.of(), left.toList(), "failed at write " + failAt);
      }
      failAt++;
    }
    assertTrue(failAt > 30, failAt + " writes");
  }

  /** Left for ROOT to look at (tools/peer_checks.py). */
  @Test
  void objectsForPeers() throws IOException {
    Path file = Path.of("target", "peer-files", "objects.root");
    Files.createDirectories(file.getParent());
    try (RootWriter writer = RootWriter.create(file)) {
      write(writer);
    }
    assertTrue(Files.size(file) > 1000);
  }
}
