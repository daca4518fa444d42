"""Writes what Pillow, torchvision and PyTorch make of the operations of an augmentation and of schedules.

    /usr/bin/python3 make_goldens.py        # Debian's Pillow 9.4, torchvision 0.14, PyTorch 1.13

Images are the PNG files of ../imaging/files; of each result expected.json gets the SHA-256 of the RGB bytes. Of the
windows of RandomResizedCrop it gets means and standard deviations over many draws.
"""
import hashlib
import json
import math
import os

import numpy as np
import torch
import torchvision
from PIL import Image, ImageEnhance, ImageOps
from torchvision.transforms import RandomResizedCrop
from torchvision.transforms import functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.path.join(HERE, "..", "imaging", "files")
DRAWS = 40000


def affine(image, matrix):
    return image.transform(image.size, Image.AFFINE, matrix, Image.BILINEAR, fillcolor=(128, 128, 128))


def rotated(image, degrees):
    sin, cos = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    x, y = image.width / 2, image.height / 2
    return affine(image, (cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y))


OPERATIONS = {
    "flip": lambda image, _: F.hflip(image),
    "brightness": F.adjust_brightness,
    "contrast": F.adjust_contrast,
    "saturation": F.adjust_saturation,
    "hue": F.adjust_hue,
    "sharpness": F.adjust_sharpness,
    "posterize": lambda image, bits: F.posterize(image, int(bits)),
    "solarize": F.solarize,
    "autocontrast": lambda image, _: ImageOps.autocontrast(image),
    "equalize": lambda image, _: ImageOps.equalize(image),
    "translateX": lambda image, by: affine(image, (1, 0, by, 0, 1, 0)),
    "translateY": lambda image, by: affine(image, (1, 0, 0, 0, 1, by)),
    "shearX": lambda image, by: affine(image, (1, by, -by * image.height / 2, 0, 1, 0)),
    "shearY": lambda image, by: affine(image, (1, 0, 0, by, 1, -by * image.width / 2)),
    "rotate": rotated,
}
FACTORS = {
    "brightness": [0, 0.6, 1, 1.37], "contrast": [0, 0.6, 1, 1.37], "saturation": [0, 0.6, 1, 1.37],
    "sharpness": [0, 0.73, 1, 1.27, 1.9], "hue": [-0.5, -0.1, -0.031, 0, 0.07, 0.5], "posterize": [1, 4, 7, 8],
    "solarize": [0, 100, 178.5, 255], "translateX": [-17.25, 5.5], "translateY": [-3, 8.125],
    "shearX": [-0.3, 0.09], "shearY": [-0.09, 0.25], "rotate": [-30, -9, 0.5, 30],
}


def operations():
    for file in ["png-rgb.png", "png-rgb-noise.png", "png-palette-8.png"]:
        image = Image.open(os.path.join(FILES, file)).convert("RGB")
        for name, operation in OPERATIONS.items():
            for factor in FACTORS.get(name, [0]):
                digest = hashlib.sha256(operation(image, factor).tobytes()).hexdigest()
                yield {"file": file, "operation": name, "factor": factor, "sha256": digest}


def crops():
    torch.manual_seed(1)
    for width, height in [(320, 240), (224, 224), (500, 100), (30, 90)]:
        image = Image.new("RGB", (width, height))
        windows = [RandomResizedCrop.get_params(image, [0.35, 1.0], [3 / 4, 4 / 3]) for _ in range(DRAWS)]
        top, left, h, w = np.array(windows, float).T
        numbers = {"left": left, "top": top, "width": w, "height": h, "share": w * h / (width * height)}
        yield {"image": [width, height], "draws": DRAWS,
               **{name: [values.mean(), values.std()] for name, values in numbers.items()}}


def schedules():
    weight = torch.nn.Parameter(torch.zeros(1))
    makers = {
        "cosine": lambda optimizer, total: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total),
        "one-cycle": lambda optimizer, total: torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=total),
    }
    for name, maker in makers.items():
        for total in [10, 37]:
            optimizer = torch.optim.SGD([weight], 0.1)
            scheduler = maker(optimizer, total)
            rates = []
            for _ in range(total):
                rates.append(optimizer.param_groups[0]["lr"])
                optimizer.step()
                if len(rates) < total:
                    scheduler.step()
            yield {"name": name, "rate": 0.1, "total": total, "rates": rates}


def lines(rows):
    return "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]"


with open(os.path.join(HERE, "expected.json"), "w") as out:
    versions = json.dumps({"pillow": Image.__version__, "torchvision": torchvision.__version__, "torch": torch.__version__})
    out.write('{"versions": %s,\n"operations": %s,\n"crops": %s,\n"schedules": %s}\n'
              % (versions, lines(operations()), lines(crops()), lines(schedules())))
