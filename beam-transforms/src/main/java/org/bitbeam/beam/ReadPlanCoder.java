package org.bitbeam.beam;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.CustomCoder;
import org.bitbeam.root.ReadPlan;

/** Codes plans as their own bytes, which are checked when they arrive. */
final class ReadPlanCoder extends CustomCoder<ReadPlan> {
  private static final long serialVersionUID = 1L;

  @Override
  public void encode(ReadPlan value, OutputStream out) throws IOException {
    ByteArrayCoder.of().encode(value.toBytes(), out);
  }

  @Override
  public ReadPlan decode(InputStream in) throws IOException {
    return ReadPlan.ofBytes(ByteArrayCoder.of().decode(in));
  }

  @Override
  public void verifyDeterministic() {
    // The bytes of a plan follow from what it says.
  }
}
