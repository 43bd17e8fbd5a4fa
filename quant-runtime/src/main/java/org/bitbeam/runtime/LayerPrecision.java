package org.bitbeam.runtime;

/** How the weights and inputs of a layer are represented. */
public enum LayerPrecision {
  /** Float weights, float inputs. */
  FLOAT,
  /**
   * Weights of 8 bits with a scale per output, inputs quantised to 8 bits by the range of the whole
   * tensor (ONNX's DynamicQuantizeLinear). One forward pass depends on what else is in the batch.
   */
  INT8,
  /** Weights -1, 0, +1 times one scale, rows of the input quantised to 8 bits (BitNet b1.58). */
  TERNARY,
  /**
   * The same with the median of the magnitudes for scale (arXiv 2407.09527) in place of the mean.
   */
  TERNARY_MEDIAN,
  /**
   * The same with a scale that is trained with the weights (rule of LSQ, arXiv 1902.08153); without
   * a training the mean.
   */
  TERNARY_LEARNED,
  /** Weights -1, +1 times one scale, rows of the input quantised to 8 bits (BitNet). */
  BINARY;

  /** Whether rows of the input are quantised to 8 bits, as ternary and binary layers do. */
  public boolean quantisesRows() {
    return this != FLOAT && this != INT8;
  }
}
