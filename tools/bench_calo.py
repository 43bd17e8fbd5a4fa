"""Whole CaloINN sampling, one thread: PyTorch eager, subnets in ONNX Runtime with PyTorch's splines, and `bitbeam simulate`.

usage: bench_calo.py make BUNDLE_DIR [--bit] [--cubic] [--blocks N]   a bundle of the published photon size with random weights
       bench_calo.py time BUNDLE_DIR [--batch N] [--passes N] the loops in Python, milliseconds of CPU time a shower
       bench_calo.py peak                                     the fastest float products PyTorch reaches on one thread
       bench_calo.py shipped [--showers N]                    bitbeam simulate beside both loops, models/calo-tiny

Needs numpy, torch, onnx, onnxruntime. The sampling follows FrEIA's inverse pass and the reference's post-processing: numbers
are the same as ours up to rounding (checked here before anything is timed).
"""
import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional as F

PHOTON = [(0, 8, 1), (1, 16, 10), (2, 19, 10), (3, 5, 1), (12, 5, 1)]  # layer, rings, sectors: CaloChallenge ds1 photon
BINS, BOUND, LEAST = 10, 18.0, 1e-3


class BitLinear(nn.Linear):
    """Ternary weights, 8-bit activations, straight-through as in the reference (specs: BitLinear158b)."""

    def forward(self, x):
        w = self.weight
        beta = w.abs().mean().clamp(min=1e-8)
        w = w + ((w / beta).round().clamp(-1, 1) * beta - w).detach()
        g = 127 / x.abs().amax(-1, keepdim=True).clamp(min=1e-8)
        x = x + ((x * g).round().clamp(-128, 127) / g - x).detach()
        return F.linear(x, w, self.bias)


