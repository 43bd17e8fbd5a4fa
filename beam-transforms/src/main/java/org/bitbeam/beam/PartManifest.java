package org.bitbeam.beam;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.beam.sdk.coders.CustomCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarLongCoder;

/**
 * A part that a worker wrote: new columns of consecutive entries of one input.
 *
 * @param file input file
 * @param fingerprint of its content when it was read
 * @param firstEntry number of the first entry
 * @param entries number of entries
 * @param part where the part lies
 * @param bytes of the part
 */
record PartManifest(
    String file, String fingerprint, long firstEntry, long entries, String part, long bytes) {

  /** Codes the parts one after the other. */
  static final class Coder extends CustomCoder<PartManifest> {
    private static final long serialVersionUID = 1L;

    @Override
    public void encode(PartManifest value, OutputStream out) throws IOException {
      StringUtf8Coder.of().encode(value.file, out);
      StringUtf8Coder.of().encode(value.fingerprint, out);
      VarLongCoder.of().encode(value.firstEntry, out);
      VarLongCoder.of().encode(value.entries, out);
      StringUtf8Coder.of().encode(value.part, out);
      VarLongCoder.of().encode(value.bytes, out);
    }

    @Override
    public PartManifest decode(InputStream in) throws IOException {
      return new PartManifest(
          StringUtf8Coder.of().decode(in),
          StringUtf8Coder.of().decode(in),
          VarLongCoder.of().decode(in),
          VarLongCoder.of().decode(in),
          StringUtf8Coder.of().decode(in),
          VarLongCoder.of().decode(in));
    }

    @Override
    public void verifyDeterministic() {
      // All parts are.
    }
  }
}
