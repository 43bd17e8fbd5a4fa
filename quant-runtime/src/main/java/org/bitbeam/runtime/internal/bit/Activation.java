package org.bitbeam.runtime.internal.bit;

/** Elementwise functions that kernels know. */
enum Activation {
  NONE,
  RELU,
  LEAKY_RELU,
  SIGMOID,
  TANH,
  GELU,
  GELU_TANH,
  SILU,
  ERF,
  LOG
}
