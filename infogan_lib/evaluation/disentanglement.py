"""Scores of disentanglement: does each code stand for one factor that made the data, and each factor in one code?

Six published scores, by the definitions of the reference implementation `disentanglement_lib` (Locatello et al. 2019,
"Challenging Common Assumptions in the Unsupervised Learning of Disentangled Representations", arXiv 1811.12359). They
need data whose factors are known, as `infogan_lib.data.glyphs`. All take the same table:

- codes (N, C): real numbers, what a model says of each of N images. A categorical code is one column with the number of
  its likeliest category: as one-hot columns it would compete with itself, and the gap scores would call that bad.
- factors (N, F): integers, which level each factor had, drawn independently of one another.

What the scores have in common: 1 is best, and the order and the sign of the codes don't matter. What they say of codes
that know nothing differs, and stands in each docstring. A code that never changes counts as one that knows nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import entr
from sklearn.base import ClassifierMixin, clone
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import mutual_info_score, roc_auc_score
from sklearn.svm import LinearSVC

BINS = 20  # into which each code is cut to estimate mutual information, as in the reference
TRAIN_SHARE = 2 / 3  # of the rows; the reference trains on 10,000 and tests on 5,000
VOTES_AT_ONCE = 100  # batches of the FactorVAE score held in memory

Represent = Callable[[np.ndarray], np.ndarray]
SampleFactors = Callable[[int, np.random.Generator], np.ndarray]
DrawBatches = Callable[[int, np.random.Generator], tuple[np.ndarray, np.ndarray]]
VoteShape = tuple[int, int, int]


@dataclass(frozen=True)
class DCI:
    """What `dci` finds.

    Attributes:
        disentanglement: 1 if every code matters to one factor alone, 0 if to all alike.
        completeness: 1 if every factor is predicted from one code alone, 0 if from all alike.
        informativeness: Accuracy at predicting the factors of rows held out; what guessing reaches for no information.
        informativeness_train: The same on the rows that the predictor was fitted to.
        importance: (C, F), how much each code matters for predicting each factor; columns add up to 1.
    """

    disentanglement: float
    completeness: float
    informativeness: float
    informativeness_train: float
    importance: np.ndarray


def all_scores(
    codes: np.ndarray,
    factors: np.ndarray,
    continuous: bool | Sequence[bool] = False,
    estimator: ClassifierMixin | None = None,
    seed: int = 0,
) -> dict[str, float]:
    """All scores of one table by name; the arguments, and what is raised, are those of the functions below.

    Returns:
        ``mig``, ``dci_disentanglement``, ``dci_completeness``, ``dci_informativeness``, ``sap``, ``modularity``,
        ``explicitness`` and ``factor_vae`` (on the table).
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
        "factor_vae": factor_vae_table(codes, factors, seed=seed),
    }


def mig(codes: np.ndarray, factors: np.ndarray, bins: int = BINS) -> float:
    r"""Mutual information gap (Chen et al. 2018, arXiv 1802.04942, section 4.1).

    $$\frac1F \sum_k \frac{1}{H(v_k)} \Big( I(c_{j(k)}; v_k) - \max_{j \ne j(k)} I(c_j; v_k) \Big)$$

    with j(k) the code that knows most about factor k. Codes that know nothing score about 0.

    Args:
        codes, factors: The table, as in the module's docstring.
        bins: Equal intervals between its smallest and largest value that each code is cut into.

    Raises:
        ValueError: A bad table (see `check_table`), or fewer than 2 bins.
    """
    information = np.sort(mutual_information(codes, factors, bins), axis=0)
    entropy = np.array([mutual_info_score(column, column) for column in np.asarray(factors).T])
    return float(np.mean((information[-1] - information[-2]) / entropy))


def modularity(codes: np.ndarray, factors: np.ndarray, bins: int = BINS) -> float:
    r"""Modularity (Ridgeway and Mozer 2018, arXiv 1802.05312, section 3): does each code know of one factor only?

    $$\frac1C \sum_j \Big( 1 - \frac{\sum_{k \ne k(j)} I(c_j; v_k)^2}{(F - 1)\, I(c_j; v_{k(j)})^2} \Big)$$

    with k(j) the factor that code j knows most about. A code that is exactly independent of all factors counts 0. But
    of codes that are noise the *estimated* information is small and uneven, and the score, being a ratio, then lies
    anywhere up to about 0.6: read it beside `explicitness` or `mig`, never alone.

    Raises:
        ValueError: As `mig`.
    """
    squared = mutual_information(codes, factors, bins) ** 2
    best = squared.max(axis=1)
    known = best > 1e-20  # what rounding leaves of no information
    others = (squared.sum(axis=1) - best)[known] / (best[known] * (squared.shape[1] - 1))
    return float(np.sum(1 - others) / len(squared))


