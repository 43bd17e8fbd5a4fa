#!/usr/bin/env python3
"""PyTorch beside BitBeam: runs networks that `bitbeam bench study` wrote down, in eager mode with one thread. The study starts this.

Reads one JSON request a line, answers with one line each:
    {"load": [FILE.json, ...]}                networks of an event: nodes, and constants in FILE.bin; answers what is not covered
    {"inputs": FILE, "arrays": [[...], ...]}  float32 arrays for each network; "outputs": FILE to write what they give (float32)
    {"seconds": S}                            passes of all of them until the time is over, at least one; answers passes, cpuSeconds

Constants are folded once, so a ternary layer is a product with its folded weights. What a user writes as one call is one: products with
biases, GELU, SiLU, normalisation by running means. Needs torch alone. Exit code 3: it is not there.
"""
import ctypes
import json
import math
import sys
import time

try:
    import torch
    from torch.nn import functional as F
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

TYPES = {"FLOAT": torch.float32, "DOUBLE": torch.float64, "INT64": torch.int64, "INT32": torch.int32, "INT8": torch.int8,
         "UINT8": torch.uint8, "BOOL": torch.bool}
CAST = {1: torch.float32, 6: torch.int32, 7: torch.int64, 9: torch.bool, 11: torch.float64}
SHORT = 0.005  # seconds: a pass so short finds its data in a cache that others have used meanwhile, and runs once before


def ints(x):
    return [int(v) for v in x] if isinstance(x, list) else x.reshape(-1).tolist()


def reduced(reduce):
    def run(node, x, axes=None):
        over = node["attributes"].get("axes") if axes is None else ints(axes)
        keep = bool(node["attributes"].get("keepdims", 1))
        if over is None:
            over = list(range(x.dim()))
        return reduce(x, tuple(over), keep)
    return run


def reshape(node, x, shape):
    return x.reshape([x.shape[i] if n == 0 else n for i, n in enumerate(ints(shape))])


def sliced(node, x, starts, ends, axes=None, steps=None):
    axes = range(len(ints(starts))) if axes is None else ints(axes)
    steps = [1] * len(ints(starts)) if steps is None else ints(steps)
    index = [slice(None)] * x.dim()
    for start, end, axis, step in zip(ints(starts), ints(ends), axes, steps):
        if step < 1:
            raise NotImplementedError("Slice with a step of %d" % step)
        index[axis] = slice(start, min(end, x.shape[axis]), step)
    return x[tuple(index)]


