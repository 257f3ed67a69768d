"""Adds the states after the first three layers to the outputs of Moonshine's encoder.

usage: add_taps.py encoder_model.onnx OUT.onnx     (needs onnx)
"""
import sys

import onnx

model = onnx.load(sys.argv[1])
for layer in range(3):
    name = f"/layers.{layer}/Add_1_output_0"
    model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
onnx.save(model, sys.argv[2])
