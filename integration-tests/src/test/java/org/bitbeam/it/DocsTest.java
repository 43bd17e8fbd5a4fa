package org.bitbeam.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bitbeam.cli.Bitbeam;
import org.bitbeam.training.cli.BitbeamTraining;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/**
 * What the docs say is there: commands and options, Java code, scripts, classes, links. {@code
 * tools/run_docs.py} runs the commands; this knows them all, also those that cannot be run there.
 */
class DocsTest {
  private static final Path DOCS = Cli.HOME.resolve("docs");
  private static final Path COMMANDS = DOCS.resolve("commands.md");

  /** Where the Java code of the pages is compiled and run. */
  private static final List<Path> CODE =
      List.of(
          Cli.HOME.resolve("examples"),
          Cli.HOME.resolve("io-root/src/test/java/org/bitbeam/root/GuideTest.java"),
          Cli.HOME.resolve("quant-runtime/src/test/java/org/bitbeam/runtime/BackendsTest.java"));

  private static final Pattern BLOCK =
      Pattern.compile("^```([a-z]*)[^\n]*\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern COMMAND =
      Pattern.compile("(?:^|[;|&{]\\s*)(?:time )?(?:\\./)?bitbeam\\s+(.*)$", Pattern.MULTILINE);
  private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");
  private static final Pattern SCRIPT = Pattern.compile("\\b((?:tools|examples)/[\\w./-]+\\w)");
  private static final Pattern MEASURING_CLASS =
      Pattern.compile("\\borg(?:\\.[a-z]\\w*)+\\.([A-Z]\\w+)");
  private static final Pattern SPEED = Pattern.compile("tools/speed\\.sh ([A-Z]\\w+)");
  private static final Pattern BENCHMARK = Pattern.compile("bitbeam-benchmarks-\\S+\\.jar (\\w+)");
  private static final Pattern SCRIPT_CALL =
      Pattern.compile("\\b(tools/[\\w./-]+\\.(?:py|sh))([^\n;|&>`]*)");
  private static final Pattern OPTION = Pattern.compile("(?<=\\s)--[a-z][\\w-]*");
  private static final Pattern CLASS = Pattern.compile("`(\\w+Test)(?:\\.\\w+)?`");

  private static Map<Path, String> pages() throws IOException {
    Map<Path, String> pages = new TreeMap<>();
    try (Stream<Path> files = Files.walk(DOCS)) {
      for (Path file : files.filter(file -> file.toString().endsWith(".md")).toList()) {
        pages.put(file, Files.readString(file));
      }
    }
    for (String name :
        List.of("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")) {
      pages.put(Cli.HOME.resolve(name), Files.readString(Cli.HOME.resolve(name)));
    }
    return pages;
  }

  private static List<String> blocks(String page, String language) {
    List<String> blocks = new ArrayList<>();
    Matcher block = BLOCK.matcher(page);
    while (block.find()) {
      if (block.group(1).equals(language)) {
        blocks.add(block.group(2));
      }
    }
    return blocks;
  }

  private static CommandLine commandLine() {
    return Bitbeam.commandLine(BitbeamTraining.rooms());
  }

  /** The words of a command as a shell would split it, up to a comment, a pipe or the next one. */
  private static String[] words(String command) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(command);
    while (word.find()) {
      String text = word.group(3);
      if (text == null) {
        words.add(word.group(1) != null ? word.group(1) : word.group(2));
        continue;
      }
      if (text.startsWith("#") || text.matches("[|&>;<].*")) {
        break;
      }
      words.add(text.replaceAll(";$", ""));
      if (text.endsWith(";")) {
        break;
      }
    }
    return words.toArray(new String[0]);
  }

