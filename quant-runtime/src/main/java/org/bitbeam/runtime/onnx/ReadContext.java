package org.bitbeam.runtime.onnx;

/** Label for messages and the caps that hold for one file. */
final class ReadContext {
  // A message takes at least two bytes of the file and about a hundred of memory.
  private static final int MAX_MESSAGES = 4_000_000;
  private static final int MAX_DEPTH = 16;

  private final String label;
  private int messages;
  private int depth;

  ReadContext(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  void countMessage() {
    if (++messages > MAX_MESSAGES) {
      throw new UnsupportedOnnxException(
          label + ": more than " + MAX_MESSAGES + " parts; refused to spare memory");
    }
  }

  void enterGraph() {
    if (++depth > MAX_DEPTH) {
      throw new UnsupportedOnnxException(label + ": graphs are nested deeper than " + MAX_DEPTH);
    }
  }

  void leaveGraph() {
    depth--;
  }
}
