package org.bitbeam.root.internal.remote;

import java.io.EOFException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.bitbeam.root.ByteSource.Part;

/**
 * Consecutive bytes that are fetched as one, for one or more parts of a vectored read.
 *
 * @param position of the first
 * @param length of all
 * @param parts that lie in it
 */
record Span(long position, int length, List<Part> parts) {

  long end() {
    return position + length;
  }

  /**
   * Sorts and merges parts. Parts longer than {@code longest} are cut, so that no span is longer.
   *
   * @param size of the file
   * @param gap bytes between parts that are fetched with them rather than skipped
   * @throws EOFException when a part ends after the file
   */
  static List<Span> of(String name, List<Part> parts, long size, int gap, int longest)
      throws EOFException {
    List<Part> pieces = new ArrayList<>();
    for (Part part : parts) {
      int bytes = part.target().remaining();
      if (part.position() < 0 || part.position() > size - bytes) {
        throw new EOFException(name + ": the file ends at byte " + size + ", more was expected");
      }
      int start = part.target().position();
      for (int at = 0; at < bytes; at += longest) {
        int some = Math.min(longest, bytes - at);
        pieces.add(new Part(part.position() + at, part.target().slice(start + at, some)));
      }
      part.target().position(start + bytes);
    }
    pieces.sort(Comparator.comparingLong(Part::position));
    List<Span> spans = new ArrayList<>();
    List<Part> group = new ArrayList<>();
    long first = 0;
    long end = 0;
    for (Part piece : pieces) {
      long pieceEnd = piece.position() + piece.target().remaining();
      boolean joins = piece.position() <= end + gap && Math.max(end, pieceEnd) - first <= longest;
      if (!group.isEmpty() && !joins) {
        spans.add(new Span(first, (int) (end - first), List.copyOf(group)));
        group.clear();
      }
      if (group.isEmpty()) {
        first = piece.position();
        end = first;
      }
      group.add(piece);
      end = Math.max(end, pieceEnd);
    }
    if (!group.isEmpty()) {
      spans.add(new Span(first, (int) (end - first), List.copyOf(group)));
    }
    return spans;
  }

  /**
   * Cuts a list of spans into requests.
   *
   * @param most spans in one
   * @param bytes in one
   */
  static List<List<Span>> batches(List<Span> spans, int most, long bytes) {
    List<List<Span>> batches = new ArrayList<>();
    List<Span> batch = new ArrayList<>();
    long sum = 0;
    for (Span span : spans) {
      if (!batch.isEmpty() && (batch.size() == most || sum + span.length() > bytes)) {
        batches.add(batch);
        batch = new ArrayList<>();
        sum = 0;
      }
      batch.add(span);
      sum += span.length();
    }
    if (!batch.isEmpty()) {
      batches.add(batch);
    }
    return batches;
  }

  /**
   * Hands its bytes to the parts. May be done again with another answer.
   *
   * @param bytes array that holds them
   * @param at where they begin
   */
  void deliver(byte[] bytes, int at) {
    for (Part part : parts) {
      ByteBuffer target = part.target().duplicate();
      target.put(bytes, at + (int) (part.position() - position), target.remaining());
    }
  }
}
