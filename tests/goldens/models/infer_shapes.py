#!/usr/bin/python3
"""Prints the shapes that onnx's own shape inference finds: one line per tensor, its name, a tab, its dimensions.

usage: infer_shapes.py MODEL.onnx
A dimension is a number, a symbol, or "?".
"""
import sys

import onnx

model = onnx.load(sys.argv[1], load_external_data=False)
graph = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
for value in list(graph.value_info) + list(graph.output):
    if value.type.tensor_type.HasField("shape"):
        dims = [d.dim_param or (str(d.dim_value) if d.HasField("dim_value") else "?") for d in value.type.tensor_type.shape.dim]
        print(value.name, ",".join(dims), sep="\t")
