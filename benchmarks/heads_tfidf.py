"""What a TF-IDF logistic regression says of labelled rows, for `heads.py`. Needs scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from analyzers.labelled import LabelledRow


def said_by_tfidf(
    train: Sequence[LabelledRow], rows: Sequence[LabelledRow], labels: Sequence[str]
) -> np.ndarray[Any, Any]:
    """Fit on `train` (words and pairs of words, classes balanced) and return the label indices said of `rows`."""
    vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    seen = vectors.fit_transform([f"{row.text} {row.other or ''}" for row in train])
    judge = LogisticRegression(C=10, max_iter=500, class_weight="balanced")
    judge.fit(seen, [labels.index(row.label) for row in train])
    return np.asarray(judge.predict(vectors.transform([f"{row.text} {row.other or ''}" for row in rows])))
