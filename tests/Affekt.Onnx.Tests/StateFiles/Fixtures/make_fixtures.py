"""Writes the small state files of this folder, and expected.json: what PyTorch, ONNX and NumPy read from them.

Run with Debian's python3-torch (1.13) and python3-onnx (1.12): python3 make_fixtures.py
"""
import collections
import io
import json
import os
import struct
import zipfile

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

os.chdir(os.path.dirname(os.path.abspath(__file__)))
torch.manual_seed(5)
expected = {}


def entry(dtype, shape, data):
    return {"dtype": dtype, "shape": list(shape), "hex": data.hex()}


def of_numpy(array):
    names = {"float32": "Float32", "float64": "Float64", "float16": "Float16", "int64": "Int64", "int32": "Int32",
             "int16": "Int16", "int8": "Int8", "uint8": "UInt8", "bool": "Bool"}
    return entry(names[str(array.dtype)], array.shape, np.ascontiguousarray(array).tobytes())


def of_torch(tensor):
    tensor = tensor.detach().contiguous()
    if tensor.dtype == torch.bfloat16:
        return entry("BFloat16", tensor.shape, tensor.view(torch.int16).numpy().tobytes())
    return of_numpy(tensor.numpy())


# PyTorch
base = torch.randn(4, 6)
tensors = collections.OrderedDict(
    weight=torch.nn.Parameter(torch.randn(3, 4)),
    transposed=base.t(),
    shared=base[1:3],
    column=base[:, 2],
    expanded=torch.arange(3).unsqueeze(1).expand(3, 4),
    half=torch.randn(5).half(),
    bfloat=torch.randn(2, 2).bfloat16(),
    double=torch.randn(2).double(),
    long=torch.tensor([1, -2, 2**40]),
    int=torch.tensor([-7], dtype=torch.int32),
    short=torch.tensor([300, -300], dtype=torch.int16),
    char=torch.tensor([-5, 5], dtype=torch.int8),
    byte=torch.tensor([0, 255], dtype=torch.uint8),
    bool=torch.tensor([True, False, True]),
    scalar=torch.tensor(2.5),
    empty=torch.zeros(0, 3),
)
torch.save(tensors, "state.pth")
torch.save({"epoch": 3, "best": 0.5, "state_dict": tensors, "optimizer": {"state": {0: {"step": 1}}, "groups": [1e-4]}},
           "wrapped.pth")
torch.save(torch.nn.Linear(2, 2).state_dict(), "linear.pt")
torch.save(tensors, "protocol4.pth", pickle_protocol=4)
torch.save(tensors, "legacy.pth", _use_new_zipfile_serialization=False)


class Call:
    def __reduce__(self):
        return print, ("this must never run",)


torch.save({"weight": torch.zeros(1), "call": Call()}, "call.pth")

# The same entries as linear.pt, with every size and place in zip64 fields, as PyTorch does beyond 4 GiB.
local, central = io.BytesIO(), io.BytesIO()
source = zipfile.ZipFile("linear.pt")
for info in source.infolist():
    data, name = source.read(info), info.filename.encode()
    head = (0, 0, 0, 0, info.CRC)
    place = local.tell()
    local.write(struct.pack("<4s5HI2I2H", b"PK\3\4", 45, *head[:4], info.CRC, len(data), len(data), len(name), 0) + name + data)
    central.write(struct.pack("<4s6HI2I5H2I", b"PK\1\2", 45, 45, 0, 0, 0, 0, info.CRC, 2**32 - 1, 2**32 - 1, len(name), 28,
                              0, 0, 0, 0, 2**32 - 1) + name + struct.pack("<2H3Q", 1, 24, len(data), len(data), place))
count, at, size = len(source.infolist()), local.tell(), central.tell()
with open("zip64.pth", "wb") as file:
    file.write(local.getvalue() + central.getvalue())
    file.write(struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, at))
    file.write(struct.pack("<4sIQI", b"PK\6\7", 0, at + size, 1))
    file.write(struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0))

for name in ("state.pth", "protocol4.pth", "linear.pt", "zip64.pth"):
    expected[name] = {key: of_torch(value) for key, value in torch.load(name).items()}
expected["wrapped.pth"] = {key: of_torch(value) for key, value in torch.load("wrapped.pth")["state_dict"].items()}

# ONNX
def raw(name, array):
    return numpy_helper.from_array(np.asarray(array), name)


def typed(name, kind, array):
    return helper.make_tensor(name, kind, np.shape(array), np.ravel(array).tolist())


def graph(name, nodes, initializers):
    return helper.make_graph(nodes, name, [], [helper.make_tensor_value_info(name + "_out", TensorProto.FLOAT, None)],
                             initializers)


def identity(tensor, name):
    return helper.make_node("Identity", [tensor], [name + "_out"], name="/" + name)


def random(*shape):
    return np.random.default_rng(len(shape) + shape[0]).standard_normal(shape).astype(np.float32)


inner_then = graph("inner_then", [identity("w", "inner_then")], [raw("w", random(2))])
inner_else = graph("inner_else", [helper.make_node("MatMul", ["h", "anonymous"], ["inner_else_out"], name="/deep/MatMul")], [])
then_graph = graph("then", [identity("w", "then")], [raw("w", random(3, 2))])
else_graph = graph("else", [helper.make_node("If", ["c"], ["else_out"], then_branch=inner_then, else_branch=inner_else)],
                   [raw("w", random(4)), typed("anonymous", TensorProto.FLOAT, random(2, 2))])
