#!/usr/bin/env python3
"""The accuracy of `onnxtransfer fit` beside scikit-learn's LogisticRegression on the same codes at the same C.

usage: compare_with_sklearn.py TOOL [--model MODEL] DATA [DATA ...]

TOOL is the built ./onnxtransfer; DATA are folders with train/ and test/. For each one it runs `fit`, then `extract` and
`codes` with the same tap, and trains the peer on the codes of train/ with the C (and the standardisation) that fit
chose. Prints a Markdown table; exits 1 if an accuracy differs by more than half a point. Needs NumPy and scikit-learn.
"""
import argparse, json, os, subprocess, sys, tempfile, time
import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler


def run(tool, *words):
    r = subprocess.run([tool, *words], capture_output=True, text=True)
    if r.returncode:
        sys.exit(f"{' '.join(words)} exits {r.returncode}: {r.stderr.strip()[-400:]}")
    return r.stdout


def main():
    p = argparse.ArgumentParser()
    p.add_argument("tool")
    p.add_argument("data", nargs="+")
    p.add_argument("--model")
    o = p.parse_args()
    tool = os.path.abspath(o.tool)
    model = ["--model", o.model] if o.model else []
    print(f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}")
    print("| data | tap | C | ours | 95 % | scikit-learn | difference | fit, s |")
    print("|---|---|---|---|---|---|---|---|")
    worst = 0.0
    for data in o.data:
        with tempfile.TemporaryDirectory() as work:
            start = time.time()
            fit = json.loads(run(tool, "fit", data, "-o", os.path.join(work, "m.onnx"), "--json", *model))
            seconds = time.time() - start
            store = os.path.join(work, "store")
            run(tool, "extract", data, "-o", store, "--tap", fit["tap"], "--pooling", fit["pooling"], *model)
            x, y, ids = (os.path.join(work, n) for n in ("x.npy", "y.npy", "ids.txt"))
            run(tool, "codes", store, "--tap", fit["tap"], "--pooling", fit["pooling"], "--npy", x, "--labels", y, "--ids", ids)
            x, y = np.load(x), np.load(y)
            test = np.array([line.startswith("test/") for line in open(ids).read().splitlines()])
            train_x, test_x = x[~test], x[test]
            if fit["standardised"]:
                scaler = StandardScaler().fit(train_x.astype(np.float64))
                train_x, test_x = scaler.transform(train_x), scaler.transform(test_x)
            peer = LogisticRegression(C=fit["c"], tol=1e-5, max_iter=20000).fit(train_x, y[~test])
            accuracy = peer.score(test_x, y[test])
            difference = 100 * (fit["testAccuracy"] - accuracy)
            worst = max(worst, abs(difference))
            interval = fit["testInterval"]
            print(f"| {os.path.basename(os.path.normpath(data))} | {fit['tap']} | {fit['c']:g} | {100 * fit['testAccuracy']:.1f} "
                  f"| {100 * interval['low']:.1f}-{100 * interval['high']:.1f} | {100 * accuracy:.1f} | {difference:+.1f} | {seconds:.1f} |",
                  flush=True)
    sys.exit(worst > 0.5)


if __name__ == "__main__":
    main()