  @Test
  void everyCommandOfThePagesExistsWithItsOptions() throws IOException {
    int commands = 0;
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<Path, String> page : pages().entrySet()) {
      for (String block : blocks(page.getValue(), "bash")) {
        Matcher command = COMMAND.matcher(block.replaceAll("\\\\\n", " "));
        while (command.find()) {
          String[] words = words(command.group(1));
          commands++;
          try {
            commandLine().parseArgs(words);
          } catch (CommandLine.ParameterException e) {
            if (!command.group(1).contains("$")) { // what a shell puts in may be what is missing
              wrong.add(
                  page.getKey().getFileName() + ": " + command.group() + ": " + e.getMessage());
            }
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(commands > 30, commands + " commands");
  }

  /** Those of tools that measure: classes that are started by their names, options of scripts. */
  @Test
  void classesAndOptionsOfToolsExist() throws IOException {
    Map<String, Path> sources = new TreeMap<>();
    try (Stream<Path> files = Files.walk(Cli.HOME, 14)) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .forEach(file -> sources.put(file.getFileName().toString().replace(".java", ""), file));
    }
    List<String> missing = new ArrayList<>();
    int found = 0;
    for (Map.Entry<Path, String> page : pages().entrySet()) {
      String name = page.getKey().getFileName().toString();
      if (name.equals("CHANGELOG.md")) {
        continue; // what was there once
      }
      for (String block : blocks(page.getValue(), "bash")) {
        Matcher started = MEASURING_CLASS.matcher(block);
        while (started.find()) {
          found++;
          Path source = sources.get(started.group(1));
          if (source == null
              || !source.toString().endsWith(started.group().replace('.', '/') + ".java")) {
            missing.add(name + ": " + started.group());
          }
        }
      }
      for (Pattern pattern : List.of(BENCHMARK, SPEED)) {
        Matcher benchmark = pattern.matcher(page.getValue());
        while (benchmark.find()) {
          found++;
          if (!sources.containsKey(benchmark.group(1))) {
            missing.add(name + ": benchmark " + benchmark.group(1));
          }
        }
      }
      Matcher call = SCRIPT_CALL.matcher(page.getValue().replaceAll("\\\\\n", " "));
      while (call.find()) {
        Path script = Cli.HOME.resolve(call.group(1));
        Matcher option = OPTION.matcher(call.group(2));
        while (Files.exists(script) && option.find()) {
          found++;
          if (!Files.readString(script).contains(option.group())) {
            missing.add(name + ": " + call.group(1) + " has no " + option.group());
          }
        }
      }
    }
    assertEquals(List.of(), missing);
    assertTrue(found > 20, found + " classes and options");
  }

  @Test
  void everyBlockSaysWhatItIs() throws IOException {
    for (Map.Entry<Path, String> page : pages().entrySet()) {
      if (page.getKey().endsWith("ARCHITECTURE.md")) {
        continue; // drawings
      }
      assertEquals(List.of(), blocks(page.getValue(), ""), page.getKey().toString());
    }
  }

  @Test
  void javaCodeOfThePagesIsCompiledAndRunElsewhere() throws IOException {
    StringBuilder code = new StringBuilder();
    for (Path place : CODE) {
      try (Stream<Path> files = Files.walk(place)) {
        for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
          code.append(Files.readString(file).replaceAll("\\s", ""));
        }
      }
    }
    int blocks = 0;
    for (Map.Entry<Path, String> page : pages().entrySet()) {
      for (String block : blocks(page.getValue(), "java")) {
        assertTrue(
            code.indexOf(block.replaceAll("\\s", "")) >= 0,
            page.getKey() + ": not in the examples: " + block);
        blocks++;
      }
    }
    assertTrue(blocks > 10, blocks + " blocks");
  }

  @Test
  void linksScriptsAndTestsThatAreNamedExist() throws IOException {
    List<String> tests;
    try (Stream<Path> files = Files.walk(Cli.HOME, 12)) {
      tests =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith("Test.java"))
              .map(name -> name.substring(0, name.length() - ".java".length()))
              .toList();
    }
    List<String> missing = new ArrayList<>();
    for (Map.Entry<Path, String> page : pages().entrySet()) {
      Path file = page.getKey();
      Matcher link = LINK.matcher(page.getValue());
      while (link.find()) {
        if (!Files.exists(file.resolveSibling(link.group(1)))) {
          missing.add(file.getFileName() + ": link to " + link.group(1));
        }
      }
      if (file.endsWith("CHANGELOG.md")) {
        continue; // what was there once
      }
      Matcher script = SCRIPT.matcher(page.getValue());
      while (script.find()) {
        if (script.group(1).endsWith(".py") || script.group(1).endsWith(".sh")) {
          if (!Files.exists(Cli.HOME.resolve(script.group(1)))
              && !Files.exists(file.resolveSibling(script.group(1)))) {
            missing.add(file.getFileName() + ": " + script.group(1));
          }
        }
      }
      Matcher test = CLASS.matcher(page.getValue());
      while (test.find()) {
        if (!tests.contains(test.group(1))) {
          missing.add(file.getFileName() + ": " + test.group(1));
        }
      }
    }
    assertEquals(List.of(), missing);
  }

  /**
   * docs/commands.md is what the commands say of themselves; {@code -Dbitbeam.docs.write} writes
   * it.
   */
  @Test
  void theReferenceIsWhatTheCommandsSay() throws IOException {
    StringBuilder page =
        new StringBuilder(
            """
            # Commands

            What `bitbeam COMMAND --help` prints, for all commands. Written by
            `./mvnw -pl integration-tests -am test -Dtest=DocsTest -Dsurefire.failIfNoSpecifiedTests=false -Dbitbeam.docs.write=true`, and compared by the same test.
            """);
    describe(commandLine(), "", page);
    if (Boolean.getBoolean("bitbeam.docs.write")) {
      Files.writeString(COMMANDS, page.toString());
    }
    assertEquals(Files.readString(COMMANDS), page.toString(), "docs/commands.md is out of date");
  }

  private static void describe(CommandLine command, String above, StringBuilder page) {
    String name = above + command.getCommandName();
    page.append("\n## ").append(name).append("\n\n```text\n");
    command.setUsageHelpWidth(110);
    page.append(command.getUsageMessage(CommandLine.Help.Ansi.OFF).replaceAll("[ \t]+\n", "\n"));
    page.append("```\n");
    command
        .getSubcommands()
        .forEach(
            (key, sub) -> {
              if (!key.equals("help") && key.equals(sub.getCommandName())) {
                describe(sub, name + " ", page);
              }
            });
  }
}
