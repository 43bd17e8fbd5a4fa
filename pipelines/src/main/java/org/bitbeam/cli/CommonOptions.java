package org.bitbeam.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Options of every command. */
public final class CommonOptions {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Option(names = "--json", description = "Print one JSON document instead of text.")
  public boolean json;

  @Option(names = "--debug", description = "Print stack traces of errors.")
  boolean debug;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  boolean help;

  static boolean isDebug(CommandLine command) {
    return command.getParseResult() != null && command.getParseResult().hasMatchedOption("--debug");
  }

  /** A document with indentation. */
  static String json(Object document) throws JsonProcessingException {
    return JSON.writeValueAsString(document) + "\n";
  }

  /** Prints a document with indentation. */
  public static void printJson(PrintWriter out, Object document) throws JsonProcessingException {
    out.println(JSON.writeValueAsString(document));
  }
}
