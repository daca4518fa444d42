#!/usr/bin/env python3
"""What fine-tuning gains over a linear head, on real photos.

usage: finetune.py TOOL SHARED [seeds] [folds] [scratch]

TOOL is the built ./onnxtransfer, SHARED the folder with data/SET.tar and models. The parts, all by default:
  seeds    SqueezeNet on three sets, seeds 1 to 3: the linear head it begins with, the last stage, all
  folds    all hand signs in five folds: SqueezeNet fine-tuned beside the best linear head of `layers`, with McNemar's exact test
  scratch  the embedded ResNet-18 on cifar10small at 64 x 64, seeds 1 to 3: fine-tuned and from scratch at equal compute
Each writes bench/results/finetuning-PART.md. Needs no package.
"""
import csv
import datetime
import io
import json
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile

SEEDS = (1, 2, 3)
# Student's t for a 95 % interval of the mean of three.
T_OF_SEEDS = 4.303
SETS = {
    "signdigits10": ["--epochs", "7", "--backbone-factor", "1"],
    "textures10": ["--epochs", "8"],
    "flowers12": ["--epochs", "8"],
}
LAST_STAGE = "stage3"
FOLDS = 5
HAND_SIGNS = ["--rate", "0.002", "--clip", "20", "--backbone-factor", "1", "--epochs", "12", "--validation-share", "0"]
SCRATCH = {
    "pretrained": ["--epochs", "4"],
    "from scratch": ["--epochs", "4", "--from-scratch", "--batch-norm", "train", "--rate", "0.02"],
}


class Bench:
    def __init__(self, tool, shared, work):
        self.tool, self.shared, self.work = os.path.abspath(tool), shared, work
        self.squeezenet = ["--model", os.path.join(shared, "models", "squeezenet1_1-fp16.onnx")]

    def run(self, *words):
        result = subprocess.run([self.tool, *words], capture_output=True, text=True)
        if result.returncode:
            sys.exit(f"{' '.join(words)} exits {result.returncode}: {result.stderr.strip()[-400:]}")
        return result.stdout

    def photos(self, name):
        with tarfile.open(os.path.join(self.shared, "data", name + ".tar")) as tar:
            tar.extractall(self.work)
        return os.path.join(self.work, name)

    def tune(self, data, *words):
        model = os.path.join(self.work, "tuned.onnx")
        shutil.rmtree(model + ".training", ignore_errors=True)
        return model, json.loads(self.run("finetune", data, "-o", model, "--json", *words))

    def right(self, model, folder):
        """Whether each image below folder/CLASS is taken for its class, by its path."""
        said = csv.DictReader(io.StringIO(self.run("predict", model, folder, "-k", "1", "--csv")))
        return {row["image"]: row["label"] == os.path.basename(os.path.dirname(row["image"])) for row in said}


def seconds(tuned):
    return sum(stage["seconds"] for stage in tuned["stages"] if stage["stage"] == "train")


def over_seeds(shares):
    mean = 100 * statistics.mean(shares)
    wide = 100 * T_OF_SEEDS * statistics.stdev(shares) / math.sqrt(len(shares))
    return f"{', '.join(f'{100 * share:.1f}' for share in shares)}: **{mean:.1f}** ± {wide:.1f}"


def wilson(right, count):
    z, share = 1.959964, right / count
    middle, wide = share + z * z / (2 * count), z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return [100 * (middle + sign * wide) / (1 + z * z / count) for sign in (-1, 1)]


def mcnemar(b, c):
    return min(1.0, 2 * sum(math.comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)) if b + c else 1.0


def seeds(bench):
    yield "SqueezeNet 1.1, test accuracy in %, over seeds 1 to 3 with the 95 % interval of their mean (Student's t); " \
        "seconds of training of all, without decoding the first time, and the epochs that were kept."
    yield ""
    yield "| photos | linear head on top | last stage | all | last stage, s | all, s | kept |"
    yield "|---|---|---|---|---|---|---|"
    for name, words in SETS.items():
        photos, heads, tuned, times, kept = bench.photos(name), [], {}, {}, {}
        for part in (LAST_STAGE, "all"):
            for seed in SEEDS:
                _, found = bench.tune(photos, *bench.squeezenet, "--seed", str(seed), "--train-from", part, *words)
                tuned.setdefault(part, []).append(found["testAccuracy"])
                times.setdefault(part, []).append(seconds(found))
                kept.setdefault(part, []).append(found["bestEpoch"])
                if part == "all":
                    heads.append(found["headTestAccuracy"])
        yield f"| {name} ({' '.join(words)}) | {over_seeds(heads)} | {over_seeds(tuned[LAST_STAGE])} | {over_seeds(tuned['all'])} " \
            f"| {min(times[LAST_STAGE]):.0f} to {max(times[LAST_STAGE]):.0f} | {min(times['all']):.0f} to {max(times['all']):.0f} | {kept[LAST_STAGE]}, {kept['all']} |"


