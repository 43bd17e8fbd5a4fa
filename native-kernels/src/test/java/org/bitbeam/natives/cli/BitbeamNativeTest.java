package org.bitbeam.natives.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bitbeam.cli.Bitbeam;
import org.bitbeam.runtime.natives.AllNativeProducts;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line with native products, against the one without. */
class BitbeamNativeTest {
  private static final String MODEL = "../models/pfn-bit";
  private static final String SAMPLE = "../samples/qg_sample.root";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void benchmarksTheNativeWay() {
    Assumptions.assumeTrue(!AllNativeProducts.here().isEmpty(), AllNativeProducts::whyNot);
    int code =
        BitbeamNative.run(
            new PrintWriter(out),
            new PrintWriter(err),
            "bench",
            "model",
            MODEL,
            "--batch",
            "12",
            "--seconds",
            "0.05",
            "--products",
            "native");
    assertEquals(0, code, err::toString);
    assertTrue(out.toString().contains("12 or more rows, 128 x 128: native"), out::toString);
  }

  @Test
  void tagsOnBeamWithTheSameResult(@TempDir Path folder) throws IOException {
    int code = BitbeamNative.run(new PrintWriter(out), new PrintWriter(err), tag(folder, "with"));
    assertEquals(0, code, err::toString);
    code = Bitbeam.run(new PrintWriter(out), new PrintWriter(err), tag(folder, "without"));
    assertEquals(0, code, err::toString);
    Path with = tagged(folder.resolve("with"));
    assertArrayEquals(
        Files.readAllBytes(tagged(folder.resolve("without"))), Files.readAllBytes(with));
  }

  private static String[] tag(Path folder, String name) {
    return new String[] {
      "tag",
      "--input",
      SAMPLE,
      "--model",
      MODEL,
      "--backend",
      "bit",
      "--output",
      folder.resolve(name).toString()
    };
  }

  private static Path tagged(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".root")).findFirst().orElseThrow();
    }
  }
}
