"""The head of the obvious script: standardise, softmax or svm, C by grid search.

usage: grid_search.py softmax|svm CODES.npy LABELS.npy FOLDS C...
Prints seconds of the search (loading is not counted), the best C, its accuracy, and the versions.
"""
import json
import os
import sys
import time
import warnings

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

head, codes, labels, folds, *cs = sys.argv[1:]
x, y = np.load(codes), np.load(labels)
# scikit-learn's advice: dual=False where there are more images than numbers.
classifier = LogisticRegression() if head == "softmax" else LinearSVC(dual=False)
# High C do not converge within the iterations that are usual; the script goes on, and so does its user.
warnings.filterwarnings("ignore")
os.environ["PYTHONWARNINGS"] = "ignore"
start = time.perf_counter()
search = GridSearchCV(
    make_pipeline(StandardScaler(), classifier),
    {f"{type(classifier).__name__.lower()}__C": [float(c) for c in cs]},
    cv=StratifiedKFold(int(folds), shuffle=True, random_state=0),
    n_jobs=-1,
).fit(x, y)
print(json.dumps({
    "seconds": time.perf_counter() - start,
    "c": search.best_params_[f"{type(classifier).__name__.lower()}__C"],
    "accuracy": search.best_score_,
    "versions": f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}",
}))
