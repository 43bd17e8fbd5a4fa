package org.bitbeam.physics.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bitbeam.physics.calo.CounterRandom;
import org.bitbeam.physics.eft.EftEstimate;
import org.bitbeam.physics.eft.EftFit;
import org.bitbeam.physics.eft.LikelihoodSums;
import org.bitbeam.physics.eft.WilsonBasis;
import org.bitbeam.physics.generate.WzAmplitudes.Decays;
import org.bitbeam.physics.generate.WzAmplitudes.Polynomial;
import org.bitbeam.physics.generate.WzAmplitudes.Production;
import org.bitbeam.physics.generate.WzProcess.Hard;
import org.junit.jupiter.api.Test;

/** Weights against those of the Pythia sample; events drawn at coefficients; the fit closes. */
class WzProcessTest {
  private static final double[] TRUTH = {0.03, -0.02};
  private static final WilsonBasis BASIS = new WilsonBasis(WzAmplitudes.OPERATORS, 2, "HISZ", 1);

  @Test
  void weightsAreThoseOfTheSample() throws IOException {
    JsonNode rows;
    try (InputStream in = WzProcessTest.class.getResourceAsStream("/generate/wz.json")) {
      rows = new ObjectMapper().readTree(Objects.requireNonNull(in));
    }
    assertEquals(200, rows.size());
    for (JsonNode row : rows) {
      boolean hadronicW = Math.abs(row.get(0).asInt()) == 24;
      int charge = hadronicW ? row.get(0).asInt() / 24 : row.get(1).asInt() % 2 == 0 ? 1 : -1;
      double left = WzProcess.left((hadronicW ? row.get(1) : row.get(2)).asInt());
      double right = WzProcess.right((hadronicW ? row.get(1) : row.get(2)).asInt());
      double turn = row.get(9).asInt() < 0 ? Math.PI : 0;
      int w = hadronicW ? 3 : 5;
      int z = hadronicW ? 5 : 3;
      Polynomial polynomial =
          WzAmplitudes.polynomial(
              new Production(charge, row.get(8).asDouble(), row.get(7).asDouble() / 1e3),
              new Decays(
                  row.get(w).asDouble(),
                  row.get(w + 1).asDouble() + turn,
                  row.get(z).asDouble(),
                  row.get(z + 1).asDouble() + turn,
                  left * left,
                  right * right));
      double[] p = polynomial.coefficients();
      assertEquals(1, p[0]);
      // Of the largest terms: linear ones go with the root of the squares.
      double[] scale = {1, Math.sqrt(p[3]), Math.sqrt(p[5]), p[3], Math.sqrt(p[3] * p[5]), p[5]};
      for (int i = 1; i < 6; i++) {
        assertEquals(row.get(10).get(i).asDouble(), p[i], 1e-5 * (1 + scale[i]), "p" + i);
      }
    }
  }

  private static EventRandom random(long event) {
    return new EventRandom(new CounterRandom(17), event, 0);
  }

  private static final int[] FLAVOURS = {11, 12, 2, 3};

  private static Hard draw(WzProcess process, long event) {
    return process.draw(
        event % 3 == 0 ? -1 : 1, FLAVOURS[(int) (event % FLAVOURS.length)], random(event));
  }

  /**
   * Mean of p3 and p5 over all events: the spectrum integrated numerically. Averaged over the
   * decays, the Standard Model's squared amplitude is {@link Production#mean}, the operators' 2/9
   * of its coefficient; all interference vanishes.
   */
  private static double rateOfSquares() {
    double standard = 0;
    double squares = 0;
    int steps = 400;
    double ratio = Math.log(6900.0 / WzProcess.LEAST_PT);
    for (int i = 0; i < steps; i++) {
      double pt = WzProcess.LEAST_PT * Math.exp((i + 0.5) / steps * ratio);
      for (int j = 0; j < steps; j++) {
        double cos = (j + 0.5) * 2 / steps - 1;
        double momentum = pt / Math.sqrt(1 - cos * cos);
        double end = Math.max(0, 1 - 2 * momentum / WzProcess.COLLISION);
        double mass = Math.hypot(momentum, 80.4) + Math.hypot(momentum, 91.2);
        Production production = new Production(1, cos, mass / 1e3);
        double density =
            pt // of the logarithmic steps
                * Math.pow(pt, -WzProcess.POWER)
                * Math.pow(production.sinTheta(), WzProcess.POWER - 1)
                * Math.pow(end, WzProcess.END_POWER);
        standard += density * production.mean();
        squares += density * production.anomalous() * production.anomalous() * 2 / 9;
      }
    }
    return 1.0001 * squares / standard;
  }

