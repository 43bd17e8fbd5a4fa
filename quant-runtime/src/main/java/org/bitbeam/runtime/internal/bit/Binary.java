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
    float[] left = a.values();
    float[] right = b.values();
    Broadcast.lines(
        shape,
        (at, steps, to, step, count) -> {
          if (step == 1 && steps[0] <= 1 && steps[1] <= 1) {
            line(left, at[0], steps[0], right, at[1], steps[1], y, to, count);
          } else {
            spread(left, at[0], steps[0], right, at[1], steps[1], y, to, step, count);
          }
        },
        a.shape(),
        b.shape());
  }

  /** A stretch along which each side stands still (step 0) or advances by one. */
  private void line(
      float[] a, int atA, int stepA, float[] b, int atB, int stepB, float[] y, int to, int count) {
    if (stepA == 1 && stepB == 1) {
      both(a, atA, b, atB, y, to, count);
    } else if (stepA == 1) {
      rightFixed(a, atA, b[atB], y, to, count);
    } else if (stepB == 1) {
      leftFixed(a[atA], b, atB, y, to, count);
    } else {
      Arrays.fill(y, to, to + count, one(a[atA], b[atB]));
    }
  }

  /** A stretch with any steps. */
  private void spread(
      float[] a,
      int atA,
      int stepA,
      float[] b,
      int atB,
      int stepB,
      float[] y,
      int to,
      int step,
      int count) {
    switch (operation) {
      case ADD -> {
        for (int i = 0; i < count; i++) {
          y[to + i * step] = a[atA + i * stepA] + b[atB + i * stepB];
        }
      }
      case SUBTRACT -> {
        for (int i = 0; i < count; i++) {
          y[to + i * step] = a[atA + i * stepA] - b[atB + i * stepB];
        }
      }
      case MULTIPLY -> {
        for (int i = 0; i < count; i++) {
          y[to + i * step] = a[atA + i * stepA] * b[atB + i * stepB];
        }
      }
      case DIVIDE -> {
        for (int i = 0; i < count; i++) {
          y[to + i * step] = a[atA + i * stepA] / b[atB + i * stepB];
        }
      }
      case MIN -> {
        for (int i = 0; i < count; i++) {
          y[to + i * step] = Math.min(a[atA + i * stepA], b[atB + i * stepB]);
        }
      }
      case MAX -> {
        for (int i = 0; i < count; i++) {
          y[to + i * step] = Math.max(a[atA + i * stepA], b[atB + i * stepB]);
        }
      }
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
