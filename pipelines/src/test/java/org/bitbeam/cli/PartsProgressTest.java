package org.bitbeam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartsProgressTest {
  @TempDir private Path folder;

  @Test
  void countsTheEntriesOfParts() throws Exception {
    assertEquals(0, PartsProgress.entries(folder.resolve("not-yet").toString()));
    for (String part : new String[] {"a/0-100.part", "a/100-50.part", "b/0-7.part", "b/.x.tmp"}) {
      Files.createDirectories(folder.resolve(part).getParent());
      Files.createFile(folder.resolve(part));
    }
    assertEquals(157, PartsProgress.entries(folder.toString()));

    StringWriter terminal = new StringWriter();
    try (PartsProgress progress =
        new PartsProgress(new PrintWriter(terminal), true, folder.toString(), 314)) {
      for (int i = 0; i < 600 && !terminal.toString().contains("157 entries"); i++) {
        Thread.sleep(50);
      }
    }
    assertTrue(terminal.toString().contains(" 50 %  157 entries"), terminal.toString());
    assertTrue(terminal.toString().endsWith("\r"), "the bar is wiped");
  }
}
