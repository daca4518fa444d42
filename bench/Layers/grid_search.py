"""The head of the obvious script: standardise, softmax or svm, C by grid search.

usage: grid_search.py softmax|svm CODES.npy LABELS.npy FOLDS RUN C...
RUN: how many of the folds are run.
Prints seconds of the search (loading is not counted), the best C, its accuracy, and the versions. Where some folds are left out, the
seconds are those that all would take: the mean over those run, of every C, times the folds, shared out evenly between the processes,
without what it takes to start these and the head on all codes at the end.
"""
import json
import os
import sys
import time
import warnings

import numpy as np
import sklearn
from joblib import effective_n_jobs
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

head, codes, labels, folds, run, *cs = sys.argv[1:]
x, y = np.load(codes), np.load(labels)
# scikit-learn's advice: dual=False where there are more images than numbers.
classifier = LogisticRegression() if head == "softmax" else LinearSVC(dual=False)
# High C do not converge within the iterations that are usual; the script goes on, and so does its user.
warnings.filterwarnings("ignore")
os.environ["PYTHONWARNINGS"] = "ignore"
splits = list(StratifiedKFold(int(folds), shuffle=True, random_state=0).split(x, y))
start = time.perf_counter()
search = GridSearchCV(
    make_pipeline(StandardScaler(), classifier),
    {f"{type(classifier).__name__.lower()}__C": [float(c) for c in cs]},
    cv=splits[:int(run)],
    n_jobs=-1,
    refit=run == folds,
).fit(x, y)
seconds = time.perf_counter() - start
if run != folds:
    of_a_fold = sum(search.cv_results_["mean_fit_time"]) + sum(search.cv_results_["mean_score_time"])
    seconds = of_a_fold * int(folds) / effective_n_jobs(-1)
print(json.dumps({
    "seconds": seconds,
    "c": search.best_params_[f"{type(classifier).__name__.lower()}__C"],
    "accuracy": search.best_score_,
    "versions": f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}",
}))
