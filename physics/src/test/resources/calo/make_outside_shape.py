"""Cuts a shape network of the fixtures in two, as exports do that leave patches, positions and adaLN to the program:

    python3 make_outside_shape.py FIXTURES/calodream/shape_noemb/velocity.script.onnx FOLDER

velocity.onnx takes x as patches (rows, tokens, numbers of a patch), positions (tokens, width) and the modulations of its blocks, and gives patches;
conditioning.onnx makes the modulations from t and c; positions.npy are the values that the whole network adds to its tokens.
"""
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx.utils import Extractor

source, folder = onnx.load(sys.argv[1]), Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
nodes = list(source.graph.node)
made = {name: node for node in nodes for name in node.output}
users = lambda name: [node for node in nodes if name in node.input]

embed = next(n for n in nodes if n.op_type == "MatMul" and made.get(n.input[0]) and made[n.input[0]].op_type == "Reshape")
patches = embed.input[0]
bias = users(embed.output[0])[0]
add = users(bias.output[0])[0]
positions = next(name for name in add.input if name != bias.output[0])
modulations = [n.output[0] for n in nodes if n.op_type == "Gemm" and n.input[1].endswith("modulate.weight")]
last = next(n for n in nodes if n.op_type == "Add" and "final.bias" in n.input).output[0]
renamed = {patches: "x", positions: "positions", last: "velocity"}
renamed.update({name: f"modulation{i}" for i, name in enumerate(modulations)})

inferred = onnx.shape_inference.infer_shapes(source)
extractor = Extractor(inferred)


def part(inputs, outputs):
    model = extractor.extract_model(inputs, outputs)
    for node in model.graph.node:
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                names[i] = renamed.get(name, name)
    for value in list(model.graph.input) + list(model.graph.output):
        value.name = renamed.get(value.name, value.name)
        shape = value.type.tensor_type.shape
        if value.name != "positions":
            shape.dim[0].dim_param = "batch"
    del model.graph.value_info[:]
    onnx.checker.check_model(model)
    return model


onnx.save(part([patches, positions] + modulations, [last]), folder / "velocity.onnx")
onnx.save(part(["t", "c"], modulations), folder / "conditioning.onnx")


def constant(name):
    """A value that depends on no input, in single precision as the network computes it."""
    for tensor in source.graph.initializer:
        if tensor.name == name:
            return onnx.numpy_helper.to_array(tensor)
    node = made[name]
    arguments = [constant(i) for i in node.input]
    if node.op_type == "Concat":
        return np.concatenate(arguments, axis=node.attribute[0].i)
    return {"Sin": np.sin, "Cos": np.cos}[node.op_type](*arguments)


np.save(folder / "positions.npy", constant(positions).astype("<f4"))
