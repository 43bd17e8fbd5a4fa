package org.bitbeam.sensitivity;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.LongStream;
import org.bitbeam.columns.EventBatch;
import org.bitbeam.physics.Stage;
import org.bitbeam.physics.calo.CaloChallengeFile.Showers;
import org.bitbeam.physics.calo.CaloDream;
import org.bitbeam.physics.calo.CaloInn;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.physics.eft.EftEstimator;
import org.bitbeam.physics.tagging.ConstituentLayout;
import org.bitbeam.physics.tagging.JetTagger;
import org.bitbeam.report.TrueClasses;
import org.bitbeam.report.Values;
import org.bitbeam.runtime.ModelBundle;
import org.bitbeam.runtime.Network;

/** What a bundle's training made small, on given data. */
public interface StageLoss {

  /**
   * The loss of each jet or shower, always of the same ones in the same order.
   *
   * @param networks by role, in the order of the roles; they belong to the caller
   * @return a number each; not finite where the networks gave no finite result
   */
  double[] of(Map<String, Network> networks);

  /** What the numbers are, for people. */
  String describe();

  /** Passes of a network for a jet or shower; its multiplications count as often. */
  default int passes(String role) {
    return 1;
  }

  /**
   * Cross entropy of a tagger, in natural units: ln(1 + exp(-z)) of the logit z for its class.
   *
   * @param jets columns of the layout and the truth
   * @param truth column of the truth, a value a jet
   * @param classes which of them count
   */
  static StageLoss ofTagger(
      ModelBundle bundle,
      ConstituentLayout layout,
      EventBatch jets,
      String truth,
      TrueClasses classes) {
    return new StageLoss() {
      @Override
      public double[] of(Map<String, Network> networks) {
        Network network = networks.values().iterator().next();
        Stage tagger = JetTagger.of(bundle, network, JetTagger.DEFAULTS.withLayout(layout));
        TrueClasses.Labelled logits =
            classes.choose(result(tagger, jets, "_qgLogit"), Values.of(jets, truth));
        double[] losses = new double[logits.values().length];
        int signal = 0;
        for (int i = 0; i < losses.length; i++) {
          signal += logits.isSignal()[i] ? 1 : 0;
        }
        if (signal == 0 || signal == losses.length) {
          throw new IllegalArgumentException(
              truth
                  + ": "
                  + signal
                  + " jets of the signal's classes and "
                  + (losses.length - signal)
                  + " of the background's, both are needed; name its values by --signal and --background");
        }
        for (int i = 0; i < losses.length; i++) {
          double z = logits.isSignal()[i] ? logits.values()[i] : -logits.values()[i];
          losses[i] = Math.log1p(Math.exp(-Math.abs(z))) + Math.max(-z, 0);
        }
        return losses;
      }

      @Override
      public String describe() {
        return "cross entropy";
      }
    };
  }

  /**
   * Squared sine of the difference of decay-plane angle and truth.
   *
   * @param jets columns of the layout and the truth
   * @param truth column of the angle in radians, a value a jet
   */
  static StageLoss ofAngle(
      ModelBundle bundle, ConstituentLayout layout, EventBatch jets, String truth) {
    return new StageLoss() {
      @Override
      public double[] of(Map<String, Network> networks) {
        Stage estimator =
            EftEstimator.of(
                bundle, List.copyOf(networks.values()), EftEstimator.DEFAULTS.withLayout(layout));
        double[] losses = result(estimator, jets, "_decayAngle");
        double[] angles = Values.of(jets, truth);
        for (int i = 0; i < losses.length; i++) {
          double sine = Math.sin(losses[i] - angles[i]);
          losses[i] = sine * sine;
        }
        return losses;
      }

      @Override
      public String describe() {
        return "sin^2 of the angle's error";
      }
    };
  }

  /** Minus the logarithm of the density that a flow gives to a shower. */
  static StageLoss ofFlow(ModelBundle bundle, Showers showers) {
    return new StageLoss() {
      @Override
      public double[] of(Map<String, Network> networks) {
        CaloInn flow = CaloInn.of(bundle, networks);
        return byShower(
            showers,
            flow.showersPerCall(),
            (some, numbers) ->
                Arrays.stream(
                        flow.logDensity(
                            some.voxels(), some.energies(), new CounterRandom(1), numbers))
                    .map(density -> -density)
                    .toArray());
      }

      @Override
      public String describe() {
        return "negative log-likelihood";
      }
    };
  }

  /**
   * The squared errors of both velocities of CaloDREAM between noise and a shower, the mean over
   * the energies of the layers and that over the voxels together: what its training makes small.
   */
  static StageLoss ofDiffusion(ModelBundle bundle, Showers showers) {
    Map<String, Integer> passes = CaloDream.passes(bundle);
    return new StageLoss() {
      @Override
      public double[] of(Map<String, Network> networks) {
        CaloDream model = CaloDream.of(bundle, networks);
        return byShower(
            showers,
            model.showersPerCall(),
            (some, numbers) -> {
              double[] errors =
                  model.velocityErrors(
                      some.voxels(), some.energies(), new CounterRandom(1), numbers);
              double[] losses = new double[numbers.length];
              Arrays.setAll(losses, i -> errors[2 * i] + errors[2 * i + 1]);
              return losses;
            });
      }

      @Override
      public int passes(String role) {
        return passes.getOrDefault(role, 1);
      }

      @Override
      public String describe() {
        return "squared errors of the velocities";
      }
    };
  }

  /** Losses of all showers, from those of some and their numbers. */
  private static double[] byShower(
      Showers showers, int showersPerCall, BiFunction<Showers, long[], double[]> loss) {
    int size = showers.voxelsPerShower();
    int count = showers.energies().length;
    double[] losses = new double[count];
    for (int from = 0; from < count; from += showersPerCall) {
      int to = Math.min(count, from + showersPerCall);
      double[] some =
          loss.apply(
              new Showers(
                  Arrays.copyOfRange(showers.energies(), from, to),
                  Arrays.copyOfRange(showers.voxels(), from * size, to * size)),
              LongStream.range(from, to).toArray());
      System.arraycopy(some, 0, losses, from, to - from);
    }
    return losses;
  }

  private static double[] result(Stage stage, EventBatch jets, String ending) {
    String column =
        stage.outputs(jets.schema()).stream()
            .map(field -> field.name())
            .filter(name -> name.endsWith(ending))
            .findFirst()
            .orElseThrow();
    return Values.of(stage.apply(jets), column);
  }
}
