"""The CaloChallenge's classifier test in PyTorch, beside `bitbeam evaluate calo --classifier`.

usage: compare_classifier.py GENERATED.hdf5 REFERENCE.hdf5 geometry.json [--inputs high,low] [--runs 2] [--epochs 50]

Needs numpy, h5py, torch and scikit-learn. Features, network (LeakyReLU), choice of the epoch (by accuracy) and calibration are
those of the challenge's script, written anew: AUC and JSD should agree with ours within the spread of the seeds.
"""
import argparse
import json

import h5py
import numpy as np
import torch
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import roc_auc_score
from torch import nn


def read(path, layers):
    with h5py.File(path) as file:
        incident, showers = file["incident_energies"][:].astype(float), file["showers"][:].astype(float)
    low, normalised, energies, lengths, at = [], [], [], [], 0
    for layer in layers:
        rings, sectors = len(layer["radii"]) - 1, layer["sectors"]
        part = showers[:, at : at + rings * sectors]
        at += rings * sectors
        energy = part.sum(1, keepdims=True)
        radius = np.tile((np.array(layer["radii"][1:]) + layer["radii"][:-1]) / 2, sectors)
        angle = np.repeat(-np.pi + (np.arange(sectors) + 0.5) * 2 * np.pi / sectors, rings)
        low.append(part / incident)
        normalised.append(part / (energy + 1e-16))
        energies.append(np.log10(energy + 1e-8))
        if sectors > 1:
            for place in (radius * np.cos(angle), radius * np.sin(angle)):
                centre = (part * place).sum(1) / (energy[:, 0] + 1e-16)
                square = (part * place**2).sum(1) / (energy[:, 0] + 1e-16)
                lengths += [centre / 100, np.sqrt(np.clip(square - centre**2, 0, None)) / 100]
    first = np.log10(incident)
    return {
        "low": np.hstack([first, *low]),
        "low_normalised": np.hstack([first, *normalised, *energies]),
        "high": np.hstack([first, *energies, *(v[:, None] for v in lengths)]),
    }


def parts(a, b, rng):
    a, b = rng.permutation(a), rng.permutation(b)
    count = min(len(a), len(b))
    cuts = (0, int(0.6 * count), int(0.8 * count), count)
    for i, j in zip(cuts, cuts[1:]):
        x = torch.tensor(np.vstack([a[i:j], b[i:j]]), dtype=torch.float32)
        yield x, torch.cat([torch.zeros(j - i), torch.ones(j - i)])


def test(a, b, seed, epochs):
    torch.manual_seed(seed)
    (x, y), (x_choose, y_choose), (x_test, y_test) = parts(a, b, np.random.default_rng(seed))
    sizes = [x.shape[1], 512, 512, 512]
    layers = [layer for m, n in zip(sizes, sizes[1:]) for layer in (nn.Linear(m, n), nn.LeakyReLU(0.01))]
    net = nn.Sequential(*layers, nn.Linear(512, 1))
    optimiser = torch.optim.Adam(net.parameters(), 2e-4)
    best = (-1, None, None)
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(1000):
            optimiser.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(net(x[rows])[:, 0], y[rows]).backward()
            optimiser.step()
        with torch.no_grad():
            choose, p = net(x_choose)[:, 0].sigmoid(), net(x_test)[:, 0].sigmoid()
        accuracy = ((choose > 0.5) == (y_choose > 0.5)).float().mean().item()
        if accuracy > best[0]:
            best = (accuracy, choose.numpy(), p.numpy())
    isotonic = IsotonicRegression(out_of_bounds="clip", y_min=1e-6, y_max=1 - 1e-6).fit(best[1], y_choose.numpy())
    p = isotonic.predict(best[2]).astype(float)
    labels = y_test.numpy() > 0.5
    entropy = -np.log(np.where(labels, p, 1 - p)).mean()
    return roc_auc_score(labels, p), 1 - entropy / np.log(2)


def main():
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("generated", "reference", "geometry"):
        cli.add_argument(name)
    cli.add_argument("--inputs", default="low,low_normalised,high")
    cli.add_argument("--runs", type=int, default=2)
    cli.add_argument("--epochs", type=int, default=50)
    arguments = cli.parse_args()
    torch.set_num_threads(1)
    layers = json.load(open(arguments.geometry))["layers"]
    a, b = read(arguments.reference, layers), read(arguments.generated, layers)
    for kind in arguments.inputs.split(","):
        found = np.array([test(a[kind], b[kind], 42 + run, arguments.epochs) for run in range(arguments.runs)])
        print("%-14s AUC %.4f (%.4f to %.4f), JSD %.4f (%.4f to %.4f)" % (
            kind, *(f(found[:, i]) for i in (0, 1) for f in (np.mean, np.min, np.max))), flush=True)


if __name__ == "__main__":
    main()
