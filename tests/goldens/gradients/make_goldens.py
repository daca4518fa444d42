#!/usr/bin/python3
"""Writes the gradients that PyTorch computes for the cases of operators in cases.json, for losses, and for a
batch normalisation in training mode.

    /usr/bin/python3 make_goldens.py        # Debian's python3-torch 1.13

A case is one ONNX node: its operator, attributes and inputs in order, and what PyTorch calls the same ("torch"). An input
is a shape, with N a batch of 2; then its values follow from its place by the formula in `values`, in [-1, 1) or from "low" to
"high". Or it has its values: "floats" are differentiated by, "constant", "longs", "ints" and "bools" are not. null is left out.
The gradients are those of the sum of the output (each, where there are several) times weights by the same formula, computed
in float64; expected.json has them as float32, little-endian, in base64.
"""
import base64
import json
import os
import warnings

import numpy as np
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH = 2
WEIGHTS = 100


def values(count, seed, low=-1.0, high=1.0):
    """A linear congruential generator (Numerical Recipes), begun for each tensor by its seed; float32."""
    state, result = seed * 747796405 % 2**32, []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        result.append(low + (high - low) * (state / 2**32))
    return np.array(result, np.float64).astype(np.float32).astype(np.float64)


def tensor(shape, seed, **bounds):
    dims = [BATCH if dim == "N" else dim for dim in shape]
    return torch.tensor(values(int(np.prod(dims)), seed, **bounds).reshape(dims))


def inputs_of(case):
    found = {}
    for place, (name, given) in enumerate(case["inputs"].items()):
        if isinstance(given, list):
            found[name] = tensor(given, place + 1)
        elif given and "low" in given:
            found[name] = tensor(given["shape"], place + 1, low=given["low"], high=given["high"])
        elif given and "floats" in given:
            found[name] = torch.tensor(given["floats"], dtype=torch.float64).reshape(given["shape"])
    return {name: value.requires_grad_() for name, value in found.items()}


def packed(array):
    return base64.b64encode(np.asarray(array, "<f4").tobytes()).decode()


def gradients(case):
    inputs = inputs_of(case)
    outputs = eval(case["torch"], {"torch": torch, "F": F}, inputs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    loss = sum((y * tensor(list(y.shape), WEIGHTS + i)).sum() for i, y in enumerate(outputs))
    loss.backward()
    return {name: packed(value.grad) for name, value in inputs.items()}


def losses():
    """Loss and gradient by the logits, with targets that name one class, and for the binary ones shares."""
    logits = (tensor([4, 5], 1) * 3).requires_grad_()
    labels, weights = torch.tensor([0, 3, 3, 1]), tensor([5], 2, low=0.5, high=2)
    shares = tensor([4, 5], 3, low=0, high=1)
    sides = 2 * F.one_hot(labels, 5).double() - 1
    for name, loss in {
        "softmax": F.cross_entropy(logits, labels),
        "softmax, smoothed": F.cross_entropy(logits, labels, label_smoothing=0.1),
        "softmax, weighted": F.cross_entropy(logits, labels, weights),
        "softmax, weighted, smoothed": F.cross_entropy(logits, labels, weights, label_smoothing=0.1),
        "softmax, shares": F.cross_entropy(logits, shares / shares.sum(1, keepdim=True)),
        "sigmoid": F.binary_cross_entropy_with_logits(logits, shares),
        "squared hinge": ((1 - sides * logits).clamp(min=0) ** 2).sum(1).mean(),
    }.items():
        gradient, = torch.autograd.grad(loss, logits)
        yield name, {"loss": loss.item(), "logits": packed(gradient)}


def batch_norm():
    """Training mode, momentum 0.1: output, gradients, next statistics."""
    x, scale, bias = tensor([2, 3, 4, 5], 1), tensor([3], 2, low=0.5, high=1.5), tensor([3], 3)
    mean, variance = tensor([3], 4), tensor([3], 5, low=0.5, high=2)
    for value in (x, scale, bias):
        value.requires_grad_()
    y = F.batch_norm(x, mean, variance, scale, bias, True, 0.1, 1e-5)
    (y * tensor([2, 3, 4, 5], WEIGHTS)).sum().backward()
    return {"y": packed(y.detach()), "x": packed(x.grad), "scale": packed(scale.grad), "bias": packed(bias.grad),
            "mean": packed(mean), "variance": packed(variance)}


def main():
    warnings.filterwarnings("ignore")
    with open(os.path.join(HERE, "cases.json")) as file:
        cases = json.load(file)
    expected = {f"{case['op']}: {case['name']}": gradients(case) for case in cases}
    if len(expected) < len(cases):
        raise SystemExit("two cases have one name")
    for name, content in (("expected", expected), ("losses", dict(losses())), ("batch_norm", batch_norm())):
        with open(os.path.join(HERE, name + ".json"), "w") as file:
            json.dump(content, file, indent=0)
            file.write("\n")


if __name__ == "__main__":
    main()
