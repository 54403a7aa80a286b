"""Disentanglement scores: does each code represent one factor of the data, and is each factor in one code?

These are six published scores as the reference implementation `disentanglement_lib` defines them (Locatello et al.
2019, "Challenging Common Assumptions in the Unsupervised Learning of Disentangled Representations", arXiv 1811.12359).
They need data whose factors are known, such as `infogan_lib.data.glyphs`. All scores take the same table:

- codes (N, C): real numbers, what a model infers from each of N images. A categorical code is one column with the
  number of its most probable category. As one-hot columns it would compete with itself, which lowers the gap scores.
- factors (N, F): integers, the level of each factor, drawn independently.

For all scores, 1 is best, and neither the order nor the sign of the codes matters. Each docstring says what codes
without information score. A constant code counts as one without information.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.special import entr
from sklearn.base import ClassifierMixin, clone
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import mutual_info_score, roc_auc_score
from sklearn.svm import LinearSVC

from infogan_lib import data
from infogan_lib.data import glyphs

if TYPE_CHECKING:
    from infogan_lib.models import InfoGAN

BINS = 20  # intervals that each code is cut into to estimate mutual information, as in the reference
TRAIN_SHARE = 2 / 3  # of the rows; the reference trains on 10,000 rows and tests on 5,000
VOTES_AT_ONCE = 100  # batches of the FactorVAE score held in memory


@dataclass(frozen=True)
class DCI:
    """The result of `dci`.

    Attributes:
        disentanglement: 1 if every code matters to only one factor, 0 if it matters to all factors equally.
        completeness: 1 if every factor is predicted from only one code, 0 if from all codes equally.
        informativeness: Accuracy of the predicted factors on held-out rows. Without information, that of guessing.
        importance: (C, F), how much each code matters for predicting each factor; columns add up to 1.
    """

    disentanglement: float
    completeness: float
    informativeness: float
    importance: np.ndarray


def glyph_scores(model: InfoGAN, n: int = 5000, seed: int = 0) -> dict[str, float]:
    """Disentanglement scores of the codes that Q infers from n `glyphs`: printed digits with known factors.

    The scored factors are digit, slant, width and thickness. The font is a nuisance: it is drawn at random but not
    scored. The codes are the most probable category and the means of the continuous codes. A model of MNIST has never
    seen printed digits. So its scores also depend on how well it generalises, and they can't be compared with those of
    a model that was trained on glyphs.

    Args:
        model: One of 28×28 images with at least two codes.
        n: Number of glyphs. Take at least a thousand, because every level of every factor needs some.
        seed: For the glyphs and the scores.

    Returns:
        As `all_scores`. DCI's importances come from a random forest, one of the choices in its paper, because the
        reference's boosted trees take ten times as long. Scores by different predictors can't be compared.

    Raises:
        ValueError: There are too few glyphs or codes, or the model's images have another shape.
    """
    drawn = glyphs.sample_glyphs(n, seed)
    inferred = model.infer(data.to_float(torch.from_numpy(drawn.images)))
    categories = [p.argmax(1, keepdim=True) for p in inferred.categorical]
    codes = torch.cat([*categories, inferred.continuous_mean], dim=1).cpu().numpy()
    forest = RandomForestClassifier(50, min_samples_leaf=10, max_features=None)
    continuous = [name != "digit" for name in glyphs.SCORED]
    return all_scores(codes, drawn.factors[:, : len(continuous)], continuous, forest, seed)


def all_scores(
    codes: np.ndarray,
    factors: np.ndarray,
    continuous: bool | Sequence[bool] = False,
    estimator: ClassifierMixin | None = None,
    seed: int = 0,
) -> dict[str, float]:
    """All scores of one table, by name. The functions below explain the arguments and the errors.

    Returns:
        ``mig``, ``dci_disentanglement``, ``dci_completeness``, ``dci_informativeness``, ``sap``, ``modularity``,
        ``explicitness`` and ``factor_vae``.
    """
    found = dci(codes, factors, estimator, seed)
    return {
        "mig": mig(codes, factors),
        "dci_disentanglement": found.disentanglement,
        "dci_completeness": found.completeness,
        "dci_informativeness": found.informativeness,
        "sap": sap(codes, factors, continuous, seed),
        "modularity": modularity(codes, factors),
        "explicitness": explicitness(codes, factors, seed),
        "factor_vae": factor_vae(codes, factors, seed=seed),
    }


def mig(codes: np.ndarray, factors: np.ndarray) -> float:
    r"""Mutual information gap (Chen et al. 2018, arXiv 1802.04942, section 4.1).

    $$\frac1F \sum_k \frac{1}{H(v_k)} \Big( I(c_{j(k)}; v_k) - \max_{j \ne j(k)} I(c_j; v_k) \Big)$$

    where j(k) is the code with the most information about factor k. Codes without information score about 0.

    Args:
        codes, factors: The table, as in the module's docstring.

    Raises:
        ValueError: The table is bad (see `check_table`).
    """
    information = np.sort(mutual_information(codes, factors), axis=0)
    entropy = np.array([mutual_info_score(column, column) for column in np.asarray(factors).T])
    return float(np.mean((information[-1] - information[-2]) / entropy))


def modularity(codes: np.ndarray, factors: np.ndarray) -> float:
    r"""Modularity (Ridgeway and Mozer 2018, arXiv 1802.05312, section 3): is each code about one factor only?

    $$\frac1C \sum_j \Big( 1 - \frac{\sum_{k \ne k(j)} I(c_j; v_k)^2}{(F - 1)\, I(c_j; v_{k(j)})^2} \Big)$$

    where k(j) is the factor that code j has the most information about. A code that is exactly independent of all
    factors counts as 0. For codes that are noise, however, the *estimated* information is small and uneven, and the
    score, as a ratio, can be anything up to about 0.6. So always read it together with `explicitness` or `mig`.

    Raises:
        ValueError: As in `mig`.
    """
    squared = mutual_information(codes, factors) ** 2
    best = squared.max(axis=1)
    known = best > 1e-20  # not exactly 0, because of rounding
    others = (squared.sum(axis=1) - best)[known] / (best[known] * (squared.shape[1] - 1))
    return float(np.sum(1 - others) / len(squared))


def mutual_information(codes: np.ndarray, factors: np.ndarray, bins: int = BINS) -> np.ndarray:
    """Estimated mutual information between each code and each factor, in nats → (C, F).

    For an unrelated code and factor with N rows and L levels, the estimate is about (bins − 1)(L − 1)/(2N) nats
    instead of 0.

    Args:
        codes, factors: The table, as in the module's docstring.
        bins: Each code is cut into this many intervals of equal size, from its smallest to its largest value.
    """
    codes, factors = check_table(codes, factors)
    cut = [np.digitize(c, np.histogram_bin_edges(c, bins)[1:-1]) for c in codes.T]
    return np.array([[mutual_info_score(f, c) for f in factors.T] for c in cut])


def dci(codes: np.ndarray, factors: np.ndarray, estimator: ClassifierMixin | None = None, seed: int = 0) -> DCI:
    """Disentanglement, completeness, informativeness (Eastwood and Williams 2018, openreview By-7dz-AZ, section 2).

    A classifier predicts each factor from all codes. `disentanglement_of` and `completeness_of` are computed from R,
    the importance of each code for each factor. The informativeness is the accuracy on held-out rows, as in the
    reference (in the paper it is the error). Codes without information score about 0, 0 and the accuracy of guessing.

    Args:
        codes, factors: The table, as in the module's docstring.
        estimator: A scikit-learn classifier that has `feature_importances_` once it is fitted. The default is the
            reference's gradient-boosted trees, which take a minute or more for 10,000 rows of factors with ten levels.
            A random forest, one of the choices in the paper, takes seconds.
        seed: For the split into 2/3 training and 1/3 test rows, and for the estimator unless it has a `random_state`.

    Raises:
        ValueError: The table is bad, a level has too few rows (see `split_rows`), or the estimator has no importances.
    """
    codes, factors = check_table(codes, factors)
    train, test = split_rows(factors, seed)
    importance, accuracies = np.zeros((codes.shape[1], factors.shape[1])), []
    for k, factor in enumerate(factors.T):
        model = seeded(GradientBoostingClassifier() if estimator is None else estimator, seed)
        model.fit(codes[train], factor[train])
        if not hasattr(model, "feature_importances_"):
            raise ValueError(f"{type(model).__name__} has no feature_importances_: use a forest or boosted trees")
        importance[:, k] = np.abs(model.feature_importances_)
        accuracies.append(np.mean(model.predict(codes[test]) == factor[test]))
    return DCI(disentanglement_of(importance), completeness_of(importance), float(np.mean(accuracies)), importance)


def seeded(estimator: ClassifierMixin, seed: int) -> ClassifierMixin:
    """An unfitted copy of an estimator, with this seed if it takes a seed and has none."""
    copy = clone(estimator)
    return copy.set_params(random_state=seed) if copy.get_params().get("random_state", 0) is None else copy


def disentanglement_of(importance: np.ndarray) -> float:
    """Mean over codes of 1 − H(factors | code)/log F, where the importances R (C, F) are read as probabilities.

    Each code is weighted by its share of R, so a code that matters to no factor has weight 0.
    """
    shares = importance.sum(axis=1) / importance.sum()
    used = shares > 0
    rows = importance[used] / importance[used].sum(axis=1, keepdims=True)
    return float(shares[used] @ (1 - entr(rows).sum(axis=1) / np.log(importance.shape[1])))


def completeness_of(importance: np.ndarray) -> float:
    """Mean over factors of 1 − H(codes | factor)/log C, computed from R (C, F) in the same way."""
    return disentanglement_of(importance.T)


def sap(codes: np.ndarray, factors: np.ndarray, continuous: bool | Sequence[bool] = False, seed: int = 0) -> float:
    """Separated attribute predictability (Kumar et al. 2018, openreview H1kG7GZAW, section 3).

    Each factor is predicted from each code alone. For a continuous factor, the quality of the prediction is the squared
    correlation of the code with the level, over all rows. For a discrete factor, it is the accuracy of a linear
    support-vector classifier (C = 0.01, balanced classes) on held-out rows. The score is the gap between the two best
    codes, averaged over factors.

    Codes without information score about 0. Perfect codes score 1 if the factors are continuous. For a discrete factor
    with L levels the best score is 1 − 1/L, because the second code is sometimes right by chance. With more than two
    levels it is even lower, because a linear classifier of one code can't separate a middle level from its neighbours.

    Args:
        codes, factors: The table, as in the module's docstring.
        continuous: Whether the factors are continuous: one answer for all, or one per factor. The default is the
            reference's.
        seed: For the split into 2/3 training and 1/3 test rows.

    Raises:
        ValueError: The table is bad, a level has too few rows (see `split_rows`), or the number of answers is wrong.
    """
    codes, factors = check_table(codes, factors)
    if np.ndim(continuous) and len(np.ravel(continuous)) != factors.shape[1]:
        raise ValueError(f"continuous has {len(np.ravel(continuous))} answers for {factors.shape[1]} factors")
    kinds = np.broadcast_to(continuous, factors.shape[1])
    rows = None if kinds.all() else split_rows(factors, seed)
    predict = [
        [
            squared_correlation(c, f) if kind else linear_accuracy(c, f, rows)
            for f, kind in zip(factors.T, kinds, strict=True)
        ]
        for c in codes.T
    ]
    ordered = np.sort(predict, axis=0)
    return float(np.mean(ordered[-1] - ordered[-2]))


def squared_correlation(code: np.ndarray, factor: np.ndarray) -> float:
    """R² of predicting a factor from a code by linear regression; 0 for a constant code."""
    return 0.0 if np.ptp(code) == 0 else float(np.corrcoef(code, factor)[0, 1] ** 2)


def linear_accuracy(code: np.ndarray, factor: np.ndarray, rows: tuple[np.ndarray, np.ndarray]) -> float:
    """Accuracy on test rows of the reference's support-vector classifier, which sees one code."""
    train, test = rows
    # `dual` changes the solver but not the solution; with one column the primal problem is much faster
    model = LinearSVC(C=0.01, class_weight="balanced", dual=False).fit(code[train, None], factor[train])
    return float(np.mean(model.predict(code[test, None]) == factor[test]))