def split(node, x, sizes=None):
    axis = node["attributes"].get("axis", 0)
    parts = len(node["outputs"])
    return x.split(-(-x.shape[axis] // parts) if sizes is None else ints(sizes), axis)


def unsqueeze(node, x, axes):
    for axis in sorted(ints(axes)):
        x = x.unsqueeze(axis)
    return x


def squeeze(node, x, axes=None):
    return x.squeeze() if axes is None else x.squeeze(tuple(ints(axes)))


def gather(node, x, index):
    axis = node["attributes"].get("axis", 0)
    return x.select(axis, int(index)) if index.dim() == 0 else x.index_select(axis, index.reshape(-1)).unflatten(axis, index.shape)


def gemm(node, a, b, c=None):
    at = node["attributes"]
    a = a.t() if at.get("transA", 0) else a
    b = b.t() if at.get("transB", 0) else b
    y = (a @ b) * at.get("alpha", 1.0)
    return y if c is None else y + c * at.get("beta", 1.0)


def conv(node, x, w, b=None):
    at = node["attributes"]
    d = w.dim() - 2
    pads = at.get("pads", [0] * 2 * d)
    if pads[:d] != pads[d:] or at.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        raise NotImplementedError("Conv with unequal padding")
    run = (F.conv1d, F.conv2d)[d - 1]
    return run(x, w, b, at.get("strides", 1), pads[:d], at.get("dilations", 1), at.get("group", 1))


def layer_norm(node, x, w, b=None):
    if node["attributes"].get("axis", -1) not in (-1, x.dim() - 1):
        raise NotImplementedError("LayerNormalization of several axes")
    return F.layer_norm(x, w.shape, w, b, node["attributes"].get("epsilon", 1e-5))


def batch_norm(node, x, w, b, mean, variance):
    return F.batch_norm(x, mean, variance, w, b, False, 0.0, node["attributes"].get("epsilon", 1e-5))


def resize(node, x, roi=None, scales=None, sizes=None):
    at = node["attributes"]
    if x.dim() != 4 or at.get("mode") != "linear" or at.get("coordinate_transformation_mode", "half_pixel") != "half_pixel":
        raise NotImplementedError("Resize that is not bilinear with half pixels")
    size = [round(n * s) for n, s in zip(x.shape, scales.tolist())] if sizes is None else ints(sizes)
    return F.interpolate(x, size[2:], mode="bilinear", align_corners=False)


def clip(node, x, low=None, high=None):
    return x.clamp(None if low is None else low.item(), None if high is None else high.item())


def shape(node, x):
    at = node["attributes"]
    return torch.tensor(list(x.shape)[at.get("start", 0):at.get("end", x.dim())], dtype=torch.int64)


def plain(f):
    return lambda node, *x: f(*x)


OPERATORS = {
    "Abs": plain(torch.abs), "Add": plain(torch.add), "And": plain(torch.logical_and), "BatchNormalization": batch_norm,
    "Cast": lambda node, x: x.to(CAST[node["attributes"]["to"]]), "Clip": clip,
    "Concat": lambda node, *x: torch.cat(x, node["attributes"]["axis"]), "Constant": lambda node: node["attributes"]["value"], "Conv": conv,
    "Cos": plain(torch.cos), "Div": lambda node, a, b: torch.div(a, b) if a.is_floating_point() else torch.div(a, b, rounding_mode="trunc"),
    "Equal": plain(torch.eq), "Erf": plain(torch.erf), "Exp": plain(torch.exp),
    "Expand": lambda node, x, shape: x.expand(torch.broadcast_shapes(x.shape, ints(shape))), "Floor": plain(torch.floor), "Gather": gather,
    "Gelu": lambda node, x: F.gelu(x, approximate=node["attributes"].get("approximate", "none")), "Gemm": gemm, "Greater": plain(torch.gt),
    "Identity": lambda node, x: x, "LayerNormalization": layer_norm,
    "LeakyRelu": lambda node, x: F.leaky_relu(x, node["attributes"].get("alpha", 0.01)), "LessOrEqual": plain(torch.le),
    "Log": plain(torch.log), "MatMul": plain(torch.matmul), "Min": plain(torch.minimum), "Mul": plain(torch.mul), "Neg": plain(torch.neg),
    "Not": plain(torch.logical_not), "Pow": plain(torch.pow), "Reciprocal": plain(torch.reciprocal), "ReduceMax": reduced(torch.amax),
    "ReduceMean": reduced(torch.mean), "ReduceSum": reduced(torch.sum), "Relu": plain(torch.relu), "Reshape": reshape, "Resize": resize,
    "Round": plain(torch.round), "Shape": shape, "Sigmoid": plain(torch.sigmoid), "Sign": plain(torch.sign), "Sin": plain(torch.sin),
    "Slice": sliced, "Softmax": lambda node, x: torch.softmax(x, node["attributes"].get("axis", -1)), "Split": split,
    "Sqrt": plain(torch.sqrt), "Squeeze": squeeze, "Sub": plain(torch.sub), "Tanh": plain(torch.tanh),
    "Transpose": lambda node, x: x.permute(node["attributes"]["perm"]), "Unsqueeze": unsqueeze, "Where": plain(torch.where),
}


class Network:
    def __init__(self, file):
        with open(file) as f:
            graph = json.load(f)
        data = torch.from_file(file[:-5] + ".bin", shared=False, size=graph["bytes"], dtype=torch.uint8) if graph["bytes"] else None

        def tensor(t):
            count = math.prod(t["shape"])
            size = count * torch.empty(0, dtype=TYPES[t["type"]]).element_size()
            part = data[t["offset"]:t["offset"] + size].clone() if count else torch.empty(0, dtype=torch.uint8)
            return part.view(TYPES[t["type"]]).reshape(t["shape"])

        self.inputs, self.outputs = graph["inputs"], graph["outputs"]
        self.constants = {t["name"]: tensor(t) for t in graph["constants"]}
        nodes = []
        for node in graph["nodes"]:
            missing = node["domain"] + node["operator"] if node["domain"] or node["operator"] not in OPERATORS else None
            if missing:
                raise NotImplementedError("operator " + missing)
            for key, value in node["attributes"].items():
                if isinstance(value, dict):
                    node["attributes"][key] = tensor(value)
            if all(i == "" or i in self.constants for i in node["inputs"]):
                self.keep(node, OPERATORS[node["operator"]](node, *[self.constants.get(i) for i in node["inputs"]]))
            else:
                nodes.append(node)
        self.steps = self.planned(self.fused(nodes))

    def keep(self, node, values):
        for name, value in zip(node["outputs"], values if isinstance(values, (tuple, list)) else [values]):
            self.constants[name] = value

    def fused(self, nodes):
        """Chains that are one call for a user of PyTorch: (function, inputs, outputs) in order."""
        users, made = {}, {}
        for node in nodes:
            made[node["outputs"][0]] = node
            for name in node["inputs"]:
                users.setdefault(name, []).append(node)
        for name in self.outputs:
            users.setdefault(name, []).append(None)
        gone = set()

        def only(name, operator):
            """The node that makes a value nobody else uses, if it is of this operator."""
            node = made.get(name)
            return node if node and node["operator"] == operator and len(users[name]) == 1 and id(node) not in gone else None

        def parts(node, rank=None):
            """(value, constant) of a node with one of each."""
            a, b = node["inputs"]
            for value, constant in ((a, b), (b, a)):
                if constant in self.constants and (rank is None or self.constants[constant].dim() == rank):
                    return value, self.constants[constant]
            return None, None

        def number(node, expected):
            value, constant = parts(node)
            return value if constant is not None and constant.numel() == 1 and abs(constant.item() - expected) < 1e-6 else None

        def linear(node):
            if node["operator"] == "Gemm":
                at, w = node["attributes"], self.constants.get(node["inputs"][1])
                b = self.constants.get(node["inputs"][2]) if len(node["inputs"]) > 2 else None
                if w is None or at.get("transA", 0) or at.get("alpha", 1) != 1 or at.get("beta", 1) != 1 or (b is not None and b.dim() != 1):
                    return None
                return node["inputs"][0], (w if at.get("transB", 0) else w.t()).contiguous(), b
            if node["operator"] == "MatMul" and node["inputs"][1] in self.constants and self.constants[node["inputs"][1]].dim() == 2:
                return node["inputs"][0], self.constants[node["inputs"][1]].t().contiguous(), None
            return None

        calls = {}
        for node in nodes:
            key, operator = id(node), node["operator"]
            if operator == "Add":
                value, bias = parts(node, 1)
                product = only(value, "MatMul") if value else None
                layer = linear(product) if product else None
                if layer and layer[1].shape[0] == bias.shape[0]:
                    gone.add(id(product))
                    calls[key] = (lambda x, w=layer[1], b=bias: F.linear(x, w, b), [layer[0]])
                    continue
                scaled = only(value, "Mul") if value else None
                rest, factor = parts(scaled, 1) if scaled else (None, None)
                centred = only(rest, "Sub") if rest else None
                mean = self.constants.get(centred["inputs"][1]) if centred else None
                if mean is not None and mean.dim() == 1:
                    gone.update({id(scaled), id(centred)})
                    calls[key] = (lambda x, f=factor, b=bias - mean * factor: torch.addcmul(b, x, f), [centred["inputs"][0]])
                    continue
            if operator == "Mul":
                half = number(node, 0.5)
                product = only(half, "Mul") if half else None
                for x, other in ((0, 1), (1, 0)) if product else ():
                    shifted = only(product["inputs"][other], "Add")
                    error = only(number(shifted, 1) or "", "Erf") if shifted else None
                    divided = only(error["inputs"][0], "Div") if error else None
                    value, root = parts(divided) if divided else (None, None)
                    if root is not None and value == product["inputs"][x] and abs(root.item() - math.sqrt(2)) < 1e-6:
                        gone.update(map(id, (product, shifted, error, divided)))
                        calls[key] = (F.gelu, [divided["inputs"][0]])
                        break
                for x, other in ((0, 1), (1, 0)):
                    sigmoid = only(node["inputs"][other], "Sigmoid")
                    if key not in calls and sigmoid and sigmoid["inputs"][0] == node["inputs"][x]:
                        gone.add(id(sigmoid))
                        calls[key] = (F.silu, [node["inputs"][x]])
            layer = linear(node) if key not in calls else None
            if layer:
                calls[key] = (lambda x, w=layer[1], b=layer[2]: F.linear(x, w, b), [layer[0]])
            if key not in calls:
                calls[key] = ((lambda *x, n=node, f=OPERATORS[operator]: f(n, *x)), node["inputs"])
        return [calls[id(node)] + (node["outputs"],) for node in nodes if id(node) not in gone]

    def planned(self, calls):
        """Each call with the values that nobody needs behind it."""
        needed, steps = set(self.outputs), []
        for function, inputs, outputs in reversed(calls):
            drop = [n for n in dict.fromkeys(inputs + outputs) if n not in needed and n not in self.constants and n]
            needed.update(inputs)
            steps.append((function, inputs, outputs, drop))
        return steps[::-1]

    def run(self, arrays):
        values = {**self.constants, **arrays, "": None}
        for function, inputs, outputs, drop in self.steps:
            result = function(*[values[name] for name in inputs])
            if isinstance(result, (tuple, list)):
                values.update(zip(outputs, result))
            else:
                values[outputs[0]] = result
            for name in drop:
                values.pop(name, None)
        return [values[name] for name in self.outputs]


class Peer:
    def __init__(self):
        self.networks, self.arrays, self.short = [], [], False

    def one(self):
        return [network.run(arrays) for network, arrays in zip(self.networks, self.arrays)]

    def load(self, request):
        self.networks = []
        try:
            self.networks = [Network(file) for file in request["load"]]
        except (NotImplementedError, KeyError) as error:
            return {"uncovered": str(error)}
        return {}

    def inputs(self, request):
        self.arrays = []
        for network in request["arrays"]:
            flat, at = torch.from_file(request["inputs"], shared=False, size=request["numbers"]), {}
            for a in network:
                at[a["name"]] = flat[a["offset"]:a["offset"] + math.prod(a["shape"])].clone().reshape(a["shape"])
            self.arrays.append(at)
        try:
            outputs = self.one()
        except (NotImplementedError, RuntimeError) as error:
            return {"uncovered": str(error).splitlines()[0]}
        start = time.perf_counter()
        self.one()
        self.short = time.perf_counter() - start < SHORT
        if "outputs" in request:
            with open(request["outputs"], "wb") as f:
                for network in outputs:
                    for value in network:
                        kept = value.float().contiguous()
                        f.write(ctypes.string_at(kept.data_ptr(), 4 * kept.numel()))
        return {"short": self.short}

    def passes(self, request):
        if self.short:
            self.one()
        count, cpu, start = 0, time.process_time(), time.perf_counter()
        while True:
            self.one()
            count += 1
            if time.perf_counter() - start >= request["seconds"]:
                return {"passes": count, "cpuSeconds": time.process_time() - cpu}


def main():
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    peer = Peer()
    print(json.dumps({"version": torch.__version__}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        answer = peer.load(request) if "load" in request else peer.inputs(request) if "inputs" in request else peer.passes(request)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
