package org.bitbeam.beam;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import org.apache.beam.sdk.coders.CustomCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.bitbeam.root.Dataset;
import org.bitbeam.root.KeyInfo;
import org.bitbeam.root.RootFile;

/**
 * A dataset of an input file.
 *
 * @param file its name or address
 * @param fingerprint of its content
 * @param dataset path of the tree in it
 * @param entries of the tree
 * @param bytes of the file
 */
public record InputFile(String file, String fingerprint, String dataset, long entries, long bytes) {

  /** Opens a file and looks at its dataset. */
  static InputFile describe(String file, String dataset) throws IOException {
    try (RootFile root = RootIO.open(file)) {
      return of(root, dataset);
    }
  }

  /**
   * The dataset of that name in an open file; for an empty name {@code Events}, or the only one
   * there is.
   *
   * @throws IllegalArgumentException when there is none, or several; says which there are
   */
  public static InputFile of(RootFile root, String dataset) throws IOException {
    Dataset data = choose(root, dataset);
    return new InputFile(root.name(), root.fingerprint(), data.path(), data.entries(), root.size());
  }

  private static Dataset choose(RootFile root, String dataset) throws IOException {
    if (!dataset.isEmpty()) {
      return root.dataset(dataset);
    }
    List<String> names = root.datasets().stream().map(KeyInfo::path).distinct().toList();
    if (names.contains("Events")) {
      return root.dataset("Events");
    }
    if (names.size() != 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: which tree? it has %s; name one",
              root.name(),
              names.isEmpty() ? "none" : String.join(", ", names)));
    }
    return root.dataset(names.get(0));
  }

  /** Last part of the file's name. */
  String baseName() {
    return baseName(file);
  }

  /** Last part of a file's name or address: what its output is called. */
  public static String baseName(String file) {
    return file.substring(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  }

  /** Codes the parts one after the other. */
  static final class Coder extends CustomCoder<InputFile> {
    private static final long serialVersionUID = 1L;

    @Override
    public void encode(InputFile value, OutputStream out) throws IOException {
      StringUtf8Coder.of().encode(value.file, out);
      StringUtf8Coder.of().encode(value.fingerprint, out);
      StringUtf8Coder.of().encode(value.dataset, out);
      VarLongCoder.of().encode(value.entries, out);
      VarLongCoder.of().encode(value.bytes, out);
    }

    @Override
    public InputFile decode(InputStream in) throws IOException {
      return new InputFile(
          StringUtf8Coder.of().decode(in),
          StringUtf8Coder.of().decode(in),
          StringUtf8Coder.of().decode(in),
          VarLongCoder.of().decode(in),
          VarLongCoder.of().decode(in));
    }

    @Override
    public void verifyDeterministic() {
      // All parts are.
    }
  }
}
