package org.bitbeam.beam;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.beam.sdk.coders.CoderException;
import org.apache.beam.sdk.coders.CustomCoder;
import org.apache.beam.sdk.util.VarInt;
import org.bitbeam.columns.BatchFormatException;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.columns.EventBatchCodec;

/**
 * Codes a batch as {@link EventBatchCodec} does, with its length in front. Equal batches have equal
 * bytes.
 */
public final class EventBatchCoder extends CustomCoder<EventBatch> {
  private static final long serialVersionUID = 1L;
  private static final EventBatchCoder INSTANCE = new EventBatchCoder();
  private static final int MAX_BYTES = Integer.MAX_VALUE - 16;

  private EventBatchCoder() {}

  /** The coder. */
  public static EventBatchCoder of() {
    return INSTANCE;
  }

  @Override
  public void encode(EventBatch value, OutputStream out) throws IOException {
    byte[] bytes = EventBatchCodec.encode(value);
    VarInt.encode(bytes.length, out);
    out.write(bytes);
  }

  @Override
  public EventBatch decode(InputStream in) throws IOException {
    int length = VarInt.decodeInt(in);
    if (length < 0 || length > MAX_BYTES) {
      throw new CoderException("a batch of " + length + " bytes");
    }
    // readNBytes grows with what is there: a wrong length cannot take memory.
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("a batch of " + length + " bytes ends after " + bytes.length);
    }
    try {
      return EventBatchCodec.decode(bytes);
    } catch (BatchFormatException e) {
      throw new CoderException(e);
    }
  }

  @Override
  public void verifyDeterministic() {
    // Equal batches have equal bytes.
  }

  @Override
  public boolean consistentWithEquals() {
    return true;
  }
}
