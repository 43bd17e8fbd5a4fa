package org.bitbeam.root.internal.remote;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Answers of several byte ranges ({@code multipart/byteranges}, RFC 9110 section 14.6). */
final class Multipart {
  private static final int LONGEST_LINE = 1024;
  private static final int MOST_LINES = 32;
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes\\s+(\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");
  private static final Pattern BOUNDARY =
      Pattern.compile(
          "multipart/byteranges\\s*;.*?boundary=(?:\"([^\"]{1,70})\"|([^\\s;\"]{1,70})).*",
          Pattern.CASE_INSENSITIVE);

  private final byte[] body;
  private final int length;
  private int at;

  /**
   * Which bytes of the file these are.
   *
   * @param total size of the file, -1 when the server does not say it
   */
  record ContentRange(long first, long last, long total) {
    /** What a {@code Content-Range} says; null when it is malformed. */
    static @Nullable ContentRange parse(String header) {
      Matcher m = CONTENT_RANGE.matcher(header.strip().toLowerCase(Locale.ROOT));
      if (!m.matches()) {
        return null;
      }
      long first = Long.parseLong(m.group(1));
      long last = Long.parseLong(m.group(2));
      long total = m.group(3).equals("*") ? -1 : Long.parseLong(m.group(3));
      return last < first || (total >= 0 && last >= total)
          ? null
          : new ContentRange(first, last, total);
    }

    long length() {
      return last - first + 1;
    }
  }

  /**
   * A part: bytes {@code [offset, offset + range.length())} of the body.
   *
   * @param range of the file
   */
  record Piece(ContentRange range, int offset) {}

  private Multipart(byte[] body, int length) {
    this.body = body;
    this.length = length;
  }

  /** The boundary in a content type; null when it is not {@code multipart/byteranges}. */
  static @Nullable String boundary(String contentType) {
    Matcher m = BOUNDARY.matcher(contentType.strip());
    if (!m.matches()) {
      return null;
    }
    return m.group(1) != null ? m.group(1) : m.group(2);
  }

  /**
   * The parts of an answer.
   *
   * @param body holds it
   * @param length bytes of it
   * @throws IOException when it is malformed or ends too early
   */
  static List<Piece> parse(byte[] body, int length, String boundary) throws IOException {
    return new Multipart(body, length).pieces("--" + boundary);
  }

  private List<Piece> pieces(String delimiter) throws IOException {
    List<Piece> pieces = new ArrayList<>();
    int lines = 0;
    while (true) {
      String line = line();
      if (line.equals(delimiter + "--")) {
        return pieces;
      }
      if (!line.equals(delimiter)) {
        if (!pieces.isEmpty() && !line.isEmpty() || ++lines > MOST_LINES) {
          throw new IOException("a part of the answer is longer than it says");
        }
        continue;
      }
      ContentRange range = header();
      if (range.length() > length - at) {
        throw new IOException("a part of the answer is shorter than it says");
      }
      pieces.add(new Piece(range, at));
      at += (int) range.length();
    }
  }

  /** Reads the lines before the bytes of a part. */
  private ContentRange header() throws IOException {
    ContentRange range = null;
    for (int i = 0; i < MOST_LINES; i++) {
      String line = line();
      if (line.isEmpty()) {
        if (range == null) {
          throw new IOException("a part of the answer does not say its range");
        }
        return range;
      }
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).strip().equalsIgnoreCase("content-range")) {
        range = ContentRange.parse(line.substring(colon + 1));
        if (range == null) {
          throw new IOException("a part of the answer has a malformed range");
        }
      }
    }
    throw new IOException("a part of the answer has too many header lines");
  }

  private String line() throws IOException {
    for (int end = at; end < Math.min(length, at + LONGEST_LINE); end++) {
      if (body[end] == '\n') {
        int stop = end > at && body[end - 1] == '\r' ? end - 1 : end;
        String line = new String(body, at, stop - at, StandardCharsets.ISO_8859_1);
        at = end + 1;
        return line;
      }
    }
    // The last line may lack its line feed.
    if (length - at <= LONGEST_LINE && at < length) {
      String line = new String(body, at, length - at, StandardCharsets.ISO_8859_1);
      at = length;
      return line;
    }
    throw new IOException("the answer of several ranges ends too early");
  }
}
