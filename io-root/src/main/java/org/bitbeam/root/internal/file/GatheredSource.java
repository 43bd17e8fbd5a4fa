package org.bitbeam.root.internal.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bitbeam.root.ByteSource;
import org.jspecify.annotations.Nullable;

/**
 * A source that knows what will be asked for and fetches it in groups, each with one vectored read
 * when something of it is first wanted. Groups follow the order of use; the two newest are kept, so
 * memory is bounded however much was announced. Safe for several threads.
 */
final class GatheredSource implements ByteSource {
  private static final long GROUP_BYTES = 32 << 20;
  private static final int KEPT_GROUPS = 2;

  private final ByteSource source;
  private final List<Group> groups;
  private final Deque<Group> kept = new ArrayDeque<>();

  /** Extents that are fetched together: by position, without gaps inside of each. */
  private static final class Group {
    final TreeMap<Long, Integer> lengths = new TreeMap<>();
    @Nullable TreeMap<Long, ByteBuffer> bytes;
    boolean wasFetched;

    Group(List<Records.Extent> extents) {
      List<Records.Extent> sorted = new ArrayList<>(extents);
      sorted.sort(Comparator.comparingLong(Records.Extent::position));
      long start = -1;
      long end = -1;
      for (Records.Extent extent : sorted) {
        long extentEnd = extent.position() + extent.length();
        boolean joins =
            extent.position() <= end && Math.max(end, extentEnd) - start <= Integer.MAX_VALUE - 8;
        if (!joins) {
          start = extent.position();
          end = start;
        }
        end = Math.max(end, extentEnd);
        lengths.put(start, (int) (end - start));
      }
    }

    boolean holds(long position, int length) {
      Map.Entry<Long, Integer> run = lengths.floorEntry(position);
      return run != null && position + length <= run.getKey() + run.getValue();
    }
  }

  GatheredSource(ByteSource source, List<Records.Extent> extents) {
    this.source = source;
    this.groups = new ArrayList<>();
    List<Records.Extent> next = new ArrayList<>();
    long bytes = 0;
    for (Records.Extent extent : extents) {
      if (!next.isEmpty() && bytes + extent.length() > GROUP_BYTES) {
        groups.add(new Group(next));
        next.clear();
        bytes = 0;
      }
      next.add(extent);
      bytes += extent.length();
    }
    groups.add(new Group(next));
  }

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public long size() throws IOException {
    return source.size();
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    for (Group group : groups) {
      if (group.holds(position, target.remaining())) {
        Map.Entry<Long, ByteBuffer> run = fetched(group, position);
        if (run != null) {
          int at = (int) (position - run.getKey());
          target.put(run.getValue().slice(at, target.remaining()));
          return;
        }
      }
    }
    source.readFully(position, target);
  }

  /** The run with a position; null when its group was let go already. */
  private synchronized Map.@Nullable Entry<Long, ByteBuffer> fetched(Group group, long position)
      throws IOException {
    if (!group.wasFetched) {
      List<Part> parts = new ArrayList<>();
      TreeMap<Long, ByteBuffer> bytes = new TreeMap<>();
      for (Map.Entry<Long, Integer> run : group.lengths.entrySet()) {
        ByteBuffer buffer = ByteBuffer.allocate(run.getValue());
        parts.add(new Part(run.getKey(), buffer));
        bytes.put(run.getKey(), buffer.duplicate());
      }
      source.readVectored(parts);
      group.wasFetched = true;
      group.bytes = bytes;
      kept.add(group);
      if (kept.size() > KEPT_GROUPS) {
        kept.remove().bytes = null;
      }
    }
    return group.bytes == null ? null : group.bytes.floorEntry(position);
  }

  @Override
  public boolean isRemote() {
    return source.isRemote();
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
