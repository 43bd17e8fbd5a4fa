package org.bitbeam.cli;

import java.io.PrintWriter;
import java.util.Locale;

/** A bar on a terminal; nothing anywhere else. Not safe for several threads. */
public final class Progress {
  private static final int WIDTH = 30;

  private final PrintWriter terminal;
  private final boolean shown;
  private final String unit;
  private final long total;
  private final long start = System.nanoTime();
  private int lastLength;

  /**
   * A bar towards {@code total}.
   *
   * @param total 0 when it is not known
   */
  public Progress(PrintWriter terminal, boolean shown, String unit, long total) {
    this.terminal = terminal;
    this.shown = shown;
    this.unit = unit;
    this.total = total;
  }

  /** Whether standard error is a terminal: the launcher says so. */
  public static boolean isTerminal() {
    return Boolean.getBoolean("bitbeam.terminal");
  }

  /** Shows how far it is. */
  public void update(long done) {
    if (!shown) {
      return;
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    StringBuilder line = new StringBuilder("\r");
    if (total > 0) {
      int filled = (int) Math.min(WIDTH, WIDTH * done / total);
      line.append('[').append("#".repeat(filled)).append(" ".repeat(WIDTH - filled)).append("] ");
      line.append(String.format(Locale.ROOT, "%3d %%  ", Math.min(100, 100 * done / total)));
    }
    line.append(String.format(Locale.ROOT, "%,d %s", done, unit));
    if (done > 0) {
      line.append(String.format(Locale.ROOT, "  %,.0f/s", done / seconds));
      if (total > done) {
        line.append(String.format(Locale.ROOT, "  %.0f s left", seconds * (total - done) / done));
      }
    }
    int length = line.length();
    line.append(" ".repeat(Math.max(0, lastLength - length)));
    lastLength = length;
    terminal.print(line);
    terminal.flush();
  }

  /** Wipes the bar. */
  public void end() {
    if (shown) {
      terminal.print("\r" + " ".repeat(lastLength) + "\r");
      terminal.flush();
    }
  }
}
