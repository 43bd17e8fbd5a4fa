package org.bitbeam.columns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EventBatchTest {

  @Property(tries = 300)
  void codedBatchesComeBackEqual(@ForAll long seed, @ForAll @IntRange(max = 40) int entries) {
    EventBatch batch = new ColumnArbitraries(seed).batch(4, entries);
    byte[] bytes = EventBatchCodec.encode(batch);
    EventBatch back = EventBatchCodec.decode(bytes);
    assertEquals(batch, back);
    assertEquals(batch.hashCode(), back.hashCode());
    assertTrue(Arrays.equals(bytes, EventBatchCodec.encode(back)));
  }

  @Property(tries = 300)
  void slicesConcatenateToTheWhole(
      @ForAll long seed,
      @ForAll @IntRange(max = 40) int entries,
      @ForAll @IntRange(min = 1, max = 11) int step) {
    EventBatch batch = new ColumnArbitraries(seed).batch(3, entries);
    List<EventBatch> slices = new ArrayList<>();
    for (int from = 0; from == 0 || from < entries; from += step) {
      slices.add(batch.slice(from, Math.min(entries, from + step)));
    }
    EventBatch joined = EventBatch.concatenate(slices);
    assertEquals(batch, joined);
    for (EventBatch slice : slices) {
      assertEquals(slice, EventBatchCodec.decode(EventBatchCodec.encode(slice)));
    }
  }

  @Test
  void patternsChooseNamesInTheOrderOfTheColumns() {
    Schema schema =
        new Schema(
            Stream.of("run", "nJet", "Jet_pt", "Jet_eta", "Jet.x", "Jet/Jet.x")
                .map(name -> Schema.Field.of(name, ColumnType.Primitive.INT32))
                .toList());
    assertEquals(List.of("nJet", "Jet_pt", "Jet_eta"), schema.matching("Jet_*", "nJet", "Jet_p?"));
    assertEquals(List.of("Jet.x"), schema.matching("Jet.x"));
    assertEquals(List.of("Jet.x", "Jet/Jet.x"), schema.matching("*.x"));
    assertEquals(schema.names(), schema.matching("*"));
    assertEquals(List.of(), schema.matching());
    String error =
        assertThrows(IllegalArgumentException.class, () -> schema.matching("run", "Muon_*"))
            .getMessage();
    assertTrue(error.contains("Muon_*") && error.contains("nJet"), error);
  }

  @Property(tries = 200)
  void digestsDoNotDependOnPieces(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 30) int entries) {
    ColumnArbitraries arbitraries = new ColumnArbitraries(seed);
    Column column = arbitraries.column(arbitraries.type(3), entries);
    ColumnDigest whole = new ColumnDigest();
    whole.add(column);
    ColumnDigest pieces = new ColumnDigest();
    int cut = (int) Math.floorMod(seed, (long) entries + 1);
    pieces.add(column.slice(0, cut));
    pieces.add(column.slice(cut, entries));
    List<ColumnDigest.Part> a = whole.parts();
    List<ColumnDigest.Part> b = pieces.parts();
    assertEquals(a.size(), b.size());
    for (int i = 0; i < a.size(); i++) {
      assertEquals(a.get(i).crc32(), b.get(i).crc32());
      assertEquals(a.get(i).offsetsCrc32(), b.get(i).offsetsCrc32());
      assertEquals(a.get(i).count(), b.get(i).count());
      assertEquals(a.get(i).min(), b.get(i).min());
      assertEquals(a.get(i).max(), b.get(i).max());
    }
  }

  @Test
  void damagedBytesAreRefusedPolitely() {
    Random random = new Random(20260101);
    for (int round = 0; round < 3000; round++) {
      byte[] bytes = EventBatchCodec.encode(new ColumnArbitraries(round % 50).batch(3, 10));
      int flips = 1 + random.nextInt(4);
      for (int i = 0; i < flips; i++) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      byte[] cut =
          random.nextInt(3) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
      try {
        EventBatchCodec.decode(cut);
      } catch (BatchFormatException expected) {
        assertTrue(expected.getMessage().length() > 10);
      }
    }
  }

  @Test
  void lengthsAreCheckedEvenWhenTheChecksumIsRight() {
    Random random = new Random(7);
    for (int round = 0; round < 5000; round++) {
      byte[] bytes = EventBatchCodec.encode(new ColumnArbitraries(round % 50).batch(2, 6));
      int at = 17 + random.nextInt(bytes.length - 17);
      bytes[at] = (byte) (random.nextBoolean() ? 0x7f : random.nextInt());
      java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
      crc.update(bytes, 17, bytes.length - 17);
      java.nio.ByteBuffer.wrap(bytes)
          .order(java.nio.ByteOrder.LITTLE_ENDIAN)
          .putInt(13, (int) crc.getValue());
      try {
        EventBatchCodec.decode(bytes);
      } catch (BatchFormatException expected) {
        assertTrue(expected.getMessage().length() > 10);
      }
    }
  }

  @Test
  void aColumnOfAnotherLengthIsRefusedByName() {
    Schema schema = new Schema(List.of(Schema.Field.of("x", ColumnType.Primitive.INT32)));
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> EventBatch.of(Origin.MEMORY, schema, List.of(IntColumn.of(1, 2)), 3));
    assertEquals("column x has 2 entries, expected 3", error.getMessage());
  }

  @Test
  void aMissingColumnIsNamedWithThoseThatExist() {
    EventBatch batch =
        EventBatch.of(
            new Origin("a.root", "", "Events", 0),
            new Schema(List.of(Schema.Field.of("pt", ColumnType.Primitive.INT32))),
            List.of(IntColumn.of(1)),
            1);
    assertEquals(
        "a.root: Events, from entry 0: no column \"eta\"; there are: pt",
        assertThrows(IllegalArgumentException.class, () -> batch.column("eta")).getMessage());
  }

  @Test
  void batchesWithAGapAreNotConcatenated() {
    EventBatch batch = new ColumnArbitraries(1).batch(2, 10);
    assertThrows(
        IllegalArgumentException.class,
        () -> EventBatch.concatenate(List.of(batch.slice(0, 4), batch.slice(5, 10))));
  }

  @Test
  void unsignedNumbersWidenWithoutASign() {
    assertEquals(255, ByteColumn.ofUnsigned((byte) -1).getLong(0));
    assertEquals(65535.0, ShortColumn.ofUnsigned((short) -1).getDouble(0));
    assertEquals(4294967295L, IntColumn.ofUnsigned(-1).getLong(0));
    assertEquals(18446744073709551615.0, LongColumn.ofUnsigned(-1L).getDouble(0));
    assertEquals(
        9223372036854777856.0, LongColumn.ofUnsigned(0x80000000000004ffL).getDouble(0), 2048);
    assertNotEquals(ByteColumn.of((byte) -1), ByteColumn.ofUnsigned((byte) -1));
  }
}
