package org.bitbeam.it;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.bitbeam.cli.Bitbeam;

/**
 * A run of the command line inside of this JVM.
 *
 * @param code exit code
 * @param out what it printed on standard output
 * @param err what it printed on standard error
 */
record Cli(int code, String out, String err) {
  /** The repository. */
  static final Path HOME = Path.of("..").toAbsolutePath().normalize();

  static Cli run(Object... arguments) {
    System.setProperty("bitbeam.home", HOME.toString());
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    int code = Bitbeam.run(new PrintWriter(out), new PrintWriter(err), words);
    return new Cli(code, out.toString(), err.toString());
  }
}