def folds(bench):
    yield f"All hand signs in {FOLDS} folds, each learned without and tested once. All of SqueezeNet fine-tuned by `{' '.join(HAND_SIGNS)}`, the fold's " \
        "number the seed, beside the linear head that `layers` finds best by cross-validation on the same images."
    yield ""
    yield "| fold | best linear head | right | fine-tuned, right | only the head, only the network | training, s |"
    yield "|---|---|---|---|---|---|"
    source, deal = bench.photos("signdigits10"), {}
    for label in sorted(os.listdir(os.path.join(source, "train"))):
        files = sorted(os.path.join(source, part, label, name) for part in ("train", "test") for name in os.listdir(os.path.join(source, part, label)))
        random.Random(label).shuffle(files)
        deal[label] = files
    total, of_head, of_network, only_head, only_network = 0, 0, 0, 0, 0
    for fold in range(FOLDS):
        data = os.path.join(bench.work, f"fold{fold}")
        for label, files in deal.items():
            for number, file in enumerate(files):
                place = os.path.join(data, "test" if number % FOLDS == fold else "train", label)
                os.makedirs(place, exist_ok=True)
                shutil.copy(file, place)
        # The layers are compared on the images to learn from alone: a test part would be tested once for each of them.
        best = json.loads(bench.run("layers", os.path.join(data, "train"), *bench.squeezenet, "--json"))["best"]
        head = os.path.join(bench.work, "head.onnx")
        bench.run("fit", data, *bench.squeezenet, "--tap", best["tap"], "--pooling", best["pooling"], "--head", best["head"], "-o", head)
        network, tuned = bench.tune(data, *bench.squeezenet, "--seed", str(fold), *HAND_SIGNS)
        test = os.path.join(data, "test")
        head, network = bench.right(head, test), bench.right(network, test)
        b, c = sum(head[image] and not network[image] for image in head), sum(network[image] and not head[image] for image in head)
        total, of_head, of_network = total + len(head), of_head + sum(head.values()), of_network + sum(network.values())
        only_head, only_network = only_head + b, only_network + c
        yield f"| {fold} | {best['tap']}, {best['pooling']}, {best['head']} | {sum(head.values())} of {len(head)} | {sum(network.values())} | {b}, {c} | {seconds(tuned):.0f} |"
        shutil.rmtree(data)
    shares = [f"{right:,}: {100 * right / total:.1f} % ({wilson(right, total)[0]:.1f} to {wilson(right, total)[1]:.1f})" for right in (of_head, of_network)]
    yield f"| all | | {shares[0]} | {shares[1]} | {only_head}, {only_network}: p = {mcnemar(only_head, only_network):.1g} (McNemar) | |"


def scratch(bench):
    yield "cifar10small at 64 x 64, the embedded ResNet-18, test accuracy in % over seeds 1 to 3 with the 95 % interval of their mean (Student's t); the same updates for both."
    yield ""
    yield "| start | options | test accuracy | training, s |"
    yield "|---|---|---|---|"
    photos, heads = bench.photos("cifar10small"), []
    for name, words in SCRATCH.items():
        found = [bench.tune(photos, "--size", "64", "--seed", str(seed), *words)[1] for seed in SEEDS]
        heads += [one["headTestAccuracy"] for one in found if one["headTestAccuracy"] is not None]
        times = [seconds(one) for one in found]
        yield f"| {name} | `{' '.join(words)}` | {over_seeds([one['testAccuracy'] for one in found])} | {min(times):.0f} to {max(times):.0f} |"
    yield f"| linear head on top, not trained further | | {over_seeds(heads)} | |"


def main():
    parts = {"seeds": seeds, "folds": folds, "scratch": scratch}
    if len(sys.argv) < 3 or set(sys.argv[3:]) - set(parts):
        sys.exit(__doc__)
    processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown")
    for part in sys.argv[3:] or parts:
        with tempfile.TemporaryDirectory() as work:
            lines = [f"# Fine-tuning: {part}", "", f"{processor}, {os.cpu_count()} processors, {datetime.date.today()}.", ""]
            for line in parts[part](Bench(sys.argv[1], sys.argv[2], work)):
                print(line, flush=True)
                lines.append(line)
        with open(os.path.join("bench", "results", f"finetuning-{part}.md"), "w") as file:
            file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
