package org.bitbeam.training.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command, as a user gives it. */
class TrainCommandTest {
  private static final String JETS = "../samples/qg_sample.root";

  @TempDir private Path folder;

  private record Run(int code, String out, String err) {
    static Run of(Object... words) {
      StringWriter out = new StringWriter();
      StringWriter err = new StringWriter();
      String[] arguments = List.of(words).stream().map(Object::toString).toArray(String[]::new);
      int code = BitbeamTraining.run(new PrintWriter(out), new PrintWriter(err), arguments);
      return new Run(code, out.toString(), err.toString());
    }
  }

  @Test
  void saysWhatIsWrong() {
    assertTrue(Run.of("train", "tagger", "--help").out().contains("--plan"));
    assertEquals(2, Run.of("train").code());
    Run network =
        Run.of(
            "train", "tagger", "--data", JETS, "--network", "x", "--output", folder.resolve("a"));
    assertEquals(1, network.code());
    assertTrue(network.err().contains("there is: pfn"), network.err());
    Run truth =
        Run.of("train", "tagger", "--data", JETS, "--truth", "x", "--output", folder.resolve("a"));
    assertEquals(1, truth.code());
    assertTrue(truth.err().contains("x"), truth.err());
    Run exists = Run.of("train", "tagger", "--data", JETS, "--output", folder);
    assertEquals(1, exists.code());
    assertTrue(exists.err().contains("not replaced"), exists.err());
  }

  @Test
  void aFloatNetworkTeachesATernaryOneAndTheBundleTags() {
    try {
      Engine.getInstance();
    } catch (EngineException | LinkageError e) {
      Assumptions.abort("PyTorch's native library cannot be loaded: " + e);
    }
    Path teacher = folder.resolve("float");
    Path student = folder.resolve("ternary");
    Run first =
        Run.of("train", "tagger", "--data", JETS, "--width", 8, "--epochs", 1, "--output", teacher);
    assertEquals(0, first.code(), first.err());
    assertTrue(first.err().contains("epoch 0: loss 0."), first.err());
    Path checkpoint = folder.resolve("float.checkpoint");
    Run second =
        Run.of(
            "train",
            "tagger",
            "--data",
            JETS,
            "--width",
            8,
            "--epochs",
            1,
            "--plan",
            "bit",
            "--start",
            checkpoint,
            "--teacher",
            checkpoint,
            "--output",
            student);
    assertEquals(0, second.code(), second.err());
    Run wider =
        Run.of(
            "train",
            "tagger",
            "--data",
            JETS,
            "--width",
            16,
            "--start",
            checkpoint,
            "--output",
            folder.resolve("wider"));
    assertEquals(1, wider.code());
    assertTrue(wider.err().contains("different network"), wider.err());
    Run tag = Run.of("tag", "--input", JETS, "--output", folder.resolve("out"), "--model", student);
    assertEquals(0, tag.code(), tag.err());
    assertTrue(Files.exists(folder.resolve("out").resolve("qg_sample.root")), tag.out());
  }
}