def mutual_information(codes: np.ndarray, factors: np.ndarray, bins: int = BINS) -> np.ndarray:
    """Estimated mutual information between each code, cut into bins, and each factor, in nats → (C, F).

    With N rows and L levels the estimate is too high by about (bins − 1)(L − 1)/(2N) nats for an unrelated pair.
    """
    codes, factors = check_table(codes, factors)
    if bins < 2:
        raise ValueError(f"bins is {bins}: expected at least 2, for with 1 every code is constant")
    cut = [np.digitize(c, np.histogram_bin_edges(c, bins)[1:-1]) for c in codes.T]
    return np.array([[mutual_info_score(f, c) for f in factors.T] for c in cut])


def dci(codes: np.ndarray, factors: np.ndarray, estimator: ClassifierMixin | None = None, seed: int = 0) -> DCI:
    """Disentanglement, completeness, informativeness (Eastwood and Williams 2018, openreview By-7dz-AZ, section 2).

    A classifier predicts each factor from all codes. From R, the importance of each code for each factor, follow
    `disentanglement_of` and `completeness_of`; the accuracy on held-out rows is the informativeness. (The paper has
    the error there; the accuracy is the reference's.) Codes that know nothing score about 0, 0 and what guessing gets.

    Args:
        codes, factors: The table, as in the module's docstring.
        estimator: A scikit-learn classifier with `feature_importances_` once fitted. The default is the reference's,
            gradient-boosted trees, which take a minute or more for 10,000 rows of factors with ten levels; a random
            forest, one of the paper's choices, takes seconds.
        seed: Of the split into 2/3 training and 1/3 test rows, and of the estimator unless it has a `random_state`.

    Raises:
        ValueError: A bad table, too few rows of a level (see `split_rows`), or an estimator without importances.
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
        accuracies.append([np.mean(model.predict(codes[rows]) == factor[rows]) for rows in (test, train)])
    on_test, on_train = np.mean(accuracies, axis=0)
    return DCI(disentanglement_of(importance), completeness_of(importance), float(on_test), float(on_train), importance)


def seeded(estimator: ClassifierMixin, seed: int) -> ClassifierMixin:
    """A fresh copy of an estimator, with a seed if it can take one and has none."""
    copy = clone(estimator)
    return copy.set_params(random_state=seed) if copy.get_params().get("random_state", 0) is None else copy


def disentanglement_of(importance: np.ndarray) -> float:
    """Mean over codes of 1 − H(factors | code)/log F, with R (C, F) read as probabilities.

    The mean is weighted by each code's share of R, so that codes that matter to no factor have weight 0.
    """
    shares = importance.sum(axis=1) / importance.sum()
    used = shares > 0
    rows = importance[used] / importance[used].sum(axis=1, keepdims=True)
    return float(shares[used] @ (1 - entr(rows).sum(axis=1) / np.log(importance.shape[1])))


def completeness_of(importance: np.ndarray) -> float:
    """Mean over factors of 1 − H(codes | factor)/log C, by R (C, F) read as probabilities; weighted as above."""
    return disentanglement_of(importance.T)


def sap(codes: np.ndarray, factors: np.ndarray, continuous: bool | Sequence[bool] = False, seed: int = 0) -> float:
    """Separated attribute predictability (Kumar et al. 2018, openreview H1kG7GZAW, section 3).

    How well each code alone predicts each factor: for a continuous factor the squared correlation with its level, over
    all rows; for a discrete one the accuracy on held-out rows of a linear support-vector classifier (C = 0.01, balanced
    classes). The score is the mean over factors of the gap between the two best codes.

    Codes that know nothing score about 0. Perfect codes score 1 for continuous factors. For a discrete factor of L
    levels the best is 1 − 1/L, since the second code still guesses right at times, and less beyond two levels, since
    one straight line can't tell a middle level from those beside it.

    Args:
        codes, factors: The table, as in the module's docstring.
        continuous: Whether the factors are continuous; one answer, or one a factor. The default is the reference's.
        seed: Of the split into 2/3 training and 1/3 test rows.

    Raises:
        ValueError: A bad table, too few rows of a level (see `split_rows`), or another number of answers than factors.
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
    """R² of the straight line that predicts a factor from a code; 0 for a constant code."""
    return 0.0 if np.ptp(code) == 0 else float(np.corrcoef(code, factor)[0, 1] ** 2)


