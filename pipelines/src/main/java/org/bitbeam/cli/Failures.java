package org.bitbeam.cli;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.apache.beam.sdk.Pipeline.PipelineExecutionException;
import org.apache.beam.sdk.util.UserCodeException;
import org.bitbeam.physics.EventDataException;
import org.bitbeam.root.RootFormatException;
import org.bitbeam.root.UnsupportedRootException;
import org.bitbeam.runtime.BundleException;
import org.bitbeam.runtime.ModelException;
import org.bitbeam.runtime.UnsafeModelException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Says in one sentence what went wrong; the stack trace only with {@code --debug}. */
final class Failures implements IExecutionExceptionHandler {
  static final int FAILED = 1;

  @Override
  public int handleExecutionException(Exception error, CommandLine command, ParseResult arguments) {
    if (CommonOptions.isDebug(command)) {
      error.printStackTrace(command.getErr());
    }
    Throwable cause = rootOf(error);
    command.getErr().println("bitbeam: " + message(cause));
    return FAILED;
  }

  /** The error of our own code below the wrappers of Beam. */
  static Throwable rootOf(Throwable error) {
    Throwable current = error;
    while (current.getCause() != null
        && (current instanceof PipelineExecutionException
            || current instanceof UserCodeException
            || current instanceof java.io.UncheckedIOException
            || current.getClass() == RuntimeException.class
            || current instanceof java.util.concurrent.ExecutionException
            || current instanceof java.util.concurrent.CompletionException
            || isOfFlink(current))) {
      current = current.getCause();
    }
    return current;
  }

  /** Flink's wrappers, which this program knows by name only; its failed connections say more. */
  private static boolean isOfFlink(Throwable error) {
    return error.getClass().getName().startsWith("org.apache.flink.")
        && !(error instanceof ConnectException);
  }

  private static String message(Throwable error) {
    String text = String.valueOf(error.getMessage());
    if (isOfFlink(error)) { // It puts whole stacks of other processes into messages.
      text = text.lines().findFirst().orElse("");
    }
    if (error instanceof NoSuchFileException missing) {
      return missing.getFile()
          + ": "
          + (missing.getReason() == null ? "no such file" : missing.getReason());
    }
    if (error instanceof AccessDeniedException denied) {
      return denied.getFile()
          + ": "
          + (denied.getReason() == null ? "permission denied" : denied.getReason());
    }
    boolean explainsItself =
        error instanceof RootFormatException
            || error instanceof UnsupportedRootException
            || error instanceof BundleException
            || error instanceof ModelException
            || error instanceof UnsafeModelException
            || error instanceof EventDataException
            || error instanceof IllegalArgumentException
            || error instanceof FileNotFoundException
            || error instanceof EOFException
            || error.getClass() == IOException.class;
    return explainsItself
        ? text
        : error.getClass().getSimpleName() + ": " + text + " (--debug shows where)";
  }
}
