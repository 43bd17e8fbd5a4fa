package org.bitbeam.physics.eft;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * The polynomial r(c) = 1 + sum_i l_i c_i + sum_(i &lt;= j) q_ij c_i c_j: ratio of a squared matrix
 * element, truncated at dimension six, to that of the Standard Model (c = 0). Its coefficients are
 * stored as l_1 .. l_n, then q_11, q_12 .. q_1n, q_22 .. q_nn; those with {@code order} 1 have no
 * q.
 *
 * @param operators names of the Wilson coefficients, such as {@code cW}
 * @param order 1 (interference with the Standard Model alone) or 2
 * @param basis name of the operator basis, such as {@code Warsaw}; may be empty
 * @param lambdaTeV scale that makes the coefficients dimensionless: c / Lambda^2
 */
public record WilsonBasis(List<String> operators, int order, String basis, double lambdaTeV)
    implements Serializable {

  public WilsonBasis {
    operators = List.copyOf(operators);
    if (operators.isEmpty() || new HashSet<>(operators).size() != operators.size()) {
      throw new IllegalArgumentException(
          "operators are " + operators + ", expected at least one, each once");
    }
    if (order != 1 && order != 2) {
      throw new IllegalArgumentException("order is " + order + ", expected 1 or 2");
    }
    if (!(lambdaTeV > 0)) {
      throw new IllegalArgumentException("Lambda is " + lambdaTeV + " TeV, expected more than 0");
    }
  }

  /**
   * Reads {@code { "operators": ["cW", ...], "order": 2, "basis": "Warsaw", "lambdaTeV": 1 }}.
   *
   * @param label where it stands, for messages
   */
  public static WilsonBasis parse(String label, JsonNode json) {
    List<String> operators = new ArrayList<>();
    json.path("operators").forEach(node -> operators.add(node.asText()));
    try {
      return new WilsonBasis(
          operators,
          json.path("order").asInt(2),
          json.path("basis").asText(""),
          json.path("lambdaTeV").asDouble(1));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(label + ": " + e.getMessage(), e);
    }
  }

  /** Number of Wilson coefficients. */
  public int dimensions() {
    return operators.size();
  }

  /** Number of coefficients of the polynomial; the constant 1 is not among them. */
  public int size() {
    int n = dimensions();
    return order == 1 ? n : n + n * (n + 1) / 2;
  }

  /** Names of the polynomial's coefficients, such as {@code cW} and {@code cW*cHq}. */
  public List<String> terms() {
    List<String> terms = new ArrayList<>(operators);
    for (int i = 0; order == 2 && i < dimensions(); i++) {
      for (int j = i; j < dimensions(); j++) {
        terms.add(operators.get(i) + "*" + operators.get(j));
      }
    }
    return List.copyOf(terms);
  }

  /** Where the coefficient q_ij = q_ji is among a polynomial's; of order 2. */
  int quadratic(int i, int j) {
    int row = Math.min(i, j);
    return dimensions() * (row + 1) - row * (row - 1) / 2 + Math.abs(i - j);
  }

  /** The monomials c_1 .. c_n, c_1 c_1, c_1 c_2 .. c_n c_n at a point. */
  public double[] monomials(double[] point) {
    check(point);
    double[] monomials = new double[size()];
    int at = 0;
    for (double c : point) {
      monomials[at++] = c;
    }
    for (int i = 0; order == 2 && i < point.length; i++) {
      for (int j = i; j < point.length; j++) {
        monomials[at++] = point[i] * point[j];
      }
    }
    return monomials;
  }

  /** r at a point. */
  public double value(double[] coefficients, double[] point) {
    check(point);
    int n = point.length;
    double sum = 1;
    int at = n;
    for (int i = 0; i < n; i++) {
      double inner = coefficients[i];
      for (int j = i; order == 2 && j < n; j++) {
        inner += coefficients[at++] * point[j];
      }
      sum += inner * point[i];
    }
    return sum;
  }

  /** The n derivatives of r at a point. */
  public double[] gradient(double[] coefficients, double[] point) {
    check(point);
    int n = point.length;
    double[] gradient = new double[n];
    int at = n;
    for (int i = 0; i < n; i++) {
      gradient[i] += coefficients[i];
      for (int j = i; order == 2 && j < n; j++) {
        double q = coefficients[at++];
        gradient[i] += q * point[j];
        gradient[j] += q * point[i];
      }
    }
    return gradient;
  }

  /** The n x n second derivatives of r, which are the same everywhere; by rows. */
  public double[] hessian(double[] coefficients) {
    int n = dimensions();
    double[] hessian = new double[n * n];
    int at = n;
    for (int i = 0; order == 2 && i < n; i++) {
      for (int j = i; j < n; j++) {
        double q = coefficients[at++];
        hessian[i * n + j] += q;
        hessian[j * n + i] += q;
      }
    }
    return hessian;
  }

  private void check(double[] point) {
    if (point.length != dimensions()) {
      throw new IllegalArgumentException(
          "a point of " + point.length + " numbers, expected one for each of " + operators);
    }
  }

  /** For the description of a column. */
  public String describe() {
    return "coefficients of "
        + String.join(", ", terms())
        + " in r = 1 + sum of coefficient * term; "
        + (basis.isEmpty() ? "" : "basis " + basis + ", ")
        + "Lambda = "
        + lambdaTeV
        + " TeV";
  }
}
