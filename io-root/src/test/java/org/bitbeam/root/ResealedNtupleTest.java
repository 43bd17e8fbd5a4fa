package org.bitbeam.root;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.dynatrace.hash4j.hashing.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Damage inside of the descriptions of an ntuple with all checksums made right again: only checks
 * of the contents help.
 */
class ResealedNtupleTest {
  static final int HEADER = 1;
  private static final int FOOTER = 2;
  private static final int PAGE_LIST = 3;

  /** An envelope found in the file. */
  record Envelope(int type, int at, int length) {}

  @Test
  void damageBehindRightChecksumsIsRefusedPolitely() throws IOException {
    byte[] good =
        Files.readAllBytes(Path.of("src", "test", "resources", "made", "ntuple_more.root"));
    List<Envelope> envelopes = envelopes(good);
    assertEquals(
        List.of(HEADER, PAGE_LIST, FOOTER),
        envelopes.stream().map(Envelope::type).toList(),
        "uncompressed envelopes in the file");
    byte[] untouched = good.clone();
    seal(untouched, envelopes);
    assertEquals(ByteBuffer.wrap(good), ByteBuffer.wrap(untouched));
    int inputs = Integer.getInteger("bitbeam.fuzz.inputs", 20_000) / 4;
    for (int i = 0; i < inputs; i++) {
      Random random = new Random(77L * 1_000_003 + i);
      byte[] bytes = good.clone();
      Envelope chosen = envelopes.get(i % envelopes.size());
      int times = 1 + random.nextInt(3);
      for (int t = 0; t < times; t++) {
        damage(bytes, chosen, random);
      }
      seal(bytes, envelopes);
      try {
        Damage.readAll(ByteSource.ofBytes("resealed", bytes));
      } catch (Throwable e) {
        throw new AssertionError("input " + i, e);
      }
    }
  }

  private static void damage(byte[] bytes, Envelope envelope, Random random) {
    int at = envelope.at + Long.BYTES + random.nextInt(envelope.length - 2 * Long.BYTES);
    int end = envelope.at + envelope.length - Long.BYTES;
    switch (random.nextInt(4)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt();
      case 2 -> {
        for (int i = at; i < Math.min(end, at + (1 << random.nextInt(4))); i++) {
          bytes[i] = (byte) 0xff;
        }
      }
      default -> bytes[at] = (byte) (bytes[at] + random.nextInt(3) - 1);
    }
  }

  /** Writes the checksums, and that of the header where others name it. */
  static void seal(byte[] bytes, List<Envelope> envelopes) {
    ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long header = 0;
    for (Envelope envelope : envelopes) {
      if (envelope.type == PAGE_LIST) {
        words.putLong(envelope.at + 8, header);
      } else if (envelope.type == FOOTER) {
        words.putLong(envelope.at + 16, header);
      }
      long checksum =
          Hashing.xxh3_64().hashBytesToLong(bytes, envelope.at, envelope.length - Long.BYTES);
      words.putLong(envelope.at + envelope.length - Long.BYTES, checksum);
      if (envelope.type == HEADER) {
        header = checksum;
      }
    }
  }

  static List<Envelope> envelopes(byte[] bytes) {
    ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    List<Envelope> found = new ArrayList<>();
    for (int at = 0; at + 16 <= bytes.length; at++) {
      long word = words.getLong(at);
      long length = word >>> 16;
      int type = (int) (word & 0xffff);
      if (type >= HEADER
          && type <= PAGE_LIST
          && length >= 32
          && length <= bytes.length - at
          && words.getLong(at + (int) length - Long.BYTES)
              == Hashing.xxh3_64().hashBytesToLong(bytes, at, (int) length - Long.BYTES)) {
        found.add(new Envelope(type, at, (int) length));
      }
    }
    return found;
  }
}
