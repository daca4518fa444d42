"""Chooses the fastest matrix product that OpenBLAS has for this processor.

OpenBLAS picks its kernels by the processor's name and its blocks by the size of the second-level cache; on virtual
machines both can be wrong. `restart_with_the_fastest` tries what the processor supports, each in a process of its own,
and starts the calling program again with the best choice.
"""
import os, subprocess, sys

CHOSEN = "ONNXTRANSFER_BENCH_BLAS"
SETTINGS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
# A kernel family and the processor flags (as /proc/cpuinfo spells them) that it needs.
CORES = {
    "Haswell": {"avx2", "fma"},
    "Zen": {"avx2", "fma"},
    "SkylakeX": {"avx512f", "avx512bw", "avx512dq", "avx512vl"},
    "Cooperlake": {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_bf16"},
    "Sandybridge": {"avx"},
}
CACHES = (None, "512", "1024")  # KiB
# The products of a solver on middling codes: scores and gradient, in both precisions; the sum of the best of ten each.
PROBE = """
import time, numpy as np
total = 0
for t in (np.float32, np.float64):
    x, w = np.ones((4000, 1280), t), np.ones((50, 1280), t)
    s = x @ w.T
    for product in (lambda: x @ w.T, lambda: s.T @ x):
        best = 1e9
        for _ in range(10):
            start = time.perf_counter()
            product()
            best = min(best, time.perf_counter() - start)
        total += best
print(total)
"""


def flags():
    try:
        with open("/proc/cpuinfo") as f:
            return next((set(line.split(":", 1)[1].split()) for line in f if line.startswith("flags")), set())
    except FileNotFoundError:
        return set()


def choices():
    has = flags()
    for core in [None, *(core for core, needs in CORES.items() if needs <= has)]:
        for cache in CACHES:
            yield {key: value for key, value in zip(SETTINGS, (core, cache)) if value}


def environment():
    """The variables that make another process choose the same without trying again."""
    return {key: os.environ[key] for key in (CHOSEN, "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", *SETTINGS) if key in os.environ}


def restart_with_the_fastest(threads):
    """Returns what was chosen, in words; the first call does not return but starts the program again."""
    if CHOSEN in os.environ:
        return os.environ[CHOSEN]
    plain = {key: value for key, value in os.environ.items() if key not in SETTINGS}
    plain.update(OPENBLAS_NUM_THREADS=str(threads), OMP_NUM_THREADS=str(threads))
    found = []
    for choice in choices():
        # A kernel that the processor cannot run ends its process, and is then no choice.
        probe = subprocess.run([sys.executable, "-c", PROBE], env=plain | choice, capture_output=True, text=True)
        if probe.returncode == 0:
            found.append((float(probe.stdout), choice))
    if not found:
        sys.exit("NumPy cannot multiply matrices; install python3-numpy and libopenblas0-pthread.")
    seconds, best = min(found, key=lambda pair: pair[0])
    words = " ".join(f"{key}={value}" for key, value in best.items()) or "OpenBLAS's own choice"
    flops = 2 * 2 * 2 * 4000 * 1280 * 50
    plain[CHOSEN] = f"{words}, the fastest of {len(found)} ({flops / seconds / 1e9:.0f} GFLOP/s on products of 4,000 x 1,280 with 50, float32 and float64)"
    os.execve(sys.executable, [sys.executable, *sys.argv], plain | best)
