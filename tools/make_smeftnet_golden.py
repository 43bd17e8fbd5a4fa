#!/usr/bin/env python3
"""SMEFTNet in PyTorch, on lists of edges, as golden vectors for the module `training`.

    make_smeftnet_golden.py FIXTURES/models/smeftnet training/src/test/resources/org/bitbeam/training/smeftnet

Takes weights and jets of the fixtures, checks that this program gives the fixtures' outputs, and writes for each variant
  NAME.parameters.npy  all parameters one after the other, matrices by input, then output
  NAME.output.npy      the fixtures' outputs, of evaluation
  NAME.step.npy        the loss of a training step; then, in the order of the parameters, their gradients, and for running means and
                       variances those of the batch
and the jets: pt, angles, scalars, truth. Needs numpy, onnx and PyTorch.
"""
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

VARIANTS = {  # name: (ternary messages, ternary readout, messages weighted by pT)
    "2x10_float": (False, False, False),
    "2x10_float_ptweighted": (False, False, True),
    "2x10_bit30": (True, False, False),
    "2x10_bit70": (False, True, False),
    "2x10_bit100": (True, True, False),
}


def ternary(w):
    beta = w.abs().mean().clamp(min=1e-8)
    return w + ((w / beta).round().clamp(-1, 1) * beta - w).detach()


def codes(x):
    scale = 127 / x.abs().amax(-1, keepdim=True).clamp(min=1e-8)
    return x + ((x * scale).round().clamp(-128, 127) / scale - x).detach()


class Linear:
    def __init__(self, parameters, name, weight, bias, is_bit):
        self.weight = parameters.setdefault(name + ".weight", weight)
        self.bias = parameters.setdefault(name + ".bias", bias)
        self.is_bit = is_bit

    def __call__(self, x):
        return (codes(x) @ ternary(self.weight) if self.is_bit else x @ self.weight) + self.bias


class BatchNorm:
    def __init__(self, parameters, statistics, name, arrays):
        self.name, self.statistics = name, statistics
        self.weight = parameters.setdefault(name + ".weight", arrays["weight"])
        self.bias = parameters.setdefault(name + ".bias", arrays["bias"])
        self.mean = statistics[name + ".mean"] = arrays["running_mean"]
        self.variance = statistics[name + ".variance"] = arrays["running_var"]
        self.batch = {}

    def __call__(self, x, training):
        if training:  # PyTorch's own: a momentum of 1 leaves the statistics of the batch
            mean, variance = torch.zeros_like(self.mean), torch.ones_like(self.variance)
            y = torch.nn.functional.batch_norm(x, mean, variance, self.weight, self.bias, True, 1.0)
            self.batch = {self.name + ".mean": mean, self.name + ".variance": variance}
            return y
        return torch.nn.functional.batch_norm(x, self.mean, self.variance, self.weight, self.bias)


