package org.bitbeam.root.internal.file;

import java.util.ArrayDeque;
import java.util.Deque;

/** The workspaces of a file: as many as threads read at once. Safe for several threads. */
final class Workspaces {
  private final int maxRatio;
  private final Deque<Workspace> idle = new ArrayDeque<>();
  private boolean isClosed;

  /**
   * None yet.
   *
   * @param maxRatio bytes that a stored byte may become
   */
  Workspaces(int maxRatio) {
    this.maxRatio = maxRatio;
  }

  synchronized Workspace take() {
    Workspace last = idle.pollLast();
    return last == null ? new Workspace(this, maxRatio) : last;
  }

  synchronized void giveBack(Workspace workspace) {
    if (isClosed) {
      workspace.free();
    } else {
      idle.addLast(workspace);
    }
  }

  /** Frees all, those in use when they come back. */
  synchronized void close() {
    isClosed = true;
    idle.forEach(Workspace::free);
    idle.clear();
  }
}