class Subnet(nn.Module):
    def __init__(self, sizes, bit):
        super().__init__()
        linear = BitLinear if bit else nn.Linear
        self.layers = nn.ModuleList(linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.norms = nn.ModuleList(nn.BatchNorm1d(n) for n in sizes[1:-1])

    def forward(self, x):
        for layer, norm in zip(self.layers, self.norms):
            x = F.silu(norm(layer(x)))
        return self.layers[-1](x)

    @staticmethod
    def load(path):
        graph = onnx.load(path).graph
        tensors = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        count = sum(1 for n in tensors if n.startswith("layers.") and n.endswith(".weight"))
        weights = [tensors["layers.%d.weight" % i] for i in range(count)]
        sizes = [weights[0].shape[1]] + [w.shape[0] for w in weights]
        net = Subnet(sizes, any(n.op_type == "Round" for n in graph.node))
        state = {n: torch.tensor(v) for n, v in tensors.items() if n in net.state_dict()}
        missing = set(net.state_dict()) - set(state)
        assert all(n.endswith("num_batches_tracked") for n in missing), missing
        net.load_state_dict(state, strict=False)
        return net.eval()


def shares_of(theta):
    return LEAST + (1 - LEAST * BINS) * F.softmax(theta, -1)


def edges(theta):
    shares = shares_of(theta)
    cumulated = F.pad(torch.cumsum(shares, -1), (1, 0)) * 2 * BOUND - BOUND
    cumulated[..., 0], cumulated[..., -1] = -BOUND, BOUND
    return cumulated


def inverse_spline(y, theta):
    """Rational-quadratic, arXiv 1906.04032; a row with a number beyond the bound stays as it is."""
    inside = ((y >= -BOUND) & (y <= BOUND)).all(-1)
    theta = theta.reshape(*y.shape, -1)
    x, h = edges(theta[..., :BINS]), edges(theta[..., BINS : 2 * BINS])
    d = F.pad(LEAST + F.softplus(theta[..., 2 * BINS :]), (1, 1), value=1.0)
    k = (torch.searchsorted(h, y.clamp(-BOUND, BOUND)[..., None], right=True) - 1).clamp(0, BINS - 1)
    x0, x1, y0, y1 = (a.gather(-1, i)[..., 0] for a, i in ((x, k), (x, k + 1), (h, k), (h, k + 1)))
    d0, d1 = d.gather(-1, k)[..., 0], d.gather(-1, k + 1)[..., 0]
    s = (y1 - y0) / (x1 - x0)
    delta = y - y0
    total = d0 + d1 - 2 * s
    a = (y1 - y0) * (s - d0) + delta * total
    b = (y1 - y0) * d0 - delta * total
    c = -s * delta
    xi = 2 * c / (-b - (b * b - 4 * a * c).clamp(min=0).sqrt())
    return torch.where(inside[:, None], (xi * (x1 - x0) + x0).clamp(-BOUND, BOUND), y)


def inverse_cubic(y, theta):
    """Monotone cubic, arXiv 1906.02145: the root by its closed forms, as the reference finds it."""
    inside = ((y >= -BOUND) & (y <= BOUND)).all(-1)
    theta = theta.reshape(*y.shape, -1)
    w, h = shares_of(theta[..., :BINS]), shares_of(theta[..., BINS : 2 * BINS])
    x, top = F.pad(torch.cumsum(w, -1), (1, 0)), F.pad(torch.cumsum(h, -1), (1, 0))
    s = h / w
    mean = 0.5 * (w[..., 1:] * s[..., :-1] + w[..., :-1] * s[..., 1:]) / (w[..., 1:] + w[..., :-1])
    inner = 2 * torch.minimum(torch.minimum(s[..., 1:], s[..., :-1]), mean)
    ends = 1e-3 + torch.sigmoid(theta[..., 2 * BINS :]) * (3 * s[..., [0, -1]] - 2e-3)
    d = torch.cat([ends[..., :1], inner, ends[..., 1:]], -1)
    unit = (y.clamp(-BOUND, BOUND) + BOUND) / (2 * BOUND)
    k = (torch.searchsorted(top, unit[..., None], right=True) - 1).clamp(0, BINS - 1)
    w, s, x0, y0, d0, d1 = (a.gather(-1, i)[..., 0] for a, i in ((w, k), (s, k), (x, k), (top, k), (d, k), (d, k + 1)))
    a, b, delta = (d0 + d1 - 2 * s) / (w * w), (3 * s - 2 * d0 - d1) / w, unit - y0
    quadratic = 2 * delta / (d0 + (d0 * d0 + 4 * b * delta).clamp(min=0).sqrt())
    # t = u - shift: u^3 + 3 p u + 2 q = 0
    straight = a.abs() < 1e-3
    a1 = torch.where(straight, 1.0, a)
    shift = b / (3 * a1)
    p = d0 / (3 * a1) - shift * shift
    q = shift**3 - 0.5 * shift * d0 / a1 - 0.5 * delta / a1
    discriminant = q * q + p**3
    root = discriminant.clamp(min=0).sqrt()
    cbrt = lambda v: torch.sign(v) * v.abs() ** (1 / 3)
    single = cbrt(-q + root) + cbrt(-q - root) - shift
    angle = torch.atan2((-discriminant).clamp(min=0).sqrt(), -q) / 3
    radius = 2 * (-p).clamp(min=0).sqrt()
    three = torch.stack([radius * torch.cos(angle + turn) - shift for turn in (0, 2 * np.pi / 3, -2 * np.pi / 3)], -1)
    off = (torch.relu(-three) + torch.relu(three - w[..., None])).argmin(-1, keepdim=True)
    t = torch.where(straight, quadratic, torch.where(discriminant > 0, single, three.gather(-1, off)[..., 0]))
    t = torch.minimum(t.clamp(min=0), w)
    return torch.where(inside[:, None], (2 * BOUND * (t + x0) - BOUND).clamp(-BOUND, BOUND), y)


class Flow:
    def __init__(self, folder):
        stage = json.load(open(os.path.join(folder, "bundle.json")))["stage"]
        path = lambda name: os.path.join(folder, name)
        self.noise = stage["noise"]
        self.inverse = inverse_cubic if stage["spline"]["kind"] == "cubic" else inverse_spline
        self.sizes = [(len(l["radii"]) - 1) * l["sectors"] for l in json.load(open(path(stage["geometry"])))["layers"]]
        self.length = sum(self.sizes) + len(self.sizes)
        self.blocks = []
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        for block in stage["blocks"]:
            inverse = np.argsort(np.load(path(block["permutation"])).astype(np.int64).ravel())
            norm = None
            if "normLogScale" in block:
                norm = [torch.tensor(np.load(path(block[k])).ravel()) for k in ("normLogScale", "normShift")]
            file = path(block["subnet"] + ".onnx")
            session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
            self.blocks.append((torch.tensor(inverse), norm, Subnet.load(file), session))

    @torch.inference_mode()
    def sample(self, energies, z, ort=False, spent=None):
        condition = torch.log10(energies / 1e3)[:, None]
        half = (self.length + 1) // 2
        for inverse, norm, net, session in reversed(self.blocks):
            z = z[:, inverse]
            first, second = z[:, :half], z[:, half:]
            start = time.thread_time()
            given = torch.cat([first, condition], 1)
            if ort:
                name = session.get_inputs()[0].name
                theta = torch.from_numpy(session.run(None, {name: given.numpy()})[0])
            else:
                theta = net(given)
            middle = time.thread_time()
            second = self.inverse(second, theta)
            if spent is not None:
                spent["subnets"] += middle - start
                spent["splines"] += time.thread_time() - middle
            z = torch.cat([first, second], 1)
            if norm:
                z = (z - norm[1]) / torch.exp(norm[0])
        x = torch.exp(z) - 1e-8 - self.noise
        x = torch.where(x < self.noise, 0.0, x)
        voxels, u = x[:, : sum(self.sizes)].double(), x[:, sum(self.sizes) :].double()
        left = u[:, 0] * energies.double()
        result, at = [], 0
        for layer, size in enumerate(self.sizes):
            last = layer == len(self.sizes) - 1
            energy = left if last else left * u[:, layer + 1].clamp(0, 1)
            left = left - energy
            part = voxels[:, at : at + size]
            result.append(part / (part.sum(1, keepdim=True) + 1e-10) * energy[:, None])
            at += size
        return torch.cat(result, 1)


def make(folder, bit, cubic, blocks):
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    os.makedirs(folder)
    files = {}

    def add(name):
        files[name] = hashlib.sha256(open(os.path.join(folder, name), "rb").read()).hexdigest()
        return name

    sizes = [r * s for _, r, s in PHOTON]
    length = sum(sizes) + len(sizes)
    half = (length + 1) // 2
    layers = [{"id": i, "radii": list(range(0, 10 * (r + 1), 10)), "sectors": s} for i, r, s in PHOTON]
    json.dump({"name": "photon", "layers": layers}, open(os.path.join(folder, "geometry.json"), "w"))
    add("geometry.json")
    described = []
    for i in range(blocks):
        net = Subnet([half + 1, 256, 256, 256, (length - half) * (2 * BINS + 2 if cubic else 3 * BINS - 1)], bit).eval()
        for norm in net.norms:
            norm.running_mean.normal_(0, 0.1)
            norm.running_var.uniform_(0.5, 1.5)
            nn.init.uniform_(norm.weight, 0.5, 1.5)
            nn.init.normal_(norm.bias, 0, 0.1)
        role = "subnet-%02d" % i
        torch.onnx.export(
            net,
            torch.randn(4, half + 1),
            os.path.join(folder, role + ".onnx"),
            input_names=["x"],
            output_names=["theta"],
            dynamic_axes={"x": {0: "N"}, "theta": {0: "N"}},
            opset_version=17,
            dynamo=False,
            do_constant_folding=False,
            training=torch.onnx.TrainingMode.PRESERVE,
        )
        add(role + ".onnx")
        node = {"subnet": role, "permutation": "permutation-%02d.npy" % i}
        np.save(os.path.join(folder, node["permutation"]), rng.permutation(length).astype("<i4"))
        add(node["permutation"])
        if i > 0:
            for key, values in (("normLogScale", rng.normal(0, 0.1, length)), ("normShift", rng.normal(0, 0.1, length))):
                node[key] = "%s-%02d.npy" % (key, i)
                np.save(os.path.join(folder, node[key]), values.astype("<f4"))
                add(node[key])
        described.append(node)
    manifest = {
        "schemaVersion": 1,
        "name": os.path.basename(folder),
        "version": "1.0.0",
        "licence": "CC0-1.0",
        "description": "CaloINN of the published photon size, random weights",
        "stage": {
            "kind": "calo-flow",
            "geometry": "geometry.json",
            "noise": 5e-6,
            "spline": {"kind": "cubic" if cubic else "rational-quadratic", "bins": BINS, "bound": BOUND},
            "energies": {"minimumMeV": 256, "maximumMeV": 4194304},
            "blocks": described,
        },
        "models": {b["subnet"]: b["subnet"] + ".onnx" for b in described},
        "files": files,
    }
    json.dump(manifest, open(os.path.join(folder, "bundle.json"), "w"), indent=1)


def timed(folder, batch, passes):
    torch.set_num_threads(1)
    flow = Flow(folder)
    rng = np.random.default_rng(2)
    energies = torch.tensor(2.0 ** rng.uniform(8, 18, batch), dtype=torch.float32)
    z = torch.tensor(rng.normal(size=(batch, flow.length)), dtype=torch.float32)
    eager, ort = flow.sample(energies, z), flow.sample(energies, z, ort=True)
    off = ((eager - ort).abs().amax() / eager.abs().amax()).item()
    assert off < 2e-2, off
    result = {}
    for name, with_ort in (("PyTorch eager", False), ("ONNX Runtime subnets", True)):
        times, spent = [], {"subnets": 0.0, "splines": 0.0}
        for _ in range(passes):
            start = time.thread_time()
            flow.sample(energies, z, ort=with_ort, spent=spent)
            times.append(time.thread_time() - start)
        per = 1e3 / batch
        result[name] = sorted(times)[passes // 2] * per
        print(
            "%-22s %.3f ms of CPU a shower (median of %d passes of %d); subnets %.3f, splines %.3f"
            % (name, result[name], passes, batch, spent["subnets"] / passes * per, spent["splines"] / passes * per)
        )
    return result


def peak():
    """GFLOP/s of products of matrices, and how long the subnets of a shower would take at the best of them."""
    torch.set_num_threads(1)
    length = sum(r * s for _, r, s in PHOTON) + len(PHOTON)
    half = (length + 1) // 2
    sizes = [half + 1, 256, 256, 256, (length - half) * (3 * BINS - 1)]
    operations = 12 * sum(2 * a * b for a, b in zip(sizes, sizes[1:]))
    best = 0
    for m, k, n in [(1024, 1024, 1024), (100, 1024, 1024)] + [(100, a, b) for a, b in zip(sizes, sizes[1:])]:
        a, b = torch.randn(m, k), torch.randn(k, n)
        repeats = max(1, int(1e9 / (2 * m * k * n)))
        rates = []
        for _ in range(25):
            start = time.thread_time()
            for _ in range(repeats):
                torch.mm(a, b)
            rates.append(2e-9 * m * k * n * repeats / (time.thread_time() - start))
        rate = sorted(rates)[len(rates) // 2]
        best = max(best, rate)
        print("%4d x %4d x %4d: %.0f GFLOP/s (median; best %.0f)" % (m, k, n, rate, max(rates)))
    print("subnets of a photon shower, %.1f MFLOP, at the fastest: %.3f ms" % (operations / 1e6, operations / best / 1e6))


def simulate(name, backend, showers):
    """CPU seconds of bitbeam simulate, everything in it."""
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with tempfile.TemporaryDirectory() as folder:
        command = [os.path.join(home, "bitbeam"), "simulate", "--model", name, "--backend", backend, "--showers", str(showers)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ran = subprocess.run(command + ["--no-report", "--output", os.path.join(folder, "showers.root")], capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ran.returncode:
        sys.exit("bitbeam: " + ran.stderr.strip()[-500:])
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def shipped(showers):
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for name in ("calo-tiny", "calo-tiny-bit"):
        print("--", name)
        loops = timed(os.path.join(home, "models", name), 1000, max(3, showers // 1000))
        for backend in ("ort", "bit"):
            part, whole = simulate(name, backend, showers // 6), simulate(name, backend, showers)
            later = (whole - part) * 1e3 / (showers - showers // 6)
            print(
                "bitbeam %-14s %.4f ms of CPU a shower with start-up and file, %.4f after the first %d; the latter beside PyTorch %.2f x, beside the ONNX"
                " Runtime loop %.2f x"
                % (backend, whole * 1e3 / showers, later, showers // 6, loops["PyTorch eager"] / later, loops["ONNX Runtime subnets"] / later)
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    p = commands.add_parser("make")
    p.add_argument("folder")
    p.add_argument("--bit", action="store_true")
    p.add_argument("--cubic", action="store_true")
    p.add_argument("--blocks", type=int, default=12)
    p = commands.add_parser("time")
    p.add_argument("folder")
    p.add_argument("--batch", type=int, default=100)
    p.add_argument("--passes", type=int, default=20)
    commands.add_parser("peak")
    p = commands.add_parser("shipped")
    p.add_argument("--showers", type=int, default=10000)
    arguments = parser.parse_args()
    if arguments.command == "make":
        make(arguments.folder, arguments.bit, arguments.cubic, arguments.blocks)
    elif arguments.command == "peak":
        peak()
    elif arguments.command == "time":
        timed(arguments.folder, arguments.batch, arguments.passes)
    else:
        shipped(arguments.showers)


if __name__ == "__main__":
    sys.exit(main())