def explicitness(codes: np.ndarray, factors: np.ndarray, seed: int = 0) -> float:
    """Explicitness (Ridgeway and Mozer 2018, arXiv 1802.05312, section 3): can a linear model read the factors?

    Logistic regression predicts each factor from all codes, which are standardised first. The score is the area under
    the ROC curve of each level against the rest, on held-out rows, averaged over levels and then over factors. Codes
    without information score about 0.5.

    Raises:
        ValueError: The table is bad, or a level has too few rows (see `split_rows`).
    """
    codes, factors = check_table(codes, factors)
    train, test = split_rows(factors, seed)
    spread = codes[train].std(axis=0)
    x = (codes - codes[train].mean(axis=0)) / np.where(spread > 0, spread, 1)
    areas = []
    for factor in factors.T:
        chances = LogisticRegression().fit(x[train], factor[train]).predict_proba(x[test])
        levels = np.unique(factor)
        areas.append(np.mean([roc_auc_score(factor[test] == v, p) for v, p in zip(levels, chances.T, strict=True)]))
    return float(np.mean(areas))


def factor_vae(
    codes: np.ndarray,
    factors: np.ndarray,
    batch_size: int = 64,
    train_votes: int = 10_000,
    test_votes: int = 5_000,
    seed: int = 0,
) -> float:
    """The FactorVAE score (Kim and Mnih 2018, arXiv 1802.05983, section 4), on a table of codes.

    For one vote, choose a factor at random and draw a batch in which it is fixed at one level. The vote goes to the
    code that varies least in this batch, relative to its variance over the whole table. Each code is then assigned the
    factor for which it got the most training votes. The score is how often this assignment is right on the test votes.
    Codes without information score about 1/F. Constant codes get no votes.

    The paper draws fresh data for every batch. Here the rows are drawn, with replacement, from those that have the
    fixed factor at the level of a random row. If the factors of the table are independent, the batches have the same
    distribution.

    Args:
        codes, factors: The table, as in the module's docstring.
        batch_size: Rows per vote.
        train_votes, test_votes: Numbers of votes; the defaults are the reference's.
        seed: For the draws.

    Raises:
        ValueError: The table is bad, a level has fewer rows than one batch, or a size is too small.
    """
    codes, factors = check_table(codes, factors)
    check_sizes(factors, batch_size, train_votes, test_votes)
    rng = np.random.default_rng(seed)
    assigned = count_votes(codes, factors, train_votes, batch_size, rng).argmax(axis=0)
    right = count_votes(codes, factors, test_votes, batch_size, rng)[assigned, np.arange(len(assigned))]
    return float(right.sum() / test_votes)