def linear_accuracy(code: np.ndarray, factor: np.ndarray, rows: tuple[np.ndarray, np.ndarray]) -> float:
    """Accuracy on test rows of the support-vector classifier of the reference, given one code."""
    train, test = rows
    # `dual` chooses the solver, not the solution; for one column the primal problem is far quicker
    model = LinearSVC(C=0.01, class_weight="balanced", dual=False).fit(code[train, None], factor[train])
    return float(np.mean(model.predict(code[test, None]) == factor[test]))


def explicitness(codes: np.ndarray, factors: np.ndarray, seed: int = 0) -> float:
    """Explicitness (Ridgeway and Mozer 2018, arXiv 1802.05312, section 3): can a linear model read the factors?

    Logistic regression predicts each factor from all codes, brought to mean 0 and standard deviation 1; the score is
    the area under the ROC curve of each level against the rest on held-out rows, mean over levels, then over factors.
    Codes that know nothing score about 0.5.

    Raises:
        ValueError: A bad table, or too few rows of a level (see `split_rows`).
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
    represent: Represent,
    sample_factors: SampleFactors,
    batch_size: int = 64,
    train_votes: int = 10_000,
    test_votes: int = 5_000,
    variance_rows: int = 10_000,
    seed: int = 0,
) -> float:
    """The FactorVAE score (Kim and Mnih 2018, arXiv 1802.05983, section 4), on freshly drawn data as published.

    One vote: choose a factor at random; draw a batch with that factor held at one level; the vote goes to the code that
    varies least in it, as a share of its variance over all data. Each code then stands for the factor that the training
    votes chose it for most often; the score is how often that is right on the test votes. Codes that know nothing score
    about 1/F. Constant codes take no part.

    Args:
        represent: Factors (n, F) → codes (n, C): draws the images and asks the model.
        sample_factors: (n, random generator) → factors (n, F), such as `glyphs.sample_factors`.
        batch_size, variance_rows: Rows that one vote looks at, and that each code's variance is estimated from.
        train_votes, test_votes: How many votes; the defaults are the reference's, 960,000 rows in all. Where there are
            few combinations of factors, represent each once and let `represent` look them up.
        seed: Of everything random.

    Raises:
        ValueError: Codes that aren't (n, C), not finite, or all constant; sizes too small.
    """
    check_sizes(batch_size, train_votes, test_votes, variance_rows)
    rng = np.random.default_rng(seed)

    def draw(votes: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        factors = np.array(sample_factors(votes * batch_size, rng)).reshape(votes, batch_size, -1)
        chosen, vote = rng.integers(factors.shape[2], size=votes), np.arange(votes)
        factors[vote, :, chosen] = factors[vote, 0, chosen][:, None]
        codes = check_codes(represent(factors.reshape(votes * batch_size, -1)), votes * batch_size)
        return codes.reshape(votes, batch_size, -1), chosen

    everything = check_codes(represent(factors := np.asarray(sample_factors(variance_rows, rng))), variance_rows)
    check_varied(everything)
    return vote_accuracy(draw, everything, (factors.shape[1], train_votes, test_votes), rng)


def factor_vae_table(
    codes: np.ndarray,
    factors: np.ndarray,
    batch_size: int = 64,
    train_votes: int = 10_000,
    test_votes: int = 5_000,
    seed: int = 0,
) -> float:
    """The FactorVAE score of `factor_vae` on a fixed table instead of freshly drawn data.

    A batch with one factor held is drawn, with replacement, from the rows that share that factor's level with a row
    chosen at random. If the table's factors were drawn independently, such batches are distributed as the published.

    Args:
        codes, factors: The table, as in the module's docstring.
        batch_size, train_votes, test_votes, seed: As `factor_vae`.

    Raises:
        ValueError: A bad table, a level with fewer rows than one batch, or sizes too small.
    """
    codes, factors = check_table(codes, factors)
    check_sizes(batch_size, train_votes, test_votes, len(codes))
    rarest = min(np.unique(column, return_counts=True)[1].min() for column in factors.T)
    if rarest < batch_size:
        raise ValueError(
            f"a level has only {rarest} rows for batches of {batch_size}: give more rows or a smaller batch"
        )
    order, ranks = np.argsort(factors, axis=0, kind="stable"), np.sort(factors, axis=0)

    def draw(votes: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        chosen, first = rng.integers(factors.shape[1], size=votes), rng.integers(len(factors), size=votes)
        rows = np.empty((votes, batch_size), dtype=int)
        for vote, (k, row) in enumerate(zip(chosen, first, strict=True)):
            low, high = np.searchsorted(ranks[:, k], [factors[row, k], factors[row, k] + 1])
            rows[vote] = order[rng.integers(low, high, size=batch_size), k]
        return codes[rows], chosen

    shape = (factors.shape[1], train_votes, test_votes)
    return vote_accuracy(draw, codes, shape, np.random.default_rng(seed))


def vote_accuracy(draw: DrawBatches, everything: np.ndarray, shape: VoteShape, rng: np.random.Generator) -> float:
    """How often the code that varies least names the factor that was held.

    Args:
        draw: (n, random generator) → codes (n, batch, C) with one factor held in each batch, and which (n,).
        everything: (rows, C), codes with nothing held.
        shape: Number of factors, of training votes and of test votes.
        rng: Of the draws.
    """
    factors, train_votes, test_votes = shape
    variances = np.where(np.ptp(everything, axis=0) > 0, everything.var(axis=0, ddof=1), 0)
    named = count_votes(draw, train_votes, variances, factors, rng).argmax(axis=0)
    right = count_votes(draw, test_votes, variances, factors, rng)[named, np.arange(len(named))]
    return float(right.sum() / test_votes)


def count_votes(
    draw: DrawBatches, votes: int, variances: np.ndarray, factors: int, rng: np.random.Generator
) -> np.ndarray:
    """How often each code varied least, relative to `variances` (C,), when each factor was held → (factors, C)."""
    counts = np.zeros((factors, len(variances)), dtype=int)
    for start in range(0, votes, VOTES_AT_ONCE):
        codes, held = draw(min(VOTES_AT_ONCE, votes - start), rng)
        local = codes.var(axis=1, ddof=1)
        # a code that is constant over all data would vary least every time
        relative = np.divide(local, variances, out=np.full_like(local, np.inf), where=variances > 0)
        np.add.at(counts, (held, relative.argmin(axis=1)), 1)
    return counts


def split_rows(factors: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of a random 2/3 to fit on and of the other 1/3 to test on.

    Raises:
        ValueError: A level of a factor is missing from one part: it has too few rows.
    """
    order = np.random.default_rng(seed).permutation(len(factors))
    train, test = np.split(order, [round(TRAIN_SHARE * len(order))])
    for k, column in enumerate(factors.T):
        for rows in (train, test):
            missing = np.setdiff1d(column, column[rows])
            if len(missing):
                raise ValueError(f"level {missing[0]} of factor {k} has too few rows to train and test: give more rows")
    return train, test


