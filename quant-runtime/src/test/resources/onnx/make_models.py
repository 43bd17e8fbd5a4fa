"""Makes the small ONNX models of the tests. Needs onnx. usage: make_models.py (writes beside itself)

identity.onnx: an input and an output of every element type.
external_*.onnx: one tensor with its data in another file, in each place where a tensor may be.
"""
import os

import numpy as np
import onnx
from onnx import TensorProto as T, helper as h, numpy_helper

HERE = os.path.dirname(os.path.abspath(__file__))


def save(name, model):
    with open(os.path.join(HERE, name + ".onnx"), "wb") as f:
        f.write(model.SerializeToString(deterministic=True))


def model(graph, **more):
    return h.make_model(graph, opset_imports=[h.make_opsetid("", 17), h.make_opsetid("local", 1)], ir_version=8, producer_name="tests", **more)


def external(name):
    tensor = numpy_helper.from_array(np.ones(2, np.float32), name)
    tensor.ClearField("raw_data")
    tensor.data_location = T.EXTERNAL
    for key, value in (("location", "weights.bin"), ("offset", "0"), ("length", "8")):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    return tensor


def info(name):
    return h.make_tensor_value_info(name, T.FLOAT, [2])


def graph(nodes, **more):
    return h.make_graph(nodes, "main", [info("x")], [info("y")], **more)


add = h.make_node("Add", ["x", "w"], ["y"])


def constant(output, **attributes):
    return h.make_node("Constant", [], [output], **attributes)


def with_if(inner):
    """The tensor is in a branch of an If, which lies in a branch of another."""
    branch = h.make_graph([inner, h.make_node("Identity", ["c"], ["b"])], "inner", [], [info("b")])
    condition = constant("t", value=numpy_helper.from_array(np.array(True)))
    nested = h.make_graph([condition, h.make_node("If", ["t"], ["n"], then_branch=branch, else_branch=branch)], "outer", [], [info("n")])
    outer = constant("s", value=numpy_helper.from_array(np.array(True)))
    return graph([outer, h.make_node("If", ["s"], ["y"], then_branch=nested, else_branch=nested)])


def sparse(values, indices):
    tensor = onnx.SparseTensorProto()
    tensor.values.CopyFrom(values)
    tensor.indices.CopyFrom(indices)
    tensor.dims.append(2)
    return tensor


def ints(name):
    return numpy_helper.from_array(np.zeros(2, np.int64), name)


types = {"f32": T.FLOAT, "f64": T.DOUBLE, "i64": T.INT64, "i32": T.INT32, "i8": T.INT8, "u8": T.UINT8, "b": T.BOOL}
save("identity", model(h.make_graph(
    [h.make_node("Identity", [k], [k + "_out"]) for k in types], "identity",
    [h.make_tensor_value_info(k, t, ["n", 3] if k == "f32" else ["n"]) for k, t in types.items()],
    [h.make_tensor_value_info(k + "_out", t, ["n", 3] if k == "f32" else ["n"]) for k, t in types.items()])))
inside = numpy_helper.from_array(np.ones(2, np.float32), "w")
save("inside", model(graph([add], initializer=[inside])))
save("external_initializer", model(graph([add], initializer=[external("w")])))
only_location = numpy_helper.from_array(np.ones(2, np.float32), "w")
only_location.data_location = T.EXTERNAL
save("external_location_only", model(graph([add], initializer=[only_location])))
save("external_sparse_values", model(graph([add], sparse_initializer=[sparse(external("w"), ints("i"))])))
index = external("i")
index.data_type = T.INT64
save("external_sparse_indices", model(graph([add], sparse_initializer=[sparse(inside, index)])))
save("external_attribute", model(graph([constant("w", value=external("v")), add])))
save("external_attribute_sparse", model(graph([constant("w", sparse_value=sparse(external("v"), ints("i"))), add])))
many = h.make_node("Custom", ["x"], ["y"], domain="local")
many.attribute.append(h.make_attribute("tensors", [external("v")]))
save("external_attribute_tensors", model(graph([many])))
many = h.make_node("Custom", ["x"], ["y"], domain="local")
many.attribute.append(h.make_attribute("sparse", [sparse(external("v"), ints("i"))]))
save("external_attribute_sparse_tensors", model(graph([many])))
many = h.make_node("Custom", ["x"], ["y"], domain="local")
many.attribute.append(h.make_attribute("graphs", [graph([add], initializer=[external("w")])]))
save("external_attribute_graphs", model(graph([many])))
save("external_subgraph", model(with_if(constant("c", value=external("v")))))
function = h.make_function("local", "Call", ["x"], ["y"], [constant("w", value=external("v")), add], [h.make_opsetid("", 17)])
save("external_function", model(graph([h.make_node("Call", ["x"], ["y"], domain="local")]), functions=[function]))
function = h.make_function("local", "Call", ["x"], ["y"], [h.make_node("Identity", ["x"], ["y"])], [h.make_opsetid("", 17)],
                           attribute_protos=[h.make_attribute("default", external("v"))])
save("external_function_default", model(graph([h.make_node("Call", ["x"], ["y"], domain="local")]), functions=[function]))
for part in ("initialization", "algorithm"):
    trained = model(graph([add], initializer=[inside]))
    getattr(trained.training_info.add(), part).CopyFrom(graph([add], initializer=[external("w")]))
    save("external_training_" + part, trained)
