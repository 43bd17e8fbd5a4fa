package org.bitbeam.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bitbeam.runtime.NetworkQuantiser.Plan;
import org.bitbeam.runtime.Tensor;

/**
 * The flow of CaloINN (arXiv 2312.09290; specs/models.md 4.3), from logarithms of shares to the
 * latent space. Output: the logarithm of the density of each row.
 *
 * @param length numbers D of a row
 * @param blocks of the flow, from the data on
 * @param width of the hidden layers of the blocks' networks
 * @param hidden number of these layers
 * @param form of these layers
 * @param spline of all blocks
 */
record CouplingFlowNetwork(
    int length,
    List<Block> blocks,
    int width,
    int hidden,
    CouplingSubnet.Form form,
    SplineForm spline)
    implements TrainableNetwork {
  /** Input with the logarithms of the shares, (rows, D). */
  static final String SHARES = "shares";

  /** Input with the condition, (rows, 1). */
  static final String CONDITION = "condition";

  private static final double HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);
  private static final double LEAST_DEVIATION = 1e-4;

  /**
   * A block.
   *
   * @param isNormalised whether an ActNorm (scale and shift of every number) comes first
   * @param permutation number i of the result is number permutation[i] of what the spline left
   */
  record Block(boolean isNormalised, int[] permutation) {}

  /** Values of a row on the way, and the logarithm of the determinant so far, (rows). */
  record Stage<T>(T values, T logDeterminant) {}

  CouplingFlowNetwork {
    blocks = List.copyOf(blocks);
  }

  @Override
  public String name() {
    return "caloinn";
  }

  @Override
  public String description() {
    return String.format(
        Locale.ROOT,
        "CaloINN of %d blocks, networks of %d x %d, %s splines of %d bins",
        blocks.size(),
        hidden,
        width,
        spline.kind().label(),
        spline.bins());
  }

  @Override
  public List<Input> inputs() {
    return List.of(new Input(SHARES, List.of(length)), new Input(CONDITION, List.of(1)));
  }

  @Override
  public String output() {
    return "logDensity";
  }

  /** Numbers that stay as they are in a block. */
  private int conditioner() {
    return (length + 1) / 2;
  }

  /** The network of a block. */
  CouplingSubnet subnet(int block) {
    return new CouplingSubnet(
        String.format(Locale.ROOT, "subnet-%02d", block),
        conditioner() + 1,
        width,
        hidden,
        (length - conditioner()) * spline.parameters(),
        form);
  }

  /** Names of all linear layers. */
  List<String> layers() {
    return IntStream.range(0, blocks.size())
        .mapToObj(block -> subnet(block).layers())
        .flatMap(List::stream)
        .toList();
  }

  /** Name of the ActNorm of a block: its parameters are {@code NAME.logScale}, {@code .shift}. */
  static String norm(int block) {
    return String.format(Locale.ROOT, "norm-%02d", block);
  }

  @Override
  public <T> T apply(Operations<T> operations, Map<String, T> inputs) {
    Stage<T> stage = latent(operations, inputs);
    T squares = operations.sum(operations.multiply(stage.values(), stage.values()), 1);
    T density =
        operations.shift(
            operations.add(stage.logDeterminant(), operations.scale(squares, -0.5f)),
            (float) (-length * HALF_LOG_TWO_PI));
    return operations.expand(density, 1);
  }

  /** Vectors in the latent space. */
  <T> Stage<T> latent(Operations<T> operations, Map<String, T> inputs) {
    T condition = Objects.requireNonNull(inputs.get(CONDITION));
    T values = Objects.requireNonNull(inputs.get(SHARES));
    Stage<T> stage = new Stage<>(values, operations.scale(operations.sum(values, 1), 0));
    for (int block = 0; block < blocks.size(); block++) {
      stage = coupled(operations, block, normalised(operations, block, stage), condition);
    }
    return stage;
  }

  private <T> Stage<T> normalised(Operations<T> operations, int block, Stage<T> stage) {
    if (!blocks.get(block).isNormalised()) {
      return stage;
    }
    T logScale = operations.vector(norm(block) + ".logScale", length);
    T shift = operations.vector(norm(block) + ".shift", length);
    return new Stage<>(
        operations.add(
            operations.multiply(stage.values(), operations.exponential(logScale)), shift),
        operations.add(stage.logDeterminant(), operations.sum(logScale, 0)));
  }

  private <T> Stage<T> coupled(Operations<T> operations, int block, Stage<T> stage, T condition) {
    T kept = operations.slice(stage.values(), 0, conditioner());
    T theta = subnet(block).apply(operations, operations.concatenate(List.of(kept, condition)));
    int transformed = length - conditioner();
    T moved =
        operations.spline(operations.slice(stage.values(), conditioner(), length), theta, spline);
    T all = operations.concatenate(List.of(kept, operations.slice(moved, 0, transformed)));
    T logDeterminant = operations.sum(operations.slice(moved, transformed, transformed + 1), 1);
    return new Stage<>(
        operations.permuted(all, blocks.get(block).permutation()),
        operations.add(stage.logDeterminant(), logDeterminant));
  }

  /**
   * Values at the start, as published: last layers of the blocks' networks 0, and ActNorms such
   * that the numbers of the batch have the mean 0 and the deviation 1 behind them.
   */
  void initialise(Parameters parameters, JetBatch batch, Plan plan) {
    for (int block = 0; block < blocks.size(); block++) {
      String last = subnet(block).name() + "." + hidden;
      Arrays.fill(parameters.get(last + ".weight").values(), 0);
      Arrays.fill(parameters.get(last + ".bias").values(), 0);
    }
    try (NDManager manager = NDManager.newBaseManager()) {
      TorchOperations operations = new TorchOperations(manager, parameters, plan, false);
      Map<String, NDArray> given = TorchOperations.arrays(manager, batch.inputs());
      NDArray condition = Objects.requireNonNull(given.get(CONDITION));
      NDArray values = Objects.requireNonNull(given.get(SHARES));
      Stage<NDArray> stage = new Stage<>(values, values.sum(new int[] {1}));
      for (int block = 0; block < blocks.size(); block++) {
        if (blocks.get(block).isNormalised()) {
          standardise(
              stage.values().toFloatArray(),
              parameters.get(norm(block) + ".logScale").values(),
              parameters.get(norm(block) + ".shift").values());
        }
        stage = coupled(operations, block, normalised(operations, block, stage), condition);
      }
    }
  }

  private void standardise(float[] values, float[] logScale, float[] shift) {
    int rows = values.length / length;
    for (int k = 0; k < length; k++) {
      double mean = 0;
      for (int row = 0; row < rows; row++) {
        mean += values[row * length + k] / (double) rows;
      }
      double variance = 0;
      for (int row = 0; row < rows; row++) {
        double off = values[row * length + k] - mean;
        variance += off * off / Math.max(1, rows - 1);
      }
      double scale = 1 / (Math.sqrt(variance) + LEAST_DEVIATION);
      logScale[k] = (float) Math.log(scale);
      shift[k] = (float) (-mean * scale);
    }
  }

  /** What the network of each block gets, (rows, inputs), as the training computes it. */
  List<Tensor> subnetInputs(Parameters parameters, JetBatch batch, Plan plan) {
    List<Tensor> inputs = new ArrayList<>();
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      TorchOperations operations = new TorchOperations(manager, parameters, plan, false);
      Map<String, NDArray> given = TorchOperations.arrays(manager, batch.inputs());
      NDArray condition = Objects.requireNonNull(given.get(CONDITION));
      NDArray values = Objects.requireNonNull(given.get(SHARES));
      Stage<NDArray> stage = new Stage<>(values, values.sum(new int[] {1}));
      for (int block = 0; block < blocks.size(); block++) {
        stage = normalised(operations, block, stage);
        NDArray kept = operations.slice(stage.values(), 0, conditioner());
        inputs.add(TorchOperations.tensor(operations.concatenate(List.of(kept, condition))));
        stage = coupled(operations, block, stage, condition);
      }
    }
    return inputs;
  }
}
