#!/usr/bin/python3
"""Trains heads with scikit-learn and LIBLINEAR for the bench, one fit per request.

usage: peers.py THREADS     (requests on standard input, answers on standard output, one JSON object a line)

The first line says what is here: versions, notes, the environment to start again with, and for each peer its head, whether its intercept is penalised,
the number types it takes and its tolerances from loose to tight. A request {peer, problem, c, tolerance, type, weights,
repeatSeconds, repeats} is answered by {"started": true} once the data are in memory, then by {seconds, fits,
iterations}; the K x (D + 1) weights, intercept last, are written to the file `weights` as raw float64. The request
{"choose": cs, folds, ...} lets LogisticRegressionCV choose C. Whether a fit is good enough is judged by who asks.
"""
import functools, json, os, sys, time, warnings
import openblas

BLAS = openblas.restart_with_the_fastest(sys.argv[1]) if __name__ == "__main__" else None

import numpy as np
import scipy
import sklearn
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, RidgeClassifier
from sklearn.svm import LinearSVC
import liblinear

THREADS = int(sys.argv[1])
MOST = 2_000_000_000  # no peer may end by its count of iterations
BOTH = ["float32", "float64"]


def halves(loosest, tightest):
    """Tolerances in half decades between two powers of ten."""
    return [float(f"{10 ** (j / 2):.0e}") for j in range(2 * loosest, 2 * tightest - 1, -1)]


def logistic(multi_class, solver):
    return lambda c, tolerance: LogisticRegression(
        multi_class=multi_class, solver=solver, C=c, tol=tolerance, max_iter=MOST, random_state=0)


def machine(loss, dual, multi_class="ovr"):
    return lambda c, tolerance: LinearSVC(
        loss=loss, dual=dual, multi_class=multi_class, C=c, tol=tolerance, max_iter=MOST, random_state=0)


def ridge(solver):
    return lambda c, tolerance: RidgeClassifier(alpha=1 / c, solver=solver, tol=tolerance, random_state=0)


def binding(solver):
    return lambda c, tolerance: liblinear.LibLinear(solver, c, tolerance)


# name: (head, intercept penalised, threads, number types, tolerances, estimator)
PEERS = {
    "scikit-learn LogisticRegression lbfgs": ("softmax", False, THREADS, ["float64"], halves(1, -6), logistic("multinomial", "lbfgs")),
    "scikit-learn LogisticRegression newton-cg": ("softmax", False, THREADS, BOTH, halves(1, -6), logistic("multinomial", "newton-cg")),
    "scikit-learn LogisticRegression lbfgs, one-vs-rest": ("logistic", False, THREADS, ["float64"], halves(1, -6), logistic("ovr", "lbfgs")),
    "scikit-learn LogisticRegression newton-cg, one-vs-rest": ("logistic", False, THREADS, BOTH, halves(1, -6), logistic("ovr", "newton-cg")),
    "scikit-learn LogisticRegression newton-cholesky": ("logistic", False, THREADS, BOTH, halves(1, -6), logistic("ovr", "newton-cholesky")),
    "scikit-learn LogisticRegression liblinear": ("logistic", True, 1, ["float64"], halves(0, -7), logistic("ovr", "liblinear")),
    "scikit-learn LinearSVC dual": ("svm", True, 1, ["float64"], halves(0, -7), machine("squared_hinge", True)),
    "scikit-learn LinearSVC primal": ("svm", True, 1, ["float64"], halves(0, -8), machine("squared_hinge", False)),
    "scikit-learn LinearSVC hinge": ("hinge", True, 1, ["float64"], halves(0, -7), machine("hinge", True)),
    "scikit-learn LinearSVC crammer_singer": ("crammer-singer", True, 1, ["float64"], halves(0, -6), machine("squared_hinge", True, "crammer_singer")),
    "scikit-learn RidgeClassifier cholesky": ("ridge", False, THREADS, BOTH, [0.0], ridge("cholesky")),
    "scikit-learn RidgeClassifier svd": ("ridge", False, THREADS, BOTH, [0.0], ridge("svd")),
    "scikit-learn RidgeClassifier lsqr": ("ridge", False, THREADS, BOTH, halves(-1, -9), ridge("lsqr")),
    "scikit-learn RidgeClassifier sparse_cg": ("ridge", False, THREADS, BOTH, halves(-1, -9), ridge("sparse_cg")),
    "scikit-learn RidgeClassifier sag": ("ridge", False, 1, BOTH, halves(-1, -8), ridge("sag")),
}
if liblinear.library:
    PEERS |= {
        "LIBLINEAR -s 1 (dual)": ("svm", True, 1, ["float64"], halves(0, -7), binding(1)),
        "LIBLINEAR -s 2 (primal)": ("svm", True, 1, ["float64"], halves(-1, -9), binding(2)),
        "LIBLINEAR -s 3": ("hinge", True, 1, ["float64"], halves(0, -7), binding(3)),
        "LIBLINEAR -s 4": ("crammer-singer", True, 1, ["float64"], halves(0, -6), binding(4)),
        "LIBLINEAR -s 0": ("logistic", True, 1, ["float64"], halves(-1, -9), binding(0)),
        "LIBLINEAR -s 7 (dual)": ("logistic", True, 1, ["float64"], halves(0, -7), binding(7)),
    }


