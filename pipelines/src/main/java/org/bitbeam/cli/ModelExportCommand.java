package org.bitbeam.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.bitbeam.runtime.NetworkExport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bitbeam model export}. */
@Command(
    name = "export",
    description = {
      "Writes a network with ternary or binary layers as another ONNX file.",
      "integer: portable ONNX with MatMulInteger, which ONNX Runtime runs to the same integer codes.",
      "packed: weights of 1.6 bits, for BitBeam alone.",
      "plain: float weights, from a packed network."
    })
final class ModelExportCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private NetworkChoice network = new NetworkChoice();

  /** Forms of the file. */
  enum Form {
    INTEGER,
    PACKED,
    PLAIN
  }

  @Option(
      names = "--form",
      defaultValue = "integer",
      paramLabel = "FORM",
      description = "integer, packed or plain; default ${DEFAULT-VALUE}.")
  private Form form = Form.INTEGER;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE.onnx",
      description = "File to write; an existing one is not replaced.")
  private Path output = Path.of("");

  /** What is printed. */
  private record Exported(String output, int bytes, int bytesBefore, String form) {}

  @Override
  public Integer call() throws Exception {
    NetworkFile file = network.open();
    byte[] exported =
        switch (form) {
          case INTEGER -> NetworkExport.integerProducts(file.label(), file.onnx());
          case PACKED -> NetworkExport.packed(file.label(), file.onnx());
          case PLAIN -> file.onnx();
        };
    write(output, exported);
    if (common.json) {
      CommonOptions.printJson(
          spec.commandLine().getOut(),
          new Exported(
              output.toString(),
              exported.length,
              file.onnx().length,
              form.name().toLowerCase(Locale.ROOT)));
    } else {
      spec.commandLine()
          .getOut()
          .printf(
              Locale.ROOT,
              "wrote %s: %,d bytes (%,d before)%n",
              output,
              exported.length,
              file.onnx().length);
    }
    return CommandLine.ExitCode.OK;
  }

  /** Writes a file that appears complete or not at all, and replaces none. */
  static void write(Path file, byte[] content) throws IOException {
    if (Files.exists(file)) {
      throw new FileAlreadyExistsException(file + ": the file exists, and is not replaced");
    }
    Path folder = file.toAbsolutePath().normalize().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Path draft = file.resolveSibling("." + file.getFileName() + ".part");
    try {
      Files.write(draft, content);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(draft);
    }
  }
}
