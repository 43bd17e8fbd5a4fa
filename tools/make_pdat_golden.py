#!/usr/bin/env python3
"""P-DAT in PyTorch, as golden vectors for the module `training`.

    make_pdat_golden.py FIXTURES/models/pdat training/src/test/resources/org/bitbeam/training/pdat

The published network with PyTorch's own layers (convolutions, interpolation, batch normalisation, the array read in another
shape), the variant without padding jet by jet, each with as many constituents as it has. Takes weights and features of the
fixtures of the small size, checks that this program gives the fixtures' logits, and writes for each variant
  NAME.parameters.npy  all parameters one after the other, matrices by input, then output
  NAME.output.npy      logits of evaluation; of the published network those of the fixtures
  NAME.step.npy        the loss of a training step; then, in the order of the parameters, their gradients, and for running means
                       and variances those of the batch
and counts.npy, truth.npy: constituents and class of each jet. Needs numpy, onnx and PyTorch.
"""
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch.nn import functional as F

DIM, HEADS, EPSILON = 16, 4, 1e-5
ATTENTIONS = ("particle", "channel")
VARIANTS = {  # name: (fixture, prefixes of the ternary layers, without padding)
    "float": ("float", (), False),
    "bit": ("bit", ATTENTIONS, False),
    "masked-float": ("float", (), True),
    "masked-bit-edges": ("bit", ATTENTIONS + tuple(f"edge.{i}" for i in range(1, 6)) + ("pair.1", "pair.2"), True),
}


def ternary(w):
    beta = w.abs().mean().clamp(min=1e-8)
    return w + ((w / beta).round().clamp(-1, 1) * beta - w).detach()


def codes(x):
    scale = 127 / x.abs().amax(-1, keepdim=True).clamp(min=1e-8)
    return x + ((x * scale).round().clamp(-128, 127) / scale - x).detach()


def load(file):
    """Parameters by the names and in the order of BitBeam's network; normalisations of the edges and pairs are folded."""
    graph = onnx.load(file).graph
    arrays = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    inputs = {node.name: list(node.input) for node in graph.node}
    p = {}

    def norm(name, size, bias):
        p[name + ".weight"], p[name + ".bias"] = np.ones(size), bias
        p[name + ".mean"], p[name + ".variance"] = np.zeros(size), np.full(size, 1 - EPSILON)

    for i in range(3):
        _, weight, bias = inputs[f"/particle/pair_convs.{i}/Conv"]
        p[f"pair.{i}.weight"], p[f"pair.{i}.bias"] = arrays[weight][:, :, 0, 0].T, arrays[bias]
        norm(f"pair.{i}.norm", len(arrays[bias]), np.zeros(len(arrays[bias])))
    for i in range(3):
        p[f"jet.{i}.kernel"], p[f"jet.{i}.bias"] = arrays[f"channel.convs.{i}.weight"], arrays[f"channel.convs.{i}.bias"]
    for i in range(6):
        _, weight, bias = inputs[f"/edge{i // 3 + 1}/convs.{i % 3}/Conv"]
        p[f"edge.{i}.weight"] = arrays[weight][:, :, 0, 0].T
        norm(f"edge.{i}.norm", len(arrays[bias]), arrays[bias])

    def linear(name, layer):
        stored = arrays.get(layer + ".weight")
        p[name + ".weight"] = arrays[inputs["/" + layer.replace(".", "/") + "/MatMul"][1]] if stored is None else stored.T
        p[name + ".bias"] = arrays[layer + ".bias"]

    for block in ATTENTIONS:
        order = ["ln1", "query", "key", "value", "fcx", "ln2", "ln3", "fc1", "ln4", "fc2"]
        for part in order:
            if part.startswith("ln"):
                for what in ("weight", "bias"):
                    p[f"{block}.norm.{int(part[2]) - 1}.{what}"] = arrays[f"{block}.{part}.{what}"]
            elif part != "fcx" or block == "particle":
                linear(f"{block}.{part}", f"{block}.{part}")
    p["fuse.weight"], p["fuse.bias"] = arrays["fuse.weight"][:, :, 0].T, arrays["fuse.bias"]
    linear("head.0", "fc1")
    for ours, theirs in (("weight", "weight"), ("bias", "bias"), ("mean", "running_mean"), ("variance", "running_var")):
        p[f"head.norm.{ours}"] = arrays[f"norm.{theirs}"]
    linear("head.1", "fc2")
    return {k: torch.tensor(np.array(v), dtype=torch.float32) for k, v in p.items()}


