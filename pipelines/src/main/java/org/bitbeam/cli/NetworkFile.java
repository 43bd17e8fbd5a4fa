package org.bitbeam.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bitbeam.runtime.ModelBundle;

/**
 * A network as a user names it: an ONNX file, a bundle, or a shipped bundle by its name.
 *
 * @param label for messages
 * @param onnx the network
 */
record NetworkFile(String label, byte[] onnx) {

  /**
   * Opens it.
   *
   * @param role which network of a bundle; empty for its only one
   */
  static NetworkFile open(String model, String role) throws IOException {
    Path path = Path.of(model);
    if (Files.isRegularFile(path) && model.endsWith(".onnx")) {
      return new NetworkFile(model, Files.readAllBytes(path));
    }
    ModelBundle bundle = ModelBundle.open(Home.bundle(model));
    if (role.isEmpty() && bundle.roles().size() != 1) {
      throw new IllegalArgumentException(
          model + " has several networks; name one by --role: " + bundle.roles());
    }
    return new NetworkFile(
        bundle.toString(), bundle.onnx(role.isEmpty() ? bundle.roles().first() : role));
  }
}
