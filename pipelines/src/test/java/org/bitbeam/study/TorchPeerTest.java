package org.bitbeam.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bitbeam.runtime.Backends;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.onnx.OnnxAttribute;
import org.bitbeam.runtime.onnx.OnnxGraph;
import org.bitbeam.runtime.onnx.OnnxModel;
import org.bitbeam.runtime.onnx.OnnxNode;
import org.bitbeam.runtime.onnx.OnnxReader;
import org.bitbeam.runtime.onnx.OnnxWriter;
import org.bitbeam.runtime.published.PublishedNetworks;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * PyTorch in a study: its outputs are ONNX Runtime's for every shipped bundle, or it is not run.
 */
class TorchPeerTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final StudyOptions QUICK = new StudyOptions(List.of(2), 2, 0.01, 10, false);

  @TempDir private Path folder;

  /** With PyTorch, if {@code bitbeam.python} (python3) has it. */
  private TorchPeer torch() {
    String python = System.getProperty("bitbeam.python", "python3");
    try {
      return TorchPeer.start(python, HOME.resolve("tools/torch_peer.py"), 2, folder);
    } catch (IOException e) {
      Assumptions.abort("skipped: " + python + ": " + e.getMessage() + " (bitbeam.python)");
      throw new IllegalStateException(e);
    }
  }

  /** A program in Python's place, which says what PyTorch's would. */
  private String program(String... lines) throws IOException {
    Path file = folder.resolve("program");
    Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    assertTrue(file.toFile().setExecutable(true));
    return file.toString();
  }

  private static StudyResult study(TorchPeer torch, List<Subject> subjects) throws Exception {
    return new Study(Backends.standard(), QUICK, Optional.of(torch), name -> {}).of(subjects);
  }

  private static Subject small(int bits) {
    PublishedNetworks.Built built =
        PublishedNetworks.caloInn(new int[] {4, 8, 6}, 2, bits, bits > 0);
    return Subject.ofNetwork("small", OnnxWriter.write(built.model()));
  }

  @Test
  void allShippedBundlesGiveTheSameNumbers() throws Exception {
    List<Subject> subjects = new ArrayList<>(List.of(small(0), small(2)));
    try (Stream<Path> bundles = Files.list(HOME.resolve("models"))) {
      for (Path bundle : bundles.filter(Files::isDirectory).sorted().toList()) {
        subjects.add(Subject.ofBundle(ModelBundle.open(bundle)));
      }
    }
    assertTrue(subjects.size() > 20, subjects.toString());
    try (TorchPeer torch = torch()) {
      StudyResult result = study(torch, subjects);
      assertEquals(torch.version() + ", eager", result.machine().get("PyTorch"));
      for (StudyResult.Row row : result.networks()) {
        String told = row.name() + ": " + row.omitted();
        assertTrue(row.milliseconds(Study.TORCH, 2, 1) > 0, told);
        assertTrue(row.milliseconds(Study.TORCH, 2, 2) > 0, told);
      }
    }
  }

  @Test
  void whatIsNotCoveredIsNamed() throws Exception {
    OnnxModel model = OnnxReader.read("small", small(0).networks().get(0));
    OnnxGraph graph = model.graph();
    List<OnnxNode> nodes = new ArrayList<>();
    for (OnnxNode node : graph.nodes()) {
      boolean is = node.operator().equals("LeakyRelu");
      Map<String, OnnxAttribute> attributes = is ? Map.of() : node.attributes();
      String operator = is ? "Softsign" : node.operator();
      nodes.add(new OnnxNode(node.name(), "", operator, node.inputs(), node.outputs(), attributes));
    }
    OnnxGraph other =
        new OnnxGraph("other", nodes, graph.initializers(), graph.inputs(), graph.outputs());
    byte[] onnx = OnnxWriter.write(new OnnxModel(9, "", "", model.opsets(), other, Map.of()));
    try (TorchPeer torch = torch()) {
      UnsupportedOperationException e =
          assertThrows(
              UnsupportedOperationException.class, () -> torch.load("other", List.of(onnx)));
      assertEquals("operator Softsign", e.getMessage());
    }
  }

  @Test
  void otherOutputsAreNotTimed() throws Exception {
    String zeros =
        program(
            "echo '{\"version\": \"0\"}'",
            "while read -r line; do",
            "  file=$(printf '%s' \"$line\" | sed -n 's/.*\"outputs\":\"\\([^\"]*\\)\".*/\\1/p')",
            "  [ -z \"$file\" ] || head -c 96 /dev/zero >\"$file\"",
            "  echo '{}'",
            "done");
    try (TorchPeer torch = TorchPeer.start(zeros, Path.of("script"), 2, folder)) {
      StudyResult.Row row = study(torch, List.of(small(0))).networks().get(0);
      assertTrue(Double.isNaN(row.milliseconds(Study.TORCH, 2, 1)), row.toString());
      assertTrue(
          row.omitted()
              .contains(
                  "torch fp32: not run: 24 of 24 outputs are further from ONNX Runtime's than 1e-04 of the largest"),
          row.omitted().toString());
    }
  }

  @Test
  void aPythonWithoutItSaysSo() throws Exception {
    String without = program("echo \"No module named 'torch'\" >&2", "exit 3");
    IOException e =
        assertThrows(
            IOException.class, () -> TorchPeer.start(without, Path.of("script"), 1, folder));
    assertEquals("No module named 'torch'", e.getMessage());
    assertThrows(
        IOException.class, () -> TorchPeer.start("no-such-python", Path.of("script"), 1, folder));
  }
}