def check_table(codes: np.ndarray, factors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The table as float64 (N, C) and integer (N, F) arrays.

    Raises:
        ValueError: Shapes that don't fit together, fewer than 2 codes or 2 factors, codes that aren't finite or are all
            constant, factors that aren't integers, or a constant factor.
    """
    factors = np.asarray(factors)
    if factors.ndim != 2 or factors.shape[1] < 2:
        raise ValueError(f"factors have shape {factors.shape}: expected (N, F) with at least 2 factors")
    if not np.issubdtype(factors.dtype, np.integer):
        raise ValueError(
            f"factors are {factors.dtype}: expected integers; number the levels (np.unique's inverse does)"
        )
    codes = check_codes(codes, len(factors))
    for k, column in enumerate(factors.T):
        if len(np.unique(column)) < 2:
            raise ValueError(f"factor {k} has a single level, so no code can know of it: leave it out")
    check_varied(codes)
    return codes, factors


def check_codes(codes: np.ndarray, rows: int) -> np.ndarray:
    """Codes of that many rows as float64 (rows, C), or a ValueError that says what is wrong with them."""
    codes = np.asarray(codes, dtype=float)
    if codes.ndim != 2 or codes.shape[1] < 2:
        raise ValueError(f"codes have shape {codes.shape}: expected (N, C) with at least 2 codes")
    if len(codes) != rows:
        raise ValueError(f"there are {len(codes)} rows of codes for {rows} rows of factors: expected as many")
    if not np.isfinite(codes).all():
        raise ValueError(f"codes hold {np.sum(~np.isfinite(codes))} values that are NaN or infinite")
    return codes


def check_varied(codes: np.ndarray) -> None:
    """A ValueError if no code ever changes."""
    if not np.ptp(codes, axis=0).any():
        raise ValueError("every code is constant: they can't tell any two images apart, and there is nothing to score")


def check_sizes(batch_size: int, *others: int) -> None:
    """A ValueError unless a variance can be had from each batch and at least one of everything is asked for."""
    if batch_size < 2 or min(others) < 1:
        raise ValueError(f"batch_size is {batch_size} and votes or rows {others}: expected at least 2, and 1 each")