again = graph("again", [identity("w", "again")], [raw("w", random(1))])
constant = helper.make_tensor("ignored", TensorProto.INT64, [2], [-1, 2**33])
nodes = [
    helper.make_node("Constant", [], ["/Constant_output_0"], name="/Constant", value=constant),
    helper.make_node("Constant", [], ["number"], value_float=1.5),
    helper.make_node("MatMul", ["x", "onnx::MatMul_7"], ["y"], name="/layers.0/q_proj/MatMul"),
    helper.make_node("If", ["c"], ["z"], name="branch", then_branch=then_graph, else_branch=else_graph),
    helper.make_node("If", ["c"], ["z2"], then_branch=again, else_branch=again),
]
main = graph("main", nodes, [
    raw("onnx::MatMul_7", random(2, 3)),
    typed("float_data", TensorProto.FLOAT, random(3)),
    typed("double_data", TensorProto.DOUBLE, random(2).astype(float)),
    typed("int64_data", TensorProto.INT64, [[1, -1], [2**62, -(2**62)]]),
    typed("int32_data", TensorProto.INT32, [7, -7]),
    typed("int8_data", TensorProto.INT8, [7, -7]),
    typed("half_data", TensorProto.FLOAT16, np.float16([1.5, -0.25])),
    typed("bool_data", TensorProto.BOOL, [True, False]),
    raw("int64_raw", np.int64([5, -6])),
    raw("half_raw", np.float16([0.5])),
    raw("byte_raw", np.uint8([1, 255])),
    raw("scalar", np.float32(4)),
    raw("empty", np.zeros((0, 2), np.float32)),
])
model = helper.make_model(main, producer_name="make_fixtures", opset_imports=[helper.make_opsetid("", 14)])
helper.set_model_props(model, {"licence": "MIT", "author": "Ä"})
onnx.save(model, "small.onnx")


def walk(graph, prefix, found):
    for tensor in graph.initializer:
        found[prefix + tensor.name] = of_numpy(numpy_helper.to_array(tensor))
    with_graphs = 0
    for node in graph.node:
        graphs = [(a.name.replace("_branch", ""), a.g) for a in node.attribute if a.HasField("g")]
        for attribute in node.attribute:
            if node.op_type == "Constant" and attribute.name == "value":
                found[prefix + node.output[0]] = of_numpy(numpy_helper.to_array(attribute.t))
        with_graphs += bool(graphs)
        for name, inner in graphs:
            walk(inner, prefix + name + ("" if with_graphs == 1 else f"#{with_graphs}") + "/", found)
    return found


expected["small.onnx"] = walk(onnx.load("small.onnx").graph, "", {})

# TensorFlow.js: its stored numbers, and what its rule (level * scale + min, in double precision) makes of them.
rng = np.random.default_rng(3)
levels8, levels16 = rng.integers(0, 256, (3, 2), np.uint8), rng.integers(0, 65536, 4).astype(np.uint16)
half, plain = rng.standard_normal(3).astype(np.float16), rng.standard_normal((2, 3)).astype(np.float32)
filters = {"dtype": "uint8", "scale": 0.009007044399485869, "min": -1.2069439495311063}
bias = {"dtype": "uint16", "scale": 3.1e-05, "min": -0.7}
counts = {"dtype": "uint8", "scale": 1.7, "min": -200.25}


def restore(levels, rule):
    return levels.astype(np.float64) * rule["scale"] + rule["min"]


def weight(name, array, dtype="float32", quantization=None):
    fields = {"name": name, "shape": list(array.shape), "dtype": dtype}
    return fields | ({"quantization": quantization} if quantization else {})


weights = [weight("conv0/filters", levels8, quantization=filters), weight("conv0/bias", levels16, quantization=bias),
           weight("half", half, quantization={"dtype": "float16"}), weight("counts", levels8, "int32", counts),
           weight("plain", plain), weight("flags", np.array([True, False]), "bool")]
data = b"".join(array.tobytes() for array in (levels8, levels16, half, levels8, plain)) + b"\1\0"
cut = 31  # in the middle of a number of "plain"
values = {"conv0/filters": of_numpy(restore(levels8, filters).astype(np.float32)),
          "conv0/bias": of_numpy(restore(levels16, bias).astype(np.float32)),
          "half": of_numpy(half.astype(np.float32)),
          "counts": of_numpy(np.floor(restore(levels8, counts) + 0.5).astype(np.int32)),
          "plain": of_numpy(plain), "flags": of_numpy(np.array([True, False]))}
for name, part in (("tfjs.bin", data), ("tfjs-1of2.bin", data[:cut]), ("tfjs-2of2.bin", data[cut:])):
    with open(name, "wb") as file:
        file.write(part)
with open("tfjs-weights_manifest.json", "w") as file:
    json.dump([{"paths": ["tfjs.bin"], "weights": weights}], file, indent=1)
with open("model.json", "w") as file:
    json.dump({"format": "layers-model", "modelTopology": {}, "weightsManifest": [
        {"paths": ["tfjs-1of2.bin", "tfjs-2of2.bin"], "weights": weights}]}, file, indent=1)
expected["tfjs-weights_manifest.json"] = expected["model.json"] = values

with open("expected.json", "w") as file:
    file.write(json.dumps(expected, indent=1).replace("\n    ", " ").replace("\n   ]", "]").replace("[ ", "[") + "\n")
