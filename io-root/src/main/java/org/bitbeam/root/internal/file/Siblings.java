package org.bitbeam.root.internal.file;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bitbeam.root.ByteSource;
import org.bitbeam.root.ReadLimits;
import org.bitbeam.root.RootFormatException;

/** The other files that a file refers to, each opened once. Safe for several threads. */
final class Siblings {
  private static final int MAX_FILES = 64;

  private final ByteSource source;
  private final ReadLimits limits;
  private final Map<String, ByteSource> sources = new LinkedHashMap<>();
  private final Map<String, Records> records = new LinkedHashMap<>();
  private boolean isClosed;

  Siblings(ByteSource source, ReadLimits limits) {
    this.source = source;
    this.limits = limits;
  }

  synchronized Records open(String context, String name) throws IOException {
    Records known = records.get(name);
    if (known != null) {
      return known;
    }
    if (isClosed || records.size() >= MAX_FILES) {
      throw new RootFormatException(
          context
              + ": its baskets lie in "
              + name
              + (isClosed ? ", but the file was closed" : ", one of more than " + MAX_FILES));
    }
    ByteSource opened = source.sibling(name);
    try {
      Records made = new Records(opened, FileHeader.read(opened).end(), limits);
      sources.put(name, opened);
      records.put(name, made);
      return made;
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  /** Closes all; the first failure is thrown after that. */
  synchronized void close() throws IOException {
    isClosed = true;
    IOException failure = null;
    for (Map.Entry<String, ByteSource> opened : sources.entrySet()) {
      try (ByteSource closing = opened.getValue()) {
        Records known = records.get(opened.getKey());
        if (known != null) {
          known.close();
        }
      } catch (IOException e) {
        failure = failure == null ? e : failure;
      }
    }
    sources.clear();
    records.clear();
    if (failure != null) {
      throw failure;
    }
  }
}
