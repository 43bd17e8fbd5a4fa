"""Makes tagging.json: metrics of made-up scores by scikit-learn. usage: make_tagging.py (writes beside itself)

Logits are rounded to make ties. Rejections are interpolated linearly on scikit-learn's ROC curve.
"""
import json
import os

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, roc_auc_score, roc_curve

HERE = os.path.dirname(os.path.abspath(__file__))
cases = []
for seed, jets, digits in ((1, 400, 6), (2, 400, 1), (3, 300, 0), (4, 7, 0)):
    random = np.random.default_rng(seed)
    signal = random.random(jets) < 0.4
    logits = np.round(random.normal(size=jets) * 1.5 + np.where(signal, 0.8, -0.8), digits) + 0.0
    scores = 1 / (1 + np.exp(-logits))
    background, efficiency, _ = roc_curve(signal, logits, drop_intermediate=False)
    # At a vertical step the lower end is the better working point.
    def rejection(wanted):
        i = np.searchsorted(efficiency, wanted)
        part = (wanted - efficiency[i - 1]) / (efficiency[i] - efficiency[i - 1])
        kept = background[i - 1] + part * (background[i] - background[i - 1])
        return 1 / kept if kept > 0 else "Infinity"
    bins = np.searchsorted(np.linspace(0, 1, 21)[1:-1], scores)  # as calibration_curve does
    share, mean = calibration_curve(signal, scores, n_bins=20)
    counts = np.bincount(bins, minlength=20)
    counts = counts[counts > 0]
    cases.append({
        "logits": logits.tolist(), "signal": signal.astype(int).tolist(),
        "auc": roc_auc_score(signal, logits), "accuracy": accuracy_score(signal, scores >= 0.5),
        "rejection50": rejection(0.5), "rejection30": rejection(0.3),
        "calibrationError": float(np.sum(np.abs(share - mean) * counts) / jets),
    })
with open(os.path.join(HERE, "tagging.json"), "w") as f:
    json.dump(cases, f)
    f.write("\n")
