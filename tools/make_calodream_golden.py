#!/usr/bin/env python3
"""CaloDREAM in PyTorch, as golden vectors for the module `training`.

    make_calodream_golden.py FIXTURES/models/calodream training/src/test/resources/org/bitbeam/training/calodream

The energy network with PyTorch's own nn.Transformer, the shape network with its own attention and GELU. Checks that this program
gives the fixtures' embeddings and velocities (float), then makes small networks of seeded weights and writes
  parameters.npy     all parameters one after the other, matrices by input, then output
  INPUT.npy          showers: data, noise, times, condition, source, target
  NAME.errors.npy    float, bit-noemb, bit-aggressive: mean squared errors of both velocities, by shower
  NAME.step.npy      their sum over showers / number of showers, then the gradients in the order of the parameters
  NAME.embeddings.npy, .energies.npy, .shape.npy   what the three networks give
Needs numpy, onnx and PyTorch.
"""
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional as F

HIDDEN, WAVES, SHOWERS = 6, 128, 5
SHAPE_BIT = {"qkv", "proj", "fc1", "fc2"}
EMBEDDINGS = {"patch", "time.0", "time.1", "condition.0", "condition.1", "final"}


def ternary(w):
    beta = w.abs().mean().clamp(min=1e-8)
    return w + ((w / beta).round().clamp(-1, 1) * beta - w).detach()


def codes(x):
    scale = 127 * x.abs().amax(-1, keepdim=True).clamp(min=1e-8).reciprocal()
    return x + ((x * scale).round().clamp(-128, 127) / scale - x).detach()


class Linear(nn.Linear):
    bit = False

    def forward(self, x):
        return F.linear(codes(x), ternary(self.weight), self.bias) if self.bit else super().forward(x)


class Energy(nn.Module):
    def __init__(self, width, heads, depth, feed, velocity, frequencies):
        super().__init__()
        self.transformer = nn.Transformer(width, heads, depth, depth, feed, 0.0, batch_first=True)
        self.frequencies = frequencies
        self.time = nn.Linear(width, width)
        self.flow = nn.ModuleList([Linear(2 * width + 1, velocity)] + [Linear(velocity, velocity) for _ in range(HIDDEN)] + [Linear(velocity, 1)])
        self.norms = nn.ModuleList([nn.LayerNorm(velocity) for _ in range(HIDDEN)])

    def embeddings(self, source, target):
        mask = nn.Transformer.generate_square_subsequent_mask(target.shape[1]).to(target.dtype)
        return self.transformer(source, target, tgt_mask=mask)

    def velocity(self, x, t, embedding):
        angles = t * self.frequencies * 2 * np.pi
        h = F.silu(self.flow[0](torch.cat([x, self.time(torch.cat([angles.sin(), angles.cos()], -1)), embedding], -1)))
        for layer, norm in zip(self.flow[1:-1], self.norms):
            h = F.silu(norm(layer(h)))
        return self.flow[-1](h)


class Block(nn.Module):
    def __init__(self, width, heads, feed):
        super().__init__()
        self.heads = heads
        self.modulate = nn.Linear(width, 6 * width)
        self.qkv, self.proj = Linear(width, 3 * width), Linear(width, width)
        self.fc1, self.fc2 = Linear(width, feed), Linear(feed, width)

    def forward(self, x, given):
        shift1, scale1, gate1, shift2, scale2, gate2 = self.modulate(given)[:, None].chunk(6, -1)
        y = F.layer_norm(x, x.shape[-1:], eps=1e-6) * (1 + scale1) + shift1
        q, k, v = (a.unflatten(-1, (self.heads, -1)).transpose(1, 2) for a in self.qkv(y).chunk(3, -1))
        x = x + gate1 * self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))
        y = F.layer_norm(x, x.shape[-1:], eps=1e-6) * (1 + scale2) + shift2
        return x + gate2 * self.fc2(F.gelu(self.fc1(y), approximate="tanh"))


