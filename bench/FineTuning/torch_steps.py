#!/usr/bin/python3
"""The same steps in PyTorch, and the networks both sides start from.

usage: torch_steps.py export FOLDER NETWORK           writes NETWORK.onnx: random weights, batch normalisations kept
       torch_steps.py run FOLDER NETWORK MODE BATCH LAYOUT COUNT
                                                      MODE frozen | moving (statistics); LAYOUT default | channels_last,
                                                      or on a GPU cuda | cuda_channels_last, or double, the judge of all,
                                                      or bent | double_bent, see bend
       torch_steps.py curve FOLDER NETWORK BATCH RATE LAYOUT COUNT
                                                      prints the losses on the batches of FOLDER/curve.f32: images, then labels
"run" reads NETWORK.onnx's weights (their names are PyTorch's), writes the gradients of the first step to
NETWORK-MODE-BATCH.LAYOUT and prints one line of JSON.
"""
import json
import os
import sys
import time
import warnings

import numpy as np
import onnx
import torch
import torchvision
from onnx import numpy_helper

RATE, MOMENTUM, CLASSES = 0.0005, 0.9, 1000
LINEAR = "_linear"


def network(name):
    model = getattr(torchvision.models, name.split("-")[0].removesuffix(LINEAR))(weights=None)
    if name.endswith(LINEAR):
        # What fine-tuning puts on a network: a linear head on the mean over positions.
        model.classifier = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(512, CLASSES))
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return model


def size_of(name):
    """Networks for other images than 224 x 224 are called after their size too: resnet18-64."""
    return int(name.split("-")[1]) if "-" in name else 224


def batch(count):
    """What Steps.cs makes: i * 2654435761 modulo 2^32 in [-1, 1), and one class an image."""
    size = count * 3 * 224 * 224
    with np.errstate(over="ignore"):
        values = (np.arange(size, dtype=np.uint32) * np.uint32(2654435761)).astype(np.float64) / 2.0**31 - 1
    return values.astype(np.float32).reshape(count, 3, 224, 224), np.arange(count) * 37 % CLASSES


def export(folder, name):
    torch.manual_seed(1)
    model = network(name).eval()
    # Tensors with the same numbers would be stored once, and trained as one.
    with torch.no_grad():
        for key, value in list(model.named_parameters()) + list(model.named_buffers()):
            if value.dim() == 1:
                value.add_(torch.empty_like(value).uniform_(-0.05, 0.05))
    os.makedirs(folder, exist_ok=True)
    torch.onnx.export(
        model, torch.randn(1, 3, size_of(name), size_of(name)), os.path.join(folder, name + ".onnx"), opset_version=15, input_names=["input"], output_names=["output"],
        dynamic_axes={"input": {0: "N"}, "output": {0: "N"}}, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)


def loaded(folder, name):
    model = network(name)
    weights = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in onnx.load(os.path.join(folder, name + ".onnx")).graph.initializer}
    model.load_state_dict(weights, strict=False)
    missing = [key for key, _ in model.named_parameters() if key not in weights]
    assert not missing, missing
    return model


def bend(model, file):
    """Has ReLUs pass and poolings take what they do in a file: the values that the ones made and the others were given, in the order of the network."""
    def values(x):
        return torch.from_numpy(np.fromfile(file, np.float32, x.numel()).reshape(x.shape))

    def relu(x):
        return x * (values(x) > 0)

    def relu6(x):
        y = values(x)
        return x * ((y > 0) & (y < 6)) + 6.0 * (y >= 6)

    def taking(pool):
        def forward(x):
            _, places = torch.nn.functional.max_pool2d(values(x), pool.kernel_size, pool.stride, pool.padding, pool.dilation, pool.ceil_mode, return_indices=True)
            return x.flatten(2).gather(2, places.flatten(2)).view(places.shape)
        return forward

    for module in model.modules():
        if isinstance(module, torch.nn.ReLU6):
            module.forward = relu6
        elif isinstance(module, torch.nn.ReLU):
            module.forward = relu
        elif isinstance(module, torch.nn.MaxPool2d):
            module.forward = taking(module)


def curve(folder, name, count, rate, layout, repeats):
    form = torch.channels_last if layout == "channels_last" else torch.contiguous_format
    model = loaded(folder, name).train().to(memory_format=form)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=MOMENTUM)
    size, losses = size_of(name), []
    with open(os.path.join(folder, "curve.f32"), "rb") as file:
        for _ in range(repeats):
            x = torch.from_numpy(np.fromfile(file, np.float32, count * 3 * size * size).reshape(count, 3, size, size)).to(memory_format=form)
            y = torch.from_numpy(np.fromfile(file, np.float32, count).astype(np.int64))
            optimizer.zero_grad(set_to_none=True)
            loss = torch.nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    print(json.dumps(losses))


def run(folder, name, mode, count, layout, repeats):
    model = loaded(folder, name)
    model.train(mode == "moving")
    x, y = batch(count)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    if layout.startswith("double"):
        model, x = model.double(), x.double()
    if layout.endswith("bent"):
        bend(model, open(os.path.join(folder, f"{name}-{mode}-{count}.bends"), "rb"))
    cuda = layout.startswith("cuda")
    if cuda:
        # Full float32, as ours; the batch comes from the host at each step, as ours does.
        torch.backends.cudnn.allow_tf32 = False
        model = model.cuda()
    if layout.endswith("channels_last"):
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM)
    losses, times, processor, first = [], [], [], None
    for step in range(repeats):
        start, busy = time.perf_counter(), time.process_time()
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(model(x.cuda() if cuda else x), y.cuda() if cuda else y)
        loss.backward()
        if step == 0:
            first = {key: value.grad.contiguous().cpu().numpy().copy() for key, value in model.named_parameters()}
        optimizer.step()
        if cuda:
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
        processor.append(time.process_time() - busy)
        losses.append(loss.item())
    with open(os.path.join(folder, f"{name}-{mode}-{count}.{layout}"), "wb") as file:
        for key in sorted(first):
            file.write(first[key].astype(np.float32).tobytes())
    peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(json.dumps({"seconds": min(times), "processor": min(processor), "losses": losses, "megabytes": peak / 1024, "version": f"PyTorch {torch.__version__}"}))


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    torch.set_num_threads(2)
    if sys.argv[1] == "export":
        export(sys.argv[2], sys.argv[3])
    elif sys.argv[1] == "curve":
        curve(sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]), sys.argv[6], int(sys.argv[7]))
    else:
        run(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]), sys.argv[6], int(sys.argv[7]))