def check_sizes(factors: np.ndarray, batch_size: int, train_votes: int, test_votes: int) -> None:
    """Raise ValueError unless there are votes, and every level of (N, F) factors has enough rows for a batch of ≥ 2."""
    if batch_size < 2 or min(train_votes, test_votes) < 1:
        raise ValueError(
            f"batch_size is {batch_size} with {train_votes} and {test_votes} votes: expected at least 2, and 1 each"
        )
    rarest = min(np.unique(column, return_counts=True)[1].min() for column in factors.T)
    if rarest < batch_size:
        raise ValueError(f"a level has only {rarest} rows, a batch {batch_size}: use more rows or smaller batches")


def count_votes(
    codes: np.ndarray, factors: np.ndarray, votes: int, batch_size: int, rng: np.random.Generator
) -> np.ndarray:
    """How often each code varied least, relative to its variance, while each factor was fixed → (F, C)."""
    variances = np.where(np.ptp(codes, axis=0) > 0, codes.var(axis=0, ddof=1), 0)
    rows_at = [{level: np.flatnonzero(column == level) for level in np.unique(column)} for column in factors.T]
    counts = np.zeros((factors.shape[1], codes.shape[1]), dtype=int)
    for start in range(0, votes, VOTES_AT_ONCE):
        n = min(VOTES_AT_ONCE, votes - start)
        fixed, first = rng.integers(factors.shape[1], size=n), rng.integers(len(factors), size=n)
        batches = [rng.choice(rows_at[k][factors[i, k]], batch_size) for k, i in zip(fixed, first, strict=True)]
        local = codes[np.stack(batches)].var(axis=1, ddof=1)  # (n, batch, C) → (n, C)
        # A constant code varies least in every batch, so it must never be the minimum
        relative = np.divide(local, variances, out=np.full_like(local, np.inf), where=variances > 0)
        np.add.at(counts, (fixed, relative.argmin(axis=1)), 1)
    return counts


