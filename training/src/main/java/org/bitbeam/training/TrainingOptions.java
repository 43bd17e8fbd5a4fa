package org.bitbeam.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * What a training depends on besides its data and network.
 *
 * @param epochs at most
 * @param batch samples of a step
 * @param learningRate largest, see the schedule
 * @param schedule as {@link Schedule#parse} takes it
 * @param weightDecay of AdamW
 * @param clip largest norm of all gradients together; 0: no limit
 * @param average decay of the moving average of the parameters that is validated and exported; 0:
 *     the parameters themselves
 * @param patience epochs without a better validation after which it ends; 0: never
 * @param distillation share of the teacher in the targets, 0 to 1
 * @param anneal share of the steps on which ternary weights become ternary little by little ({@link
 *     Annealing}), 0 to 1; 0: they are at once
 * @param seed of parameters and order
 */
public record TrainingOptions(
    int epochs,
    int batch,
    double learningRate,
    String schedule,
    double weightDecay,
    double clip,
    double average,
    int patience,
    double distillation,
    double anneal,
    long seed) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public TrainingOptions {
    Schedule.parse(schedule);
    if (epochs < 1
        || batch < 1
        || !(learningRate > 0)
        || !(weightDecay >= 0)
        || !(clip >= 0)
        || !(average >= 0 && average < 1)
        || patience < 0
        || !(distillation >= 0 && distillation <= 1)
        || !(anneal >= 0 && anneal <= 1)) {
      throw new IllegalArgumentException(
          "options out of range (epochs, batch, learning rate above 0; weight decay, clip, patience"
              + " not below 0; average from 0 to below 1; distillation and anneal 0 to 1)");
    }
  }

  /** Without annealing. */
  public TrainingOptions(
      int epochs,
      int batch,
      double learningRate,
      String schedule,
      double weightDecay,
      double clip,
      double average,
      int patience,
      double distillation,
      long seed) {
    this(
        epochs,
        batch,
        learningRate,
        schedule,
        weightDecay,
        clip,
        average,
        patience,
        distillation,
        0,
        seed);
  }

  JsonNode json() {
    return JSON.valueToTree(this);
  }
}
