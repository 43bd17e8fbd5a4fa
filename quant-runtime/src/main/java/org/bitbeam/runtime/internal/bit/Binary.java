package org.bitbeam.runtime.internal.bit;

import java.util.Arrays;
import org.bitbeam.runtime.internal.graph.NdArray.FloatArray;
import org.bitbeam.runtime.internal.graph.Shapes;

/**
 * Arithmetic of two arrays with broadcasting; element types other than float go to the interpreter.
 */
record Binary(Operation operation, int left, int right, int out, Instruction fallback)
    implements Instruction {
  enum Operation {
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    MIN,
    MAX
  }

  @Override
  public void run(Frame frame) {
    if (!(frame.get(left) instanceof FloatArray a) || !(frame.get(right) instanceof FloatArray b)) {
      fallback.run(frame);
      return;
    }
    if (Arrays.equals(a.shape(), b.shape())) {
      float[] y = frame.allocate(out, a.shape());
      line(a.values(), 0, 1, b.values(), 0, 1, y, 0, y.length);
      return;
    }
    int[] shape = Shapes.broadcast(a.shape(), b.shape());
    float[] y = frame.allocate(out, shape);
    // Axes along which both advance evenly are walked as one.
    int[] sizes = new int[shape.length + 1];
    int[] stepsA = new int[shape.length + 1];
    int[] stepsB = new int[shape.length + 1];
    int axes =
        merged(shape, strides(a.shape(), shape), strides(b.shape(), shape), sizes, stepsA, stepsB);
    int inner = sizes[axes - 1];
    int lines = y.length == 0 ? 0 : y.length / inner;
    int[] index = new int[axes];
    int atA = 0;
    int atB = 0;
    for (int line = 0; line < lines; line++) {
      line(
          a.values(),
          atA,
          stepsA[axes - 1],
          b.values(),
          atB,
          stepsB[axes - 1],
          y,
          line * inner,
          inner);
      for (int axis = axes - 2; axis >= 0; axis--) {
        atA += stepsA[axis];
        atB += stepsB[axis];
        if (++index[axis] < sizes[axis]) {
          break;
        }
        atA -= stepsA[axis] * sizes[axis];
        atB -= stepsB[axis] * sizes[axis];
        index[axis] = 0;
      }
    }
  }

  private static int[] strides(int[] from, int[] to) {
    int[] own = Shapes.strides(from);
    int[] strides = new int[to.length];
    for (int i = 0; i < from.length; i++) {
      strides[to.length - from.length + i] = from[i] == 1 ? 0 : own[i];
    }
    return strides;
  }

  private static int merged(
      int[] shape, int[] a, int[] b, int[] sizes, int[] stepsA, int[] stepsB) {
    int axes = 0;
    for (int i = 0; i < shape.length; i++) {
      if (axes > 0 && stepsA[axes - 1] == a[i] * shape[i] && stepsB[axes - 1] == b[i] * shape[i]) {
        sizes[axes - 1] *= shape[i];
        stepsA[axes - 1] = a[i];
        stepsB[axes - 1] = b[i];
      } else {
        sizes[axes] = shape[i];
        stepsA[axes] = a[i];
        stepsB[axes] = b[i];
        axes++;
      }
    }
    if (axes == 0) {
      sizes[0] = 1;
      return 1;
    }
    return axes;
  }

  /** A stretch along which each side stands still (step 0) or advances by one. */
  private void line(
      float[] a, int atA, int stepA, float[] b, int atB, int stepB, float[] y, int to, int count) {
    boolean even = (stepA == 1 || stepA == 0) && (stepB == 1 || stepB == 0);
    if (!even) {
      for (int i = 0; i < count; i++) {
        y[to + i] = one(a[atA + i * stepA], b[atB + i * stepB]);
      }
    } else if (stepA == 1 && stepB == 1) {
      both(a, atA, b, atB, y, to, count);
    } else if (stepA == 1) {
      rightFixed(a, atA, b[atB], y, to, count);
    } else if (stepB == 1) {
      leftFixed(a[atA], b, atB, y, to, count);
    } else {
      Arrays.fill(y, to, to + count, one(a[atA], b[atB]));
    }
  }

  private float one(float a, float b) {
    return switch (operation) {
      case ADD -> a + b;
      case SUBTRACT -> a - b;
      case MULTIPLY -> a * b;
      case DIVIDE -> a / b;
      case MIN -> Math.min(a, b);
      case MAX -> Math.max(a, b);
    };
  }

  private void both(float[] a, int atA, float[] b, int atB, float[] y, int to, int count) {
    switch (operation) {
      case ADD -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[atA + i] + b[atB + i];
        }
      }
      case SUBTRACT -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[atA + i] - b[atB + i];
        }
      }
      case MULTIPLY -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[atA + i] * b[atB + i];
        }
      }
      case DIVIDE -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[atA + i] / b[atB + i];
        }
      }
      case MIN -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = Math.min(a[atA + i], b[atB + i]);
        }
      }
      case MAX -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = Math.max(a[atA + i], b[atB + i]);
        }
      }
    }
  }

  private void rightFixed(float[] a, int atA, float b, float[] y, int to, int count) {
    switch (operation) {
      case ADD -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[atA + i] + b;
        }
      }
      case SUBTRACT -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[atA + i] - b;
        }
      }
      case MULTIPLY -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[atA + i] * b;
        }
      }
      case DIVIDE -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a[atA + i] / b;
        }
      }
      case MIN -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = Math.min(a[atA + i], b);
        }
      }
      case MAX -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = Math.max(a[atA + i], b);
        }
      }
    }
  }

  private void leftFixed(float a, float[] b, int atB, float[] y, int to, int count) {
    switch (operation) {
      case SUBTRACT -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a - b[atB + i];
        }
      }
      case DIVIDE -> {
        for (int i = 0; i < count; i++) {
          y[to + i] = a / b[atB + i];
        }
      }
      // The others do not care which side is which; the order of signed zeros and NaN does not
      // matter.
      default -> rightFixed(b, atB, a, y, to, count);
    }
  }
}
