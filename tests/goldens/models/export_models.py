#!/usr/bin/python3
"""Exports torchvision's architectures with random weights to ONNX, as the tests of shapes, costs and taps need them.

usage: export_models.py FOLDER [NAME...]        (all of them where no name is given; what is there already is kept)

Made with Debian's python3-torch, python3-torchvision and python3-onnx. A name is an architecture, with a suffix where the
export differs: none is a symbolic batch at the usual size, "-batch1" a batch fixed to one image, "-anysize" a symbolic
batch, height and width. "vit_tiny" is torchvision's VisionTransformer with two narrow layers.

In models over 100 MB each weight over 1 MB is a hole in a sparse file beside the model (zeros that take no space): shapes
and costs do not depend on weights.
"""
import os
import sys
import tempfile
import warnings

import onnx
import torch
import torchvision

LARGE_MODEL = 100 * 2**20
LARGE_WEIGHT = 2**20

FAMILIES = [
    "alexnet", "vgg11", "vgg16", "squeezenet1_1", "resnet18", "resnet50", "densenet121", "googlenet", "inception_v3",
    "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_b0", "shufflenet_v2_x1_0", "convnext_tiny",
    "vit_b_16",
]
VARIANTS = [
    "mobilenet_v2-batch1", "shufflenet_v2_x1_0-batch1", "squeezenet1_1-batch1", "vit_tiny", "vit_tiny-batch1",
    "resnet18-anysize", "shufflenet_v2_x1_0-anysize",
]


def architecture(name):
    if name == "vit_tiny":
        return torchvision.models.vision_transformer.VisionTransformer(
            image_size=64, patch_size=16, num_layers=2, num_heads=2, hidden_dim=32, mlp_dim=64, num_classes=10)
    # The pretrained versions of these two turn ImageNet's normalisation into their own inside the graph.
    options = {"transform_input": True, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
    if options:
        options["aux_logits"] = True
    return getattr(torchvision.models, name)(weights=None, **options)


def export(name, path):
    base, _, variant = name.partition("-")
    torch.manual_seed(1)
    model = architecture(base).eval()
    # Running statistics of 0 and 1 would let BatchNormalization fold away with nothing to get wrong.
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    size = {"inception_v3": 299, "vit_tiny": 64}.get(base, 224)
    axes = {"": {0: "batch"}, "batch1": {}, "anysize": {0: "batch", 2: "height", 3: "width"}}[variant]
    torch.onnx.export(
        model, torch.randn(1, 3, size, size), path, opset_version=13, input_names=["input"], output_names=["output"],
        dynamic_axes={"input": axes, "output": {0: "batch"}} if axes else None)


def hollow(path, weights):
    """Moves the large weights of the model at `path` into holes of the sparse file `weights`."""
    model, end = onnx.load(path), 0
    for tensor in model.graph.initializer:
        size = len(tensor.raw_data)
        if size <= LARGE_WEIGHT:
            continue
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", os.path.basename(weights)), ("offset", end), ("length", size)):
            tensor.external_data.add(key=key, value=str(value))
        end += size
    with open(weights, "wb") as file:
        file.truncate(end)
    onnx.save(model, path)


def main(folder, names):
    warnings.filterwarnings("ignore")
    os.makedirs(folder, exist_ok=True)
    for name in names or FAMILIES + VARIANTS:
        path = os.path.join(folder, name + ".onnx")
        if os.path.exists(path):
            continue
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            made = os.path.join(scratch, "model.onnx")
            export(name, made)
            if os.path.getsize(made) > LARGE_MODEL:
                hollow(made, os.path.join(folder, name + ".weights"))
            os.replace(made, path)
        print(name, flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
