"""Writes the encoders of FOLDER as ONNX graphs, in single precision and with the matrix products in int8.

usage: export_onnx.py FOLDER
Beside each FOLDER/ENCODER/model.safetensors: model.onnx, which torch.onnx.export writes, and model.int8.onnx, in which
every product with a weight is what ONNX Runtime's own dynamic quantizer makes of it with weights per channel:
DynamicQuantizeLinear, MatMulInteger, Cast and two Mul, which the runtime fuses when it loads them.
Needs python3-torch, python3-torchaudio and python3-onnx.
"""
import os
import sys

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

from networks import LOADERS

OPSET = 17
LARGEST = 127
EXAMPLES = {
    "bert-base": (
        (torch.ones(2, 9, dtype=torch.int64), torch.ones(2, 9, dtype=torch.int64)), ["ids", "mask"],
        {"ids": {0: "batch", 1: "tokens"}, "mask": {0: "batch", 1: "tokens"}}),
    "wav2vec2-base": ((torch.randn(2, 8000),), ["sounds"], {"sounds": {0: "batch", 1: "samples"}}),
}

EXAMPLES |= {"roberta-base": EXAMPLES["bert-base"], "hubert-base": EXAMPLES["wav2vec2-base"]}


def quantized(model):
    """The same graph with int8 weights in its matrix products."""
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    used, nodes, added = set(), [], []
    scales_of = {}
    for node in model.graph.node:
        if node.op_type != "MatMul" or node.input[1] not in weights:
            nodes.append(node)
            continue
        given, weight = node.input
        values = numpy_helper.to_array(weights[weight])
        scale = np.maximum(np.abs(values).max(0), 1e-12) / LARGEST
        used.add(weight)
        added += [
            numpy_helper.from_array(np.clip(np.rint(values / scale), -LARGEST, LARGEST).astype(np.int8), f"{weight}_quantized"),
            numpy_helper.from_array(scale.astype(np.float32), f"{weight}_scale"),
            numpy_helper.from_array(np.zeros(len(scale), np.int8), f"{weight}_zero_point"),
        ]
        if given not in scales_of:
            scales_of[given] = [f"{given}_quantized", f"{given}_scale", f"{given}_zero_point"]
            nodes.append(helper.make_node("DynamicQuantizeLinear", [given], scales_of[given]))
        rows, row_scale, zero_point = scales_of[given]
        name = f"{node.output[0]}_{weight}"
        nodes += [
            helper.make_node(
                "MatMulInteger", [rows, f"{weight}_quantized", zero_point, f"{weight}_zero_point"], [f"{name}_integer"]),
            helper.make_node("Cast", [f"{name}_integer"], [f"{name}_cast"], to=onnx.TensorProto.FLOAT),
            helper.make_node("Mul", [row_scale, f"{weight}_scale"], [f"{name}_scales"]),
            helper.make_node("Mul", [f"{name}_cast", f"{name}_scales"], list(node.output)),
        ]
    kept = [tensor for tensor in model.graph.initializer if tensor.name not in used] + added
    graph = helper.make_graph(nodes, model.graph.name, model.graph.input, model.graph.output, kept)
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def write(path, save):
    """A file that is there is whole."""
    temporary = f"{path}.{os.getpid()}.tmp"
    save(temporary)
    os.replace(temporary, path)


torch.set_grad_enabled(False)
for encoder, (example, names, axes) in EXAMPLES.items():
    folder = os.path.join(sys.argv[1], encoder)
    plain, small = os.path.join(folder, "model.onnx"), os.path.join(folder, "model.int8.onnx")
    if os.path.exists(plain) and os.path.exists(small):
        continue
    network = LOADERS[encoder](folder)
    axes = dict(axes, states={0: "batch", 1: "frames"})
    write(plain, lambda path: torch.onnx.export(
        network, example, path, input_names=names, output_names=["states"], dynamic_axes=axes, opset_version=OPSET))
    model = onnx.load(plain)
    write(small, lambda path: onnx.save(quantized(model), path))