def say(**what):
    print(json.dumps(what), flush=True)


@functools.lru_cache(maxsize=1)
def load(folder, kind):
    """Codes and labels; those of the last problem stay in memory."""
    return np.load(os.path.join(folder, "X.npy")).astype(kind, copy=False), np.load(os.path.join(folder, "y.npy"))


@functools.lru_cache(maxsize=1)
def sparse_rows(folder, kind):
    return liblinear.Rows(*load(folder, kind))


def write(model, path):
    w = model.weights() if isinstance(model, liblinear.LibLinear) else np.hstack([model.coef_, model.intercept_[:, None]])
    w.astype("<f8").tofile(path)


def fit(r):
    estimator = PEERS[r["peer"]][-1]
    x, y = load(r["problem"], r["type"])
    if isinstance(estimator(r["c"], r["tolerance"]), liblinear.LibLinear):
        x = sparse_rows(r["problem"], r["type"])
    say(started=True)
    times = []
    while not times or (sum(times) < r["repeatSeconds"] and len(times) < r["repeats"]):
        model = estimator(r["c"], r["tolerance"])
        start = time.perf_counter()
        model.fit(x, y)
        times.append(time.perf_counter() - start)
    write(model, r["weights"])
    # Crammer-Singer's count is memory that nothing was written to.
    iterations = None if getattr(model, "multi_class", None) == "crammer_singer" else getattr(model, "n_iter_", None)
    say(seconds=min(times), fits=len(times), iterations=None if iterations is None else int(np.max(iterations)))


def choose(r):
    x, y = load(r["problem"], "float64")
    say(started=True)
    start = time.perf_counter()
    model = LogisticRegressionCV(
        Cs=r["choose"], cv=r["folds"], multi_class="multinomial", solver="lbfgs", tol=r["tolerance"], max_iter=MOST).fit(x, y)
    seconds = time.perf_counter() - start
    write(model, r["weights"])
    c = float(model.C_[0])
    scores = next(iter(model.scores_.values())).mean(0)
    say(seconds=seconds, c=c, accuracy=float(scores[list(model.Cs_).index(c)]))


def main():
    warnings.simplefilter("ignore")
    versions = {"scikit-learn": sklearn.__version__, "NumPy": np.__version__, "SciPy": scipy.__version__, "Python": sys.version.split()[0]}
    notes = [f"BLAS of the Python peers: {BLAS}."]
    if liblinear.library:
        versions["LIBLINEAR"] = f"{liblinear.VERSION:.2f}"
    else:
        notes.append("LIBLINEAR's own library is not here; install liblinear-tools.")
    say(versions=versions, notes=notes, environment=openblas.environment(), choice="scikit-learn LogisticRegressionCV lbfgs",
        peers=[dict(name=name, head=p[0], penalised=p[1], threads=p[2], types=p[3], tolerances=p[4]) for name, p in PEERS.items()])
    for line in sys.stdin:
        request = json.loads(line)
        try:
            (choose if "choose" in request else fit)(request)
        except (ValueError, MemoryError, ArithmeticError, np.linalg.LinAlgError) as e:
            say(error=f"{type(e).__name__}: {e}")


if __name__ == "__main__":
    main()