class Pdat:
    def __init__(self, p, bit, training):
        self.p, self.bit, self.training, self.batch = p, bit, training, {}

    def linear(self, name, x):
        w = self.p[name + ".weight"]
        y = codes(x) @ ternary(w) if name.startswith(self.bit) else x @ w
        return y + self.p[name + ".bias"] if name + ".bias" in self.p else y

    def normed(self, name, rows):
        """Batch normalisation of rows (rows, channels)."""
        mean, variance = (self.p[f"{name}.{what}"].clone() for what in ("mean", "variance"))
        weight, bias = self.p[name + ".weight"], self.p[name + ".bias"]
        y = F.batch_norm(rows, mean, variance, weight, bias, self.training, 1.0, EPSILON)
        self.batch[name + ".mean"], self.batch[name + ".variance"] = mean, variance
        return y

    def layers(self, names, jets):
        """Layer, normalisation and GELU over the rows of all jets, which may have different shapes."""
        for name in names:
            jets = [self.linear(name, x) for x in jets]
            rows = self.normed(name + ".norm", torch.cat([x.reshape(-1, x.shape[-1]) for x in jets]))
            parts = torch.split(rows, [x.numel() // x.shape[-1] for x in jets])
            jets = [F.gelu(part.reshape(x.shape)) for part, x in zip(parts, jets)]
        return jets

    def layer_norm(self, name, x):
        return F.layer_norm(x, (DIM,), self.p[name + ".weight"], self.p[name + ".bias"], EPSILON)

    def particles(self, x, bias):
        normed = self.layer_norm("particle.norm.0", x)
        query, key, value = (self.linear(f"particle.{w}", normed).reshape(len(x), HEADS, -1).transpose(0, 1) for w in ("query", "key", "value"))
        weights = torch.softmax(query @ key.transpose(1, 2) / (DIM // HEADS) ** 0.5 + bias, -1)
        merged = (weights @ value).transpose(0, 1).reshape(len(x), DIM)
        return self.block("particle", x, F.gelu(self.linear("particle.fcx", merged - normed)))

    def channels(self, x, bias, masked):
        normed = self.layer_norm("channel.norm.0", x)
        query, key, value = (self.linear(f"channel.{w}", normed) for w in ("query", "key", "value"))
        if masked:
            query, key, value = query.T, key.T, value.T
        else:
            query, key, value = (v.reshape(DIM, len(x)) for v in (query, key, value))
        weights = torch.softmax(query @ key.T / (len(x) if masked else DIM) ** 0.5 + bias, -1)
        return self.block("channel", x, (weights @ value).T - normed)

    def block(self, name, x, out):
        total = self.layer_norm(name + ".norm.1", out) + x
        t = F.gelu(self.linear(name + ".fc1", self.layer_norm(name + ".norm.2", total)))
        return self.linear(name + ".fc2", self.layer_norm(name + ".norm.3", t)) + total

    def logits(self, points, pairs, matrices, masked):
        biases = [b.permute(2, 0, 1) for b in self.layers([f"pair.{i}" for i in range(3)], pairs)]
        x = [e.mean(1) for e in self.layers([f"edge.{i}" for i in range(3)], points)]
        x = self.layers([f"edge.{i}" for i in range(3, 6)], x)
        pooled = []
        for one, bias, matrix in zip(x, biases, matrices):
            image = F.interpolate(matrix[None, None], size=(DIM, DIM), mode="bilinear", align_corners=False)
            for i in range(3):
                image = F.gelu(F.conv2d(image, self.p[f"jet.{i}.kernel"], self.p[f"jet.{i}.bias"], padding=1))
            stages = [one]
            for stage in range(4):
                last = stages[-1]
                stages.append(self.channels(last, image[0, 0], masked) if stage % 2 else self.particles(last, bias))
            pooled.append(self.linear("fuse", torch.cat(stages, -1)).mean(0))
        hidden = self.linear("head.0", torch.stack(pooled))
        return self.linear("head.1", F.gelu(self.normed("head.norm", hidden)))


def gradients(p, bit, inputs, truth, masked):
    """The loss, and for each parameter its gradient, or the batch's statistic."""
    trained = {k: v.clone().requires_grad_() for k, v in p.items() if not k.endswith((".mean", ".variance"))}
    network = Pdat({**p, **trained}, bit, True)
    loss = F.cross_entropy(network.logits(*inputs, masked), truth)
    loss.backward()
    return [loss.reshape(1)] + [trained[k].grad if k in trained else network.batch[k] for k in p]


def main():
    fixtures, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    points, pairs, matrices = (torch.tensor(np.load(fixtures / f"features_small/{n}.npy")) for n in ("points", "pairs", "jet"))
    jets = json.loads((fixtures / "jets.json").read_text())
    counts = [min(points.shape[1], len(jet["pt"])) for jet in jets][: len(points)]
    truth = torch.tensor([j % 3 == 0 for j in range(len(points))]).long()
    np.save(target / "counts.npy", np.array(counts, dtype=np.int32))
    np.save(target / "truth.npy", truth.numpy().astype(np.float32))
    for name, (fixture, bit, masked) in VARIANTS.items():
        p = load(fixtures / f"small/{fixture}.script.onnx")
        lengths = counts if masked else [points.shape[1]] * len(points)
        inputs = [x[:n] for x, n in zip(points, lengths)], [x[:n, :n] for x, n in zip(pairs, lengths)], matrices
        bit = tuple(layer for layer in bit) or ("none",)
        outputs = Pdat(p, bit, False).logits(*inputs, masked)
        if not masked:
            expected = np.load(fixtures / f"small/{fixture}.logits.npy")
            worst = np.abs(expected - outputs.detach().numpy()).max()
            print(f"{name}: at most {worst:.2g} from the fixtures")
            assert worst < 1e-5
            outputs = torch.tensor(expected)
        step = gradients(p, bit, inputs, truth, masked)
        double = gradients({k: v.double() for k, v in p.items()}, bit, [[x.double() for x in part] for part in inputs], truth, masked)
        apart = max(((x - y).norm() / max(0.01, x.norm())).item() for x, y in zip(step, double))
        print(f"{name}: gradients in single and double precision are at most {apart:.2g} of their size apart")
        for what, values in (("parameters", list(p.values())), ("step", step)):
            flat = torch.cat([v.detach().reshape(-1) for v in values])
            np.save(target / f"{name}.{what}.npy", flat.numpy().astype(np.float32))
        np.save(target / f"{name}.output.npy", outputs.detach().numpy().astype(np.float32))


if __name__ == "__main__":
    main()
