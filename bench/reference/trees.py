"""Writes src/baseline/fixtures/trees.json: what scikit-learn and XGBoost make of a small problem.

Usage: python3 bench/reference/trees.py && npm run format
(scikit-learn 1.2.1 and XGBoost 1.7.4, as Debian 12 has them, wrote the committed file)
"""

import json
import pathlib

import numpy
import xgboost
from sklearn.ensemble import AdaBoostClassifier
from sklearn.impute import KNNImputer
from sklearn.tree import DecisionTreeClassifier

OUT = pathlib.Path(__file__).parents[2] / "src/baseline/fixtures/trees.json"
TRAIN, TEST, COLUMNS, ROUNDS = 100, 40, 5, 5

draw = numpy.random.default_rng(1)
x = draw.integers(0, 40, size=(TRAIN + TEST, COLUMNS)).astype(numpy.float32)
x[TRAIN:] += 0.25  # never on a threshold, where XGBoost goes right and others left
signal = x[:, 0] + x[:, 1] * (x[:, 2] > 20) + draw.normal(0, 12, TRAIN + TEST)
y = (signal > 28).astype(int)
train, test = x[:TRAIN], x[TRAIN:]
labels = y[:TRAIN]


def agreed(fit):
    """What every seed agrees on: no split is a tie that only the order of columns decides."""
    results = [fit(seed) for seed in range(10)]
    assert all((result == results[0]).all() for result in results)
    return results[0].tolist()


def tree(seed):
    return DecisionTreeClassifier(max_depth=3, random_state=seed).fit(train, labels).predict_proba(test)[:, 1]


def adaboost(seed):
    stump = DecisionTreeClassifier(max_depth=1, random_state=seed)
    model = AdaBoostClassifier(stump, n_estimators=50, algorithm="SAMME", random_state=seed)
    return model.fit(train, labels).decision_function(test).round(9)


def boosting(seed):
    model = xgboost.XGBClassifier(
        n_estimators=ROUNDS,
        learning_rate=0.3,
        max_depth=3,
        reg_lambda=1,
        min_child_weight=1,
        base_score=labels.mean(),
        tree_method="exact",
        n_jobs=1,
        random_state=seed,
    )
    order = numpy.random.default_rng(seed).permutation(COLUMNS)  # XGBoost takes the first of a tie
    return model.fit(train[:, order], labels).predict(test[:, order], output_margin=True)


holed = (x + draw.normal(0, 1, x.shape)).round(3)  # no two distances are the same
holed[draw.random(x.shape) < 0.2] = numpy.nan
imputed = KNNImputer(n_neighbors=5).fit(holed[:TRAIN]).transform(holed)

OUT.parent.mkdir(exist_ok=True)
OUT.write_text(
    json.dumps(
        {
            "columns": COLUMNS,
            "train": train.flatten().tolist(),
            "labels": labels.tolist(),
            "test": test.flatten().tolist(),
            "tree": agreed(tree),
            "adaBoost": agreed(adaboost),
            "boosting": agreed(boosting),
            "holed": [None if numpy.isnan(v) else v for v in holed.flatten().tolist()],
            "imputed": imputed.flatten().tolist(),
        }
    )
)