class Shape(nn.Module):
    def __init__(self, grid, patch, conditions, width, heads, depth, feed):
        super().__init__()
        self.grid, self.patch = grid, patch
        self.patches = [g // p for g, p in zip(grid, patch)]
        size = int(np.prod(patch))
        self.embed, self.positions = Linear(size, width), nn.Parameter(torch.randn(width // 2))
        self.time = nn.ModuleList([Linear(2 * WAVES, width), Linear(width, width)])
        self.condition = nn.ModuleList([Linear(conditions, width), Linear(width, width)])
        self.blocks = nn.ModuleList([Block(width, heads, feed) for _ in range(depth)])
        self.modulate, self.final = nn.Linear(width, 2 * width), Linear(width, size)

    def position(self):
        z, y, x = torch.meshgrid(*(torch.arange(n) / n for n in self.patches), indexing="ij")
        wz, wy, wx = (self.positions * 2 * np.pi).chunk(3)
        waves = [a.flatten()[:, None] * w for a, w in ((x, wx), (y, wy), (z, wz))]
        return torch.cat([f(a) for a in waves for f in (torch.sin, torch.cos)], 1)

    def velocity(self, x, t, c):
        l, a, r = self.patches
        p, q, s = self.patch
        x = x.reshape(-1, l, p, a, q, r, s).permute(0, 1, 3, 5, 2, 4, 6).reshape(len(x), l * a * r, p * q * s)
        x = self.embed(x) + self.position()
        angles = t * torch.exp(-np.log(1e4) * torch.arange(WAVES) / WAVES)
        time = self.time[1](F.silu(self.time[0](torch.cat([angles.cos(), angles.sin()], -1))))
        given = F.silu(time + self.condition[1](F.silu(self.condition[0](c))))
        for block in self.blocks:
            x = block(x, given)
        shift, scale = self.modulate(given)[:, None].chunk(2, -1)
        x = self.final(F.layer_norm(x, x.shape[-1:], eps=1e-6) * (1 + scale) + shift)
        return x.reshape(-1, l, a, r, p, q, s).permute(0, 1, 4, 2, 5, 3, 6).flatten(1)


def check(fixtures):
    """Float networks of the fixtures: the same weights give the same numbers."""
    load = lambda file: torch.tensor(np.load(fixtures / file))
    energy = Energy(32, 4, 2, 64, 64, load("energy_float/time_frequencies.npy"))
    graph = onnx.load(fixtures / "energy_float/embedding.script.onnx").graph
    arrays = {i.name: torch.tensor(numpy_helper.to_array(i)) for i in graph.initializer}
    for node in graph.node:
        if node.op_type == "Identity" and node.input[0] in arrays:  # equal constants are stored once
            arrays[node.output[0]] = arrays[node.input[0]]
    folded = iter(arrays[n.input[1]].T for n in graph.node if n.op_type == "MatMul" and n.input[1] in arrays)
    state = {k.removeprefix("net."): v for k, v in arrays.items() if k.startswith("net.")}
    for name in energy.transformer.state_dict():
        if "transformer." + name not in state:
            state["transformer." + name] = next(folded)
    ours = {"first": "flow.0", "last": f"flow.{HIDDEN + 1}", "time": "time"}
    for i in onnx.load(fixtures / "energy_float/velocity.script.onnx").graph.initializer:
        head, _, tail = i.name.partition(".")
        name = f"{ours.get(head, head)}.{tail}"
        if head == "hidden":
            name = f"flow.{int(tail.split('.')[0]) + 1}.{tail.split('.')[1]}"
        if head != "freq":
            state[name] = torch.tensor(numpy_helper.to_array(i))
    energy.load_state_dict(state)
    shape = Shape([15, 8, 9], [3, 8, 1], 16, 36, 4, 2, 144)
    graph = onnx.load(fixtures / "shape_float/velocity.script.onnx").graph
    arrays = {i.name: torch.tensor(numpy_helper.to_array(i)) for i in graph.initializer}
    products = [arrays[n.input[1]] for n in graph.node if n.op_type == "MatMul" and n.input[1] in arrays]
    matrices = iter(products)
    waves = [arrays[n.input[0]] for n in graph.node if n.op_type == "Sin" and n.input[0] in arrays]
    state = {}
    for name in shape.state_dict():
        theirs = name.replace("embed.", "embed.").replace("time.0", "time1").replace("time.1", "time2").replace("condition.0", "cond1").replace("condition.1", "cond2")
        if name != "positions":
            state[name] = arrays[theirs] if theirs in arrays else None
    for name in ["embed.weight", *(f"blocks.{b}.{w}.weight" for b in range(2) for w in ("qkv", "proj", "fc1", "fc2")), "final.weight"]:
        if state[name] is None:
            state[name] = next(matrices).T
    places = [((4, 0), 45 - 9), ((0, 0), 0), ((0, 8), 1)]  # a patch one place from the origin along layers, sectors, rings
    wx = waves[0][1] * 9
    wz = waves[2][9] * 5
    state["positions"] = torch.cat([wz, torch.zeros(6), wx]) / (2 * np.pi)
    shape.load_state_dict(state)
    for what, found, expected in (
        ("embeddings", energy.embeddings(load("energy_float/source.npy"), load("energy_float/target.npy")), load("energy_float/embeddings.npy")),
        ("energies", energy.velocity(load("energy_float/velocity.x.npy"), load("energy_float/velocity.t.npy"), load("energy_float/velocity.embedding.npy")), load("energy_float/velocity.v.npy")),
        ("shape", shape.velocity(load("common/x.npy").flatten(1), load("common/t.npy"), load("conditioning/condition.npy")), load("shape_float/velocity.npy").flatten(1)),
    ):
        off = (found - expected).abs().max() / expected.abs().max()
        print(f"fixtures, {what}: {off:.1e} of the range")
        assert off < 1e-5


def parameters(energy, shape):
    """In the order of BitBeam's network; (parameter, which rows of it)."""
    order = []

    def linear(layer):
        order.extend([(layer.weight, slice(None)), (layer.bias, slice(None))])

    def attention(a):
        width = a.embed_dim
        for i in range(3):
            order.extend([(a.in_proj_weight, slice(i * width, (i + 1) * width)), (a.in_proj_bias, slice(i * width, (i + 1) * width))])
        linear(a.out_proj)

    t = energy.transformer
    for coder in (t.encoder, t.decoder):
        for layer in coder.layers:
            attention(layer.self_attn)
            linear(layer.norm1)
            if coder is t.decoder:
                attention(layer.multihead_attn)
                linear(layer.norm2)
            linear(layer.linear1)
            linear(layer.linear2)
            linear(layer.norm3 if coder is t.decoder else layer.norm2)
        linear(coder.norm)
    linear(energy.time)
    linear(energy.flow[0])
    for layer, norm in zip(energy.flow[1:-1], energy.norms):
        linear(layer)
        linear(norm)
    linear(energy.flow[-1])
    linear(shape.embed)
    order.append((shape.positions, slice(None)))
    for layer in (*shape.time, *shape.condition):
        linear(layer)
    for block in shape.blocks:
        for layer in (block.modulate, block.qkv, block.proj, block.fc1, block.fc2):
            linear(layer)
    linear(shape.modulate)
    linear(shape.final)
    return order


def flat(values):
    return np.concatenate([(v.T if v.ndim == 2 else v).detach().numpy().ravel() for v in values]).astype(np.float32)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    fixtures, output = Path(sys.argv[1]), Path(sys.argv[2])
    check(fixtures)
    output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    layers, width, grid, patch = 4, 8, [4, 2, 3], [2, 1, 3]
    energy = Energy(width, 2, 1, 12, 10, 30 * torch.randn(width // 2))
    shape = Shape(grid, patch, layers + 1, 12, 2, 2, 20)
    for p in (*energy.parameters(), *shape.parameters()):
        if p.ndim == 1 and p is not shape.positions:
            nn.init.normal_(p, 0.5 if p.mean() == 1 else 0, 0.3)
    size = layers + int(np.prod(grid))
    x = {"data": torch.randn(SHOWERS, size), "noise": torch.randn(SHOWERS, size), "times": torch.rand(SHOWERS, layers + 1)}
    incident = torch.rand(SHOWERS, 1)
    x["condition"] = torch.cat([incident, x["data"][:, :layers]], 1)
    x["source"] = torch.cat([incident, torch.ones(SHOWERS, 1), torch.zeros(SHOWERS, width - 2)], 1)[:, None]
    before = torch.cat([torch.zeros(SHOWERS, 1), x["data"][:, : layers - 1]], 1)
    places = torch.eye(layers + 1)[:layers].expand(SHOWERS, -1, -1)
    x["target"] = torch.cat([before[..., None], places, torch.zeros(SHOWERS, layers, width - layers - 2)], 2)
    order = parameters(energy, shape)
    np.save(output / "parameters.npy", flat([p[rows] for p, rows in order]))
    np.save(output / "frequencies.npy", energy.frequencies.numpy())
    for name, value in x.items():
        np.save(output / f"{name}.npy", value.numpy())
    for name in ("float", "bit-noemb", "bit-aggressive"):
        for layer in energy.flow[1:-1]:
            layer.bit = name != "float"
        for part, layer in shape.named_modules():
            part = part.replace("embed", "patch")
            if isinstance(layer, Linear):
                layer.bit = name != "float" and (part.split(".")[-1] in SHAPE_BIT or (name.endswith("aggressive") and part in EMBEDDINGS))
        way = x["data"] - x["noise"]
        t = torch.cat([x["times"][:, :layers], x["times"][:, layers:].expand(-1, size - layers)], 1)
        state = x["noise"] + t * way
        embeddings = energy.embeddings(x["source"], x["target"])
        of_energies = energy.velocity(state[:, :layers].reshape(-1, 1), t[:, :layers].reshape(-1, 1), embeddings.reshape(-1, width))
        of_shape = shape.velocity(state[:, layers:], x["times"][:, layers:], x["condition"])
        errors = torch.stack([((of_energies.reshape(SHOWERS, -1) - way[:, :layers]) ** 2).mean(1), ((of_shape - way[:, layers:]) ** 2).mean(1)], 1)
        loss = errors.sum(1).mean()
        energy.zero_grad()
        shape.zero_grad()
        loss.backward()
        np.save(output / f"{name}.errors.npy", errors.detach().numpy())
        np.save(output / f"{name}.step.npy", np.concatenate([[loss.item()], flat([p.grad[rows] for p, rows in order])]).astype(np.float32))
        for what, value in (("embeddings", embeddings), ("energies", of_energies), ("shape", of_shape)):
            np.save(output / f"{name}.{what}.npy", value.detach().numpy())
        print(f"{name}: loss {loss.item():.6f}, {sum(p[r].numel() for p, r in order)} parameters")


if __name__ == "__main__":
    main()
