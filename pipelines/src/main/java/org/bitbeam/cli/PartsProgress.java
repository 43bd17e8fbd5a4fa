package org.bitbeam.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.fs.MatchResult;

/**
 * Progress on a terminal while a runner works that says nothing of its counters before the end: by
 * the names of the parts that workers have written, which hold the numbers of entries. Looks more
 * rarely when looking takes long.
 */
final class PartsProgress implements AutoCloseable {
  private static final Pattern PART = Pattern.compile(".*/\\d+-(\\d+)\\.part");
  private static final long LEAST_MILLISECONDS = 1000;

  /** Of the time, at most one part in so many is spent on looking. */
  private static final int SHARE = 20;

  private final String folder;
  private final Progress progress;
  private final ScheduledExecutorService looks;
  private long most;

  /**
   * Starts to look, if it is shown.
   *
   * @param folder of the parts of this attempt
   * @param entries of all inputs; 0 when they are not known
   */
  PartsProgress(PrintWriter terminal, boolean shown, String folder, long entries) {
    this.folder = folder;
    this.progress = new Progress(terminal, shown, "entries", entries);
    this.looks =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "progress");
              thread.setDaemon(true);
              return thread;
            });
    if (shown) {
      looks.schedule(this::look, LEAST_MILLISECONDS, TimeUnit.MILLISECONDS);
    }
  }

  private void look() {
    long start = System.nanoTime();
    try {
      // Parts are deleted when their output is complete: what was once done stays done.
      most = Math.max(most, entries(folder));
      progress.update(most);
    } catch (IOException e) {
      // Deleted while it was listed; progress is no reason to fail.
    }
    long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    if (!looks.isShutdown()) {
      looks.schedule(this::look, Math.max(LEAST_MILLISECONDS, SHARE * took), TimeUnit.MILLISECONDS);
    }
  }

  /** Of all parts in a folder. */
  static long entries(String folder) throws IOException {
    long entries = 0;
    for (MatchResult.Metadata part :
        FileSystems.match(folder + "/**", EmptyMatchTreatment.ALLOW).metadata()) {
      Matcher name = PART.matcher(part.resourceId().toString());
      entries += name.matches() ? Long.parseLong(name.group(1)) : 0;
    }
    return entries;
  }

  /** Wipes the bar. */
  @Override
  public void close() {
    looks.shutdownNow();
    try {
      looks.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    progress.end();
  }
}
