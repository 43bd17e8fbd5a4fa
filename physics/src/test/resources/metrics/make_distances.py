"""Golden numbers of PhysicsDistances by the JetNet library (PyPI: jetnet 0.2.5, scipy, numba, no torch data needed).

usage: make_distances.py GEN_METRICS.py > distances.json      with jetnet/evaluation/gen_metrics.py of the library

Only its functions on arrays are used: modules it imports for jets are replaced by empty ones.
"""
import importlib.util
import json
import sys
import types

import numpy as np
from scipy.optimize import nnls


def stub(name, **members):
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module


stub("torch", Tensor=type("Tensor", (), {}))
stub("torch.utils")
stub("torch.utils.data", DataLoader=None)
stub("energyflow")
stub("energyflow.emd", emds=None)
stub("jetnet", utils=None)
stub("jetnet.datasets", JetNet=None)
spec = importlib.util.spec_from_file_location("gen_metrics", sys.argv[1])
jetnet = importlib.util.module_from_spec(spec)
sys.modules["gen_metrics"] = jetnet
spec.loader.exec_module(jetnet)


def sample(n, shift):
    """Whole numbers over 64: exact in any language. Linear congruential steps, so that Java draws the same."""
    state, rows = 12345 + shift, []
    for _ in range(n):
        row = []
        for i in range(5):
            total = 0
            for _ in range(4):
                state = (state * 1103515245 + 12345) % 2**31
                total += state >> 21
            row.append((total * (i + 1) + shift * 40) / 64)
        row.append(row[0] + row[1] / 2)  # a covariance of less than full rank
        row.append(0.0)
        rows.append(row)
    return np.array(rows)


a, b = sample(3000, 0), sample(2500, 3)
x, y = jetnet._normalise_features(a, b)
cov = lambda v: np.cov(v, rowvar=False)
frechet = jetnet._calculate_frechet_distance(x.mean(0), cov(x), y.mean(0), cov(y))
discrepancy = jetnet._mmd_poly_quadratic_unbiased(x, y)
sizes = np.array([20000, 21428, 23076, 25000, 27272, 30000, 33333, 37500, 42857, 50000])
fits = []
for intercept, slope in ((0.01, 30), (0.002, -5), (-0.0005, 40)):
    wiggle = 1e-4 * np.array([1, -2, 0.5, 1.5, -1, 0.3, -0.7, 1.1, -0.4, 0.2])
    values = intercept + slope / sizes + wiggle
    # curve_fit with bounds, which the library calls, stops before its minimum for numbers as small as 1 / N (by up to two
    # of its errors here), so that the exact solution is from another solver of scipy; the error is curve_fit's formula.
    line = np.stack([np.ones(10), 1 / sizes], 1)
    params, norm = nnls(line, values)
    covariance = np.linalg.inv(line.T @ line) * norm**2 / 8
    theirs, _ = jetnet.curve_fit(jetnet._linear, 1 / sizes, values, bounds=([0, 0], [np.inf, np.inf]))
    fits.append({"values": list(values), "value": params[0], "error": float(np.sqrt(covariance[0, 0])), "library": theirs[0]})
few = [3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.0, 3.5, 8.0, 9.7]
document = {
    "frechet": float(frechet),
    "discrepancy": float(discrepancy),
    "sizes": sizes.tolist(),
    "fits": fits,
    "few": few,
    "halfRange": float(jetnet.iqr(few, rng=(16.275, 83.725)) / 2),
    "fpd": jetnet.fpd(a, b, min_samples=1000, max_samples=2500),
    "kpd": jetnet.kpd(a, b, batch_size=2500),
}
json.dump(document, sys.stdout, indent=1)