  @Test
  void theStandardModelHasTheMeanPolynomialOfTheIntegral() {
    int count = 30_000;
    WzProcess process = new WzProcess(0, 0);
    double[] sum = new double[6];
    double[] squares = new double[6];
    double largest = 0;
    int floor = 0;
    for (int event = 0; event < count; event++) {
      Hard hard = draw(process, event);
      double pt = hard.momentum() * hard.production().sinTheta();
      assertTrue(pt >= 0.999999 * WzProcess.LEAST_PT);
      double[] p = hard.polynomial().coefficients();
      for (int i = 0; i < 6; i++) {
        sum[i] += p[i];
        squares[i] += p[i] * p[i];
      }
      largest = Math.max(largest, p[3]);
      floor += hard.polynomial().density() <= 0.1000001 * hard.production().mean() ? 1 : 0;
    }
    double rate = rateOfSquares();
    double[] expected = {1, 0, 0, rate, 0, rate};
    for (int i = 1; i < 6; i++) {
      double mean = sum[i] / count;
      double error = Math.sqrt((squares[i] / count - mean * mean) / count);
      assertEquals(expected[i], mean, 4.5 * error, "p" + i);
    }
    // Tails as the sample has them: 99 % of p3 below 2,440, largest of 43,975 jets 400,000.
    assertTrue(largest > 20 * rate, "largest p3 " + largest + ", mean " + rate);
    assertEquals(
        0.0098, (double) floor / count, 0.002, "measured; 0.006 with the selection of jets");
  }

  /** Drawn at coefficients, or drawn in the Standard Model and weighted: the same distributions. */
  @Test
  void eventsOfCoefficientsAreTheWeightedOnesOfTheStandardModel() {
    int count = 30_000;
    double[] even = {0.05, 0.08};
    WzProcess standard = new WzProcess(0, 0);
    WzProcess changed = new WzProcess(even[0], even[1]);
    // Means of observables f, as sum w f / sum w with the rate of the integral.
    double norm = 1 + (even[0] * even[0] + even[1] * even[1]) * rateOfSquares();
    double[] weighted = new double[4];
    double[] weightedSquares = new double[4];
    double[] direct = new double[4];
    double[] directSquares = new double[4];
    for (int event = 0; event < count; event++) {
      Hard a = draw(standard, event);
      double w = a.polynomial().weight(even[0], even[1]) / norm;
      Hard b = draw(changed, 1_000_000 + event);
      for (int which = 0; which < 4; which++) {
        weighted[which] += w * observable(a, which);
        weightedSquares[which] += Math.pow(w * observable(a, which), 2);
        direct[which] += observable(b, which);
        directSquares[which] += Math.pow(observable(b, which), 2);
      }
    }
    double[] standardModel = {0, 0, 0, 0.5};
    for (int which = 0; which < 4; which++) {
      double error = Math.sqrt(weightedSquares[which] + directSquares[which]) / count;
      assertEquals(0, (weighted[which] - direct[which]) / count, 4 * error, "observable " + which);
      if (which > 0) {
        assertTrue(
            Math.abs(direct[which] / count - standardModel[which])
                > 4 * Math.sqrt(directSquares[which]) / count,
            "the coefficients are seen in observable " + which);
      }
    }
  }

  private static double observable(Hard hard, int which) {
    return switch (which) {
      case 0 -> hard.production().cosTheta();
      case 1 -> Math.cos(2 * hard.decays().phiW());
      case 2 -> Math.sin(2 * hard.decays().phiZ());
      default -> hard.production().massTeV() > 1.44 ? 1 : 0;
    };
  }

  /** Experiments at known coefficients, fitted with the events' polynomials. */
  @Test
  void pullsOfTheFitHaveMeanZeroAndWidthOne() {
    int experiments = 120;
    int events = 500;
    double rate = rateOfSquares();
    double[] rates = {0, 0, rate, 0, rate};
    WzProcess process = new WzProcess(TRUTH[0], TRUTH[1]);
    double[] sum = new double[2];
    double[] squares = new double[2];
    for (int e = 0; e < experiments; e++) {
      List<double[]> polynomials = new ArrayList<>();
      for (int i = 0; i < events; i++) {
        double[] p = draw(process, (long) e * events + i).polynomial().coefficients();
        polynomials.add(Arrays.copyOfRange(p, 1, 6));
      }
      EftEstimate fit =
          EftFit.maximise(
              TRUTH, // from 0 some experiments end in a second maximum
              points -> {
                LikelihoodSums sums = new LikelihoodSums(BASIS, rates, points);
                polynomials.forEach(p -> sums.add(p, 1));
                return sums;
              });
      assertTrue(fit.converged(), "experiment " + e);
      for (int i = 0; i < 2; i++) {
        double pull = (fit.values()[i] - TRUTH[i]) / fit.error(i);
        sum[i] += pull;
        squares[i] += pull * pull;
      }
    }
    for (int i = 0; i < 2; i++) {
      double mean = sum[i] / experiments;
      double width = Math.sqrt(squares[i] / experiments - mean * mean);
      assertEquals(0, mean, 4 / Math.sqrt(experiments), BASIS.operators().get(i));
      assertEquals(1, width, 4 / Math.sqrt(2 * experiments), BASIS.operators().get(i));
    }
  }
}