class SmeftNet:
    """Names are those of the fixtures on the right, of the module training on the left."""

    def __init__(self, arrays, bit_messages, bit_readout, by_pt):
        self.by_pt, self.bit_messages, self.bit_readout = by_pt, bit_messages, bit_readout
        self.parameters, self.statistics, self.norms = {}, {}, []

        def linear(name, source, is_bit):
            return Linear(self.parameters, name, arrays[source + ".weight"].t().contiguous(), arrays[source + ".bias"], is_bit)

        def norm(name, source):
            found = {k: arrays[f"{source}.{k}"] for k in ("weight", "bias", "running_mean", "running_var")}
            self.norms.append(BatchNorm(self.parameters, self.statistics, name, found))
            return self.norms[-1]

        self.order = []
        self.messages = []
        for layer in range(2):
            source = f"messages.{layer}.mlp"
            first = linear(f"messages.{layer}.0", source + ".layers.0", bit_messages)
            between = None if bit_messages else norm(f"messages.{layer}.norm.0", source + ".norms.0")
            self.messages.append((first, between, linear(f"messages.{layer}.1", source + ".layers.1", bit_messages)))
        self.scalars = norm("scalars", "scalar_norm")
        self.readout = []
        for layer in range(3):
            self.readout.append(linear(f"readout.{layer}", f"readout.layers.{layer}", bit_readout))
            if layer < 2:
                self.readout.append(norm(f"readout.norm.{layer}", f"readout.norms.{layer}"))
        for p in self.parameters.values():
            p.requires_grad_(True)

    def names(self):
        """As the module training declares them."""
        names = []
        for name in self.parameters:
            names.append(name)
            if name.endswith(".bias") and name[:-5] + ".mean" in self.statistics:
                names += [name[:-5] + ".mean", name[:-5] + ".variance"]
        return names

    def __call__(self, pt, angles, scalars, training):
        pt, angles, scalars = (x.to(self.scalars.weight.dtype) for x in (pt, angles, scalars))
        jet, slot = torch.nonzero(pt, as_tuple=True)
        momentum, vectors = pt[jet, slot], angles[jet, slot]
        features = vectors.pow(2).sum(-1, keepdim=True).sqrt()
        count = len(jet)
        for first, between, last in self.messages:
            same = jet[:, None] == jet[None, :]
            near = (vectors[:, None] - vectors[None, :]).detach().pow(2).sum(-1) <= 0.16
            to, of = torch.nonzero(same & near, as_tuple=True)
            product = vectors[to].norm(dim=-1) * vectors[of].norm(dim=-1)
            divisor = torch.where(product > 0, product, 1)
            cosine = (vectors[to] * vectors[of]).sum(-1) / divisor
            sine = (vectors[to, 1] * vectors[of, 0] - vectors[to, 0] * vectors[of, 1]) / divisor
            angle = torch.stack([cosine, sine], -1)
            x = torch.cat([features[to], features[of], features[of] - features[to], angle], -1)
            x = first(x)
            x = torch.nn.functional.leaky_relu(x, 0.01) if between is None else between(x, training).relu()
            message = torch.where((product > 0)[:, None], last(x), 0)
            weight = momentum[of] if self.by_pt else torch.ones_like(product)
            total = torch.zeros(count, dtype=weight.dtype).index_add(0, to, weight)
            mean = torch.zeros(count, message.shape[1], dtype=message.dtype).index_add(0, to, (weight / total[to])[:, None] * message)
            features, turn = mean[:, :-1], 2 * torch.pi * mean[:, -1]
            vectors = torch.stack(
                [turn.cos() * vectors[:, 0] - turn.sin() * vectors[:, 1], turn.sin() * vectors[:, 0] + turn.cos() * vectors[:, 1]], -1
            )
        share = (momentum / pt.sum(-1)[jet])[:, None]
        pooled = torch.zeros(len(pt), features.shape[1] + 2, dtype=features.dtype).index_add(0, jet, share * torch.cat([features, vectors], -1))
        x = torch.cat([self.scalars(scalars, training), pooled], -1)
        for step in self.readout:
            if isinstance(step, Linear):
                x = step(x)
            else:
                x = step(x, training)
                x = torch.nn.functional.leaky_relu(x, 0.01) if self.bit_readout else x.relu()
        return torch.cat([x, pooled[:, -2:]], -1)


def arrays_of(file):
    graph = onnx.load(file).graph
    arrays = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in graph.initializer}
    for node in graph.node:  # float matrices have lost their names, and are transposed
        if node.op_type == "MatMul" and node.input[1] in arrays:
            arrays[node.name.removesuffix("/MatMul").strip("/").replace("/", ".") + ".weight"] = arrays[node.input[1]].t()
    return arrays


def main():
    torch.set_num_threads(1)
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    jets = [torch.from_numpy(np.load(source / "inputs" / f"{name}.npy")) for name in ("pt", "angles", "scalars")]
    truth = torch.from_numpy(np.random.default_rng(1).uniform(0, np.pi, len(jets[0])).astype("<f4"))
    for name, values in zip(("pt", "angles", "scalars", "truth"), jets + [truth]):
        np.save(target / f"{name}.npy", values.numpy())
    for name, variant in VARIANTS.items():
        arrays = arrays_of(source / f"{name}.script.onnx")
        net = SmeftNet(arrays, *variant)
        expected = np.load(source / f"{name}.output.npy")
        with torch.no_grad():
            off = np.abs(net(*jets, False).numpy() - expected).max()
        # In double precision: biases before a normalisation have gradients of 0, elsewhere noise.
        net = SmeftNet({k: v.detach().double() for k, v in arrays.items() if v.is_floating_point()}, *variant)
        with torch.no_grad():
            off = max(off, np.abs(net(*jets, False).numpy() - expected).max())
        assert off < 1e-5, (name, off)
        loss = torch.sin(net(*jets, True)[:, 0] - truth).pow(2).mean()
        loss.backward()
        batch = {k: v for norm in net.norms for k, v in norm.batch.items()}
        flat, step = [], [np.array([loss.item()], "<f4")]
        for p in net.names():
            own = net.parameters.get(p)
            flat.append((net.statistics[p] if own is None else own).detach().numpy().ravel())
            step.append((batch[p] if own is None else own.grad).numpy().ravel())
        np.save(target / f"{name}.parameters.npy", np.concatenate(flat).astype("<f4"))
        assert np.isfinite(np.concatenate(step)).all()
        np.save(target / f"{name}.step.npy", np.concatenate(step).astype("<f4"))
        np.save(target / f"{name}.output.npy", expected.astype("<f4"))
        print(f"{name}: {sum(map(len, flat))} numbers, outputs within {off:.1e} of the fixtures', loss {loss.item():.6f}")


if __name__ == "__main__":
    main()
