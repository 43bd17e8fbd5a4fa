package org.bitbeam.root;

import java.io.IOException;
import org.bitbeam.root.internal.write.WriteTarget;

/** Fails at the given write or at the commit after the last one. */
final class FailingTarget implements WriteTarget {
  private final WriteTarget target;
  private int left;

  FailingTarget(WriteTarget target, int failAt) {
    this.target = target;
    this.left = failAt;
  }

  private void count() throws IOException {
    if (left-- == 0) {
      throw new IOException("no space left");
    }
  }

  @Override
  public String name() {
    return target.name();
  }

  @Override
  public void write(long position, byte[] bytes, int from, int length) throws IOException {
    count();
    target.write(position, bytes, from, length);
  }

  @Override
  public void commit() throws IOException {
    count();
    target.commit();
  }

  @Override
  public void abort() throws IOException {
    target.abort();
  }
}