def split_rows(factors: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of a random 2/3 of the rows to fit on, and of the other 1/3 to test on.

    Raises:
        ValueError: A level of a factor has so few rows that it is missing from one part.
    """
    order = np.random.default_rng(seed).permutation(len(factors))
    train, test = np.split(order, [round(TRAIN_SHARE * len(order))])
    for k, column in enumerate(factors.T):
        for rows in (train, test):
            missing = np.setdiff1d(column, column[rows])
            if len(missing):
                raise ValueError(f"level {missing[0]} of factor {k} has too few rows to train and test: use more rows")
    return train, test


def check_table(codes: np.ndarray, factors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The table as float64 (N, C) and integer (N, F) arrays.

    Raises:
        ValueError: The shapes don't match, there are fewer than 2 codes or 2 factors, codes aren't finite or are all
            constant, or factors aren't integers or one is constant.
    """
    factors = np.asarray(factors)
    if factors.ndim != 2 or factors.shape[1] < 2:
        raise ValueError(f"factors have shape {factors.shape}: expected (N, F) with at least 2 factors")
    if not np.issubdtype(factors.dtype, np.integer):
        raise ValueError(
            f"factors are {factors.dtype}: expected integers; np.unique with return_inverse=True numbers the levels"
        )
    codes = np.asarray(codes, dtype=float)
    if codes.ndim != 2 or codes.shape[1] < 2:
        raise ValueError(f"codes have shape {codes.shape}: expected (N, C) with at least 2 codes")
    if len(codes) != len(factors):
        raise ValueError(f"there are {len(codes)} rows of codes for {len(factors)} rows of factors: expected as many")
    if not np.isfinite(codes).all():
        raise ValueError(f"codes contain {np.sum(~np.isfinite(codes))} values that are NaN or infinite")
    for k, column in enumerate(factors.T):
        if len(np.unique(column)) < 2:
            raise ValueError(f"factor {k} has a single level, so no code can tell anything about it: leave it out")
    if not np.ptp(codes, axis=0).any():
        raise ValueError("every code is constant, so there is nothing to score")
    return codes, factors
