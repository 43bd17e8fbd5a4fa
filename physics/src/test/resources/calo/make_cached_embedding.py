"""Makes embedding/: CaloDREAM's energy embedding of the fixtures as a network of one token a call.

usage: make_cached_embedding.py fixtures/models/calodream   (needs numpy, onnx, onnxruntime)

Same weights, written anew as a graph that takes the next token and the keys and values of those
before it (past_*), and returns them with its own (present_*). The source has one token, over which
attention is the identity. Checked here against PyTorch's embeddings of the whole sequence.
"""
import os
import shutil
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "embedding")
FOLDER = os.path.join(sys.argv[1], "energy_float")
D, HEADS = 32, 4
weights = {}
products = []
exported = onnx.load(os.path.join(FOLDER, "embedding.script.onnx"))
for t in exported.graph.initializer:
    weights[t.name] = numpy_helper.to_array(t)
for n in exported.graph.node:
    if n.op_type == "MatMul" and n.input[1] in weights:
        products.append(weights[n.input[1]])  # in the order of the forward pass

nodes, constants = [], []


def constant(value):
    name = "c%d" % len(constants)
    constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
    return name


def op(kind, *inputs, out=None, **attributes):
    out = out or "n%d" % len(nodes)
    nodes.append(helper.make_node(kind, inputs, [out], **attributes))
    return out


def linear(x, weight, bias):
    return op("Add", op("MatMul", x, constant(weight)), constant(bias))


def get(layer, name):
    # Biases equal to those of layer 0 were merged into them by the exporter.
    prefix = "net.transformer."
    found = weights.get(prefix + layer + name)
    return weights[prefix + layer.replace("1.", "0.") + name] if found is None else found


def norm(x, layer):
    return op("LayerNormalization", x, constant(get(layer, "weight")), constant(get(layer, "bias")),
              axis=-1, epsilon=1e-5)


def out_proj(x, layer):
    return linear(x, get(layer, "out_proj.weight").T, get(layer, "out_proj.bias"))


def feed_forward(x, layer):
    hidden = op("Relu", linear(x, products.pop(0), get(layer, "linear1.bias")))
    return linear(hidden, products.pop(0), get(layer, "linear2.bias"))


def over_one(x, weight, bias, layer):
    return out_proj(linear(x, weight[:, 2 * D:], bias[2 * D:]), layer)


def split(x):
    return op("Transpose", op("Reshape", x, constant(np.array([0, 1, HEADS, D // HEADS]))), perm=[0, 2, 1, 3])


memory = "source"
for i in range(2):
    layer = "encoder.layers.%d." % i
    attention = over_one(memory, products.pop(0), get(layer, "self_attn.in_proj_bias"), layer + "self_attn.")
    memory = norm(op("Add", memory, attention), layer + "norm1.")
    memory = norm(op("Add", memory, feed_forward(memory, layer)), layer + "norm2.")
memory = norm(memory, "encoder.norm.")
x = "token"
past, present = [], []
for i in range(2):
    layer = "decoder.layers.%d." % i
    in_proj, bias = products.pop(0), get(layer, "self_attn.in_proj_bias")
    q, k, v = (split(linear(x, in_proj[:, s:s + D], bias[s:s + D])) for s in (0, D, 2 * D))
    for name, new in (("k%d" % i, k), ("v%d" % i, v)):
        past.append("past_" + name)
        present.append(op("Concat", "past_" + name, new, out="present_" + name, axis=2))
    scores = op("MatMul", op("Mul", q, constant(np.float32((D // HEADS) ** -0.5))),
                op("Transpose", "present_k%d" % i, perm=[0, 1, 3, 2]))
    mixed = op("MatMul", op("Softmax", scores, axis=-1), "present_v%d" % i)
    mixed = op("Reshape", op("Transpose", mixed, perm=[0, 2, 1, 3]), constant(np.array([0, 1, D])))
    x = norm(op("Add", x, out_proj(mixed, layer + "self_attn.")), layer + "norm1.")
    cross = layer + "multihead_attn."
    x = norm(op("Add", x, over_one(memory, get(cross, "in_proj_weight").T, get(cross, "in_proj_bias"), cross)),
             layer + "norm2.")
    x = norm(op("Add", x, feed_forward(x, layer)), layer + "norm3.")
assert not products
op("Identity", norm(x, "decoder.norm."), out="embedding")


def value(name, *shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def cache(names, tokens):
    return [value(n, "batch", HEADS, tokens, D // HEADS) for n in names]


graph = helper.make_graph(
    nodes, "embedding",
    [value("source", "batch", 1, D), value("token", "batch", 1, D)] + cache(past, "past"),
    [value("embedding", "batch", 1, D)] + cache(present, "present"), constants)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
os.makedirs(HERE, exist_ok=True)
onnx.save(model, os.path.join(HERE, "cached.onnx"))
for name in ("source", "target", "embeddings"):
    shutil.copy(os.path.join(FOLDER, name + ".npy"), HERE)

session = onnxruntime.InferenceSession(model.SerializeToString())
source, target, expected = (np.load(os.path.join(HERE, n + ".npy")) for n in ("source", "target", "embeddings"))
kept = {n: np.zeros((len(source), HEADS, 0, D // HEADS), "f4") for n in past}
worst = 0
for i in range(target.shape[1]):
    out = session.run(None, {"source": source, "token": target[:, i:i + 1], **kept})
    worst = max(worst, abs(out[0][:, 0] - expected[:, i]).max())
    kept = dict(zip(past, out[1:]))
print("largest difference from PyTorch:", worst)
assert worst < 5e-6
