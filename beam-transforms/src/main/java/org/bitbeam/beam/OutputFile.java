package org.bitbeam.beam;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.beam.sdk.coders.CustomCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarLongCoder;

/**
 * A complete output file.
 *
 * @param input file it was made from
 * @param inputFingerprint of the content of that file
 * @param file its name or address
 * @param entriesRead of the input's tree
 * @param entries of its own tree
 * @param bytes of the file
 * @param sha256 of the file, in hexadecimal
 */
public record OutputFile(
    String input,
    String inputFingerprint,
    String file,
    long entriesRead,
    long entries,
    long bytes,
    String sha256) {

  /** Codes the parts one after the other. */
  static final class Coder extends CustomCoder<OutputFile> {
    private static final long serialVersionUID = 1L;

    @Override
    public void encode(OutputFile value, OutputStream out) throws IOException {
      StringUtf8Coder.of().encode(value.input, out);
      StringUtf8Coder.of().encode(value.inputFingerprint, out);
      StringUtf8Coder.of().encode(value.file, out);
      VarLongCoder.of().encode(value.entriesRead, out);
      VarLongCoder.of().encode(value.entries, out);
      VarLongCoder.of().encode(value.bytes, out);
      StringUtf8Coder.of().encode(value.sha256, out);
    }

    @Override
    public OutputFile decode(InputStream in) throws IOException {
      return new OutputFile(
          StringUtf8Coder.of().decode(in),
          StringUtf8Coder.of().decode(in),
          StringUtf8Coder.of().decode(in),
          VarLongCoder.of().decode(in),
          VarLongCoder.of().decode(in),
          VarLongCoder.of().decode(in),
          StringUtf8Coder.of().decode(in));
    }

    @Override
    public void verifyDeterministic() {
      // All parts are.
    }
  }
}
