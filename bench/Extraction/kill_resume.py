#!/usr/bin/env python3
"""Kills `extract` with SIGKILL at random moments and runs it again, until it comes through: the store must be the one of
an uninterrupted run, byte for byte, and blocks that were finished before a kill must not be written again.

usage: kill_resume.py TOOL DATA --tap A,B [--pooling avg,max] [--model FILE] [--trials 10] [--seed 0]

TOOL is the built command (./onnxtransfer), DATA any set of images with several blocks' worth of them. Needs Python alone.
"""
import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time


def files(store):
    found = {}
    for folder, _, names in os.walk(store):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, store)] = f.read()
    return found


def finished(store):
    """Name and identity on disk of every block that the index names with a whole line."""
    try:
        with open(os.path.join(store, "index.jsonl")) as f:
            lines = [line for line in f if line.endswith("\n")]
    except FileNotFoundError:
        return {}
    names = [line.split('"file":"')[1].split('"')[0] for line in lines]
    stats = {name: os.stat(os.path.join(store, "blocks", name)) for name in names}
    return {name: (s.st_ino, s.st_mtime_ns) for name, s in stats.items()}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("tool")
    p.add_argument("data")
    p.add_argument("--tap", required=True)
    p.add_argument("--pooling", default="avg")
    p.add_argument("--model")
    p.add_argument("--trials", type=int, default=10)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--block", help="images per block, where the tool takes --block")
    o = p.parse_args()
    rng = random.Random(o.seed)

    def command(store):
        words = [os.path.abspath(o.tool), "extract", o.data, "-o", store, "--tap", o.tap, "--pooling", o.pooling]
        words += ["--model", o.model] if o.model else []
        return words + (["--block", o.block] if o.block else [])

    with tempfile.TemporaryDirectory() as work:
        whole = os.path.join(work, "whole")
        start = time.monotonic()
        subprocess.run(command(whole), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds = time.monotonic() - start
        expected = files(whole)
        print(f"uninterrupted: {seconds:.1f} s, {len(finished(whole))} blocks")
        for trial in range(o.trials):
            store = os.path.join(work, f"killed{trial}")
            kills, kept = [], {}
            while True:
                process = subprocess.Popen(command(store), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                try:
                    # The first kill comes before the run can be done, the others later and later, so that the trial ends.
                    delay = rng.uniform(0, 0.8) if not kills else rng.uniform(0, 1 + len(kills) / 3)
                    _, errors = process.communicate(timeout=delay * seconds)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    process.communicate()
                    kills.append(len(finished(store)))
                else:
                    if process.returncode:
                        sys.exit(f"trial {trial}: exit status {process.returncode}: {errors.decode().strip()[-300:]}")
                    break
                now = finished(store)
                if any(now.get(name) != identity for name, identity in kept.items()):
                    sys.exit(f"trial {trial}: a finished block was written again or lost")
                kept = now
            now = finished(store)
            if any(now.get(name) != identity for name, identity in kept.items()):
                sys.exit(f"trial {trial}: a finished block was written again or lost")
            found = files(store)
            if found != expected:
                differing = sorted(n for n in found.keys() | expected.keys() if found.get(n) != expected.get(n))
                sys.exit(f"trial {trial}: differs from the uninterrupted run in {', '.join(differing)}")
            print(f"trial {trial}: {len(kills)} kills with {kills} blocks finished; byte-identical, none written again")
    print("kill -9 and resume: all trials byte-identical")


if __name__ == "__main__":
    main()
