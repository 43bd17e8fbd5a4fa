package org.bitbeam.beam;

import java.io.IOException;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Asks now and then whether there are too many bad files: listing their letters takes a store far
 * away as long as reading a small file. Each DoFn has one of its own; for one thread at a time.
 */
final class BadFileLimit implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Listing takes at most one part of the time in so many. */
  private static final int PARTS = 20;

  private final @Nullable DeadLetters letters;
  private transient boolean isOver;
  private transient long asked;
  private transient long pause;

  /** The limit of these letters; none if there are none. */
  BadFileLimit(@Nullable DeadLetters letters) {
    this.letters = letters;
  }

  /** After a letter: they are counted when they are next asked for. */
  void recount() {
    pause = 0;
  }

  /** Whether there were too many when they were last counted. */
  boolean isOver() throws IOException {
    long now = System.nanoTime();
    if (letters != null && !isOver && (pause == 0 || now - asked >= pause)) {
      isOver = letters.isOver();
      asked = System.nanoTime();
      pause = 1 + PARTS * (asked - now);
    }
    return isOver;
  }
}
