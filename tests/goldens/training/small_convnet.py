#!/usr/bin/env python3
"""Twenty steps of AdamW on a small ConvNet by PyTorch: losses, the first gradients, the last weights.

usage: small_convnet.py > small_convnet.json

Conv(3 to 4, 3x3, pad 1), ReLU, mean over the map, Linear(4 to 3), softmax cross-entropy. Weights, pixels and labels come from a
generator of a line, which SmallConvNet.cs repeats: x = 1664525 x + 1013904223 modulo 2^32, its upper 16 bits from -1 to 1.
"""
import json
import torch
import torch.nn.functional as F

BATCHES, N, CLASSES = 20, 8, 3
SHAPES = {"conv.weight": (4, 3, 3, 3), "conv.bias": (4,), "fc.weight": (CLASSES, 4), "fc.bias": (CLASSES,)}
state = 1


def upper():
    global state
    state = (1664525 * state + 1013904223) % 2 ** 32
    return state >> 16


def noise(shape):
    return torch.tensor([upper() / 32768 - 1 for _ in range(torch.Size(shape).numel())]).reshape(shape)


def main():
    weights = {name: noise(shape).requires_grad_() for name, shape in SHAPES.items()}
    optimizer = torch.optim.AdamW(weights.values(), lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)
    golden = {"losses": []}
    for step in range(BATCHES):
        x = noise((N, 3, 6, 6))
        y = torch.tensor([upper() % CLASSES for _ in range(N)])
        codes = F.relu(F.conv2d(x, weights["conv.weight"], weights["conv.bias"], padding=1)).mean((2, 3))
        loss = F.cross_entropy(codes @ weights["fc.weight"].T + weights["fc.bias"], y)
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            golden["gradients"] = {name: value.grad.flatten().tolist() for name, value in weights.items()}
        optimizer.step()
        golden["losses"].append(loss.item())
    golden["weights"] = {name: value.detach().flatten().tolist() for name, value in weights.items()}
    print(json.dumps(golden))


if __name__ == "__main__":
    main()
