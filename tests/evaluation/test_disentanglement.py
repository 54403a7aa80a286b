"""Disentanglement scores on tables whose scores were computed by hand or are known by construction."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import product

import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from infogan_lib.data import glyphs
from infogan_lib.evaluation import disentanglement as d
from infogan_lib.latents import CodeSpec
from infogan_lib.models import InferredCodes, InfoGAN

LEVELS = 4
N = 1000
LOG2 = np.log(2)
Score = Callable[[np.ndarray, np.ndarray], float]


@cache
def boosted(codes: bytes, factors: bytes, rows: int) -> d.DCI:
    """`dci` with the default estimator, computed once per table because boosted trees are slow."""
    return d.dci(np.frombuffer(codes).reshape(rows, -1), np.frombuffer(factors, int).reshape(rows, -1))


def dci(codes: np.ndarray, factors: np.ndarray) -> d.DCI:
    if len(codes) != len(factors) or codes.ndim != 2 or factors.ndim != 2 or factors.dtype != int:
        return d.dci(codes, factors)  # which raises
    return boosted(codes.astype(float).tobytes(), factors.tobytes(), len(codes))


# All scores use the whole table; FactorVAE with few enough votes for a test
SCORES: dict[str, Score] = {
    "mig": d.mig,
    "disentanglement": lambda c, f: dci(c, f).disentanglement,
    "completeness": lambda c, f: dci(c, f).completeness,
    "informativeness": lambda c, f: dci(c, f).informativeness,
    "sap": lambda c, f: d.sap(c, f, continuous=True),
    "modularity": d.modularity,
    "explicitness": d.explicitness,
    "factor_vae": lambda c, f: d.factor_vae(c, f, batch_size=48, train_votes=2000, test_votes=1000),
}


@pytest.fixture(scope="module")
def factors() -> np.ndarray:
    """1,000 rows of three factors of four levels."""
    return np.random.default_rng(0).integers(0, LEVELS, (N, 3))


def rotated(factors: np.ndarray) -> np.ndarray:
    """The first two factors rotated by 45°, and the third unchanged."""
    c = factors - 1.5
    return np.stack([(c[:, 0] + c[:, 1]) / np.sqrt(2), (c[:, 0] - c[:, 1]) / np.sqrt(2), c[:, 2]], axis=1)


def noise(n: int = N, codes: int = 3) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(n, codes))


@pytest.mark.parametrize("name", SCORES)
def test_perfect_codes_score_one(name: str, factors: np.ndarray) -> None:
    codes = np.stack([5.0 - 2 * factors[:, 1], factors[:, 2], 0.1 * factors[:, 0]], axis=1)
    assert SCORES[name](codes, factors) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("name", "chance", "within"),
    [
        ("mig", 0, 0.01),
        ("disentanglement", 0, 0.02),
        ("completeness", 0, 0.02),
        ("informativeness", 1 / LEVELS, 0.05),
        ("sap", 0, 0.01),
        ("explicitness", 1 / 2, 0.03),
        ("factor_vae", 1 / 3, 0.04),
    ],
)
def test_random_codes_score_like_guessing(name: str, chance: float, within: float, factors: np.ndarray) -> None:
    assert SCORES[name](noise(), factors) == pytest.approx(chance, abs=within)


def test_modularity_of_noise_is_no_measure(factors: np.ndarray) -> None:
    """As its docstring warns, the score is well above 0 and well below 1."""
    values = [d.modularity(np.random.default_rng(s).normal(size=(N, 3)), factors) for s in range(5)]
    assert min(values) > 0.1 and max(values) < 0.7


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("mig", 0.30, 0.37),  # the third factor has 1, the rotated pair almost 0
        ("disentanglement", 0.4, 0.7),
        ("completeness", 0.4, 0.7),
        ("sap", 0.32, 0.36),  # the third factor has 1, the rotated pair 0, mean 1/3
        ("modularity", 0.65, 0.69),  # the pair's codes are equally informative about two factors: (½ + ½ + 1)/3
        ("factor_vae", 0.61, 0.72),  # the third factor is always found, the pair half of the time: 2/3
    ],
)
def test_a_rotated_pair_lies_between(name: str, low: float, high: float, factors: np.ndarray) -> None:
    assert low < SCORES[name](rotated(factors), factors) < high


@pytest.mark.parametrize("name", SCORES)
def test_order_and_sign_of_codes_do_not_matter(name: str, factors: np.ndarray) -> None:
    codes = rotated(factors) + 0.3 * noise()
    changed = codes[:, [2, 0, 1]] * [-1, 1, -1]
    within = {"disentanglement": 0.01, "completeness": 0.01, "informativeness": 0.01}.get(name, 1e-3)
    assert SCORES[name](changed, factors) == pytest.approx(SCORES[name](codes, factors), abs=within)


@pytest.mark.parametrize("name", ["mig", "sap", "explicitness", "factor_vae"])
def test_same_seed_same_score(name: str, factors: np.ndarray) -> None:
    codes = rotated(factors)[:600] + noise(600)
    assert SCORES[name](codes, factors[:600]) == SCORES[name](codes, factors[:600])


# Four rows of two fair bits a and b; the codes are a, and a-and-b
BITS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
A_AND_B = BITS[:, 0] * BITS[:, 1]
# I(ab; a) = H(ab) − H(ab | a): the entropy of 3 : 1 minus half the entropy of 1 : 1
KNOWN = (0.25 * np.log(4) + 0.75 * np.log(4 / 3)) - LOG2 / 2


def test_mutual_information_by_hand() -> None:
    codes = np.stack([BITS[:, 0], A_AND_B, -7 * BITS[:, 1], [0, 0, 0, 0]], axis=1)
    expected = [[LOG2, 0], [KNOWN, KNOWN], [0, LOG2], [0, 0]]
    np.testing.assert_allclose(d.mutual_information(codes, BITS), expected, atol=1e-12)


def test_mutual_information_cuts_codes_into_equal_bins() -> None:
    codes = np.stack([[0.0, 1.0, 4.9, 10.0], [0.0, 1.0, 5.1, 10.0]], axis=1)  # 2 bins meet at 5
    information = d.mutual_information(codes, BITS, bins=2)
    np.testing.assert_allclose(information[:, 0], [KNOWN, LOG2])


def test_mig_by_hand() -> None:
    two = np.stack([BITS[:, 0], A_AND_B], axis=1)
    assert d.mig(two, BITS) == pytest.approx(((LOG2 - KNOWN) + (KNOWN - 0)) / LOG2 / 2)
    three = np.stack([BITS[:, 0], A_AND_B, -A_AND_B], axis=1)
    assert d.mig(three, BITS) == pytest.approx((LOG2 - KNOWN) / LOG2 / 2)


def test_mig_divides_by_each_factors_own_entropy() -> None:
    table = np.array(list(product(range(2), range(8))))
    assert d.mig(table.astype(float), table) == pytest.approx(1)


def test_modularity_by_hand() -> None:
    assert d.modularity(np.stack([BITS[:, 0], A_AND_B], axis=1), BITS) == pytest.approx((1 + 0) / 2)
    assert d.modularity(np.stack([BITS[:, 0], np.zeros(4)], axis=1), BITS) == pytest.approx((1 + 0) / 2)
    three = np.array(list(product(range(2), repeat=3)))
    pair = three[:, 0] * three[:, 1]  # equally informative about two factors, and not about the third: 1 − 1/2
    assert d.modularity(np.stack([three[:, 0], pair], axis=1), three) == pytest.approx((1 + 0.5) / 2)


def test_disentanglement_and_completeness_by_hand() -> None:
    importance = np.array([[0.75, 0.25], [0.25, 0.75]])
    entropy = 0.25 * np.log(4) + 0.75 * np.log(4 / 3)
    assert d.disentanglement_of(importance) == pytest.approx(1 - entropy / LOG2)
    assert d.completeness_of(importance) == pytest.approx(1 - entropy / LOG2)
    # One code is used for both factors and the other is idle, which is complete but not disentangled
    idle = np.array([[1.0, 1.0], [0.0, 0.0]])
    assert d.disentanglement_of(idle) == pytest.approx(0)
    assert d.completeness_of(idle) == pytest.approx(1)
    # Weighted by share: a pure code has 3/4 of the importance, a mixed one has 1/4
    weighted = np.array([[3.0, 0.0], [0.5, 0.5]])
    assert d.disentanglement_of(weighted) == pytest.approx(0.75)
    # The logarithms have different bases for three codes and for two factors
    spread = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 3.0]])
    assert d.completeness_of(spread) == pytest.approx((3 * 0 + 3 * 1) / 6)


def test_dci_takes_a_forest_and_seeds_it(factors: np.ndarray) -> None:
    forest = RandomForestClassifier(20)
    codes = rotated(factors)[:600] + noise(600)
    first, second, other = (d.dci(codes, factors[:600], forest, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.importance, second.importance)
    assert (first.importance != other.importance).any()
    assert first.importance.shape == (3, 3) and first.importance.sum(0) == pytest.approx(1)
    assert not hasattr(forest, "estimators_"), "the estimator that was passed in stays unfitted"


def test_sap_of_continuous_factors_by_hand() -> None:
    codes = np.stack([BITS[:, 0], A_AND_B], axis=1)
    # corr(ab, a)² = (1/8)² / (3/16 · 1/4) = 1/3, and the same for b
    assert d.sap(codes, BITS, continuous=True) == pytest.approx(((1 - 1 / 3) + (1 / 3 - 0)) / 2)
    three = np.stack([BITS[:, 0], A_AND_B, np.zeros(4)], axis=1)
    assert d.sap(three[:, [0, 2]], BITS, continuous=True) == pytest.approx((1 + 0) / 2)


def test_sap_of_discrete_factors() -> None:
    bits = np.tile(BITS, (300, 1))
    gap = d.sap(bits.astype(float), bits)
    assert gap == pytest.approx(1 - 1 / 2, abs=0.05)  # 1 by its own code, one half by the other
    assert d.sap(bits.astype(float), bits, continuous=[True, False]) == pytest.approx((1 + gap) / 2, abs=0.05)
    assert d.sap(noise(1200, 2), bits) == pytest.approx(0, abs=0.06)


def test_explicitness_needs_a_linear_relation(factors: np.ndarray) -> None:
    bits = np.tile(BITS, (100, 1))
    exclusive = (bits[:, 0] ^ bits[:, 1]).astype(float)
    codes = np.stack([exclusive, bits[:, 0]], axis=1)  # b can only be computed as a xor (a xor b)
    assert d.explicitness(codes, bits) == pytest.approx((1 + 0.5) / 2, abs=0.08)


def test_factor_vae_does_not_depend_on_the_scale_of_a_code(factors: np.ndarray) -> None:
    """Only the variance relative to the whole table counts."""
    codes = (factors + 0.1 * noise()) * [1e-3, 1.0, 1e3]
    assert SCORES["factor_vae"](codes, factors) == 1


def test_factor_vae_fixes_one_factor_and_draws_the_others(factors: np.ndarray) -> None:
    """Where code 0 is factor 0, its variance is 0 in exactly the batches that fix factor 0."""
    votes = d.count_votes(factors.astype(float), factors, 300, 48, np.random.default_rng(0))
    assert (votes == np.diag(votes.diagonal())).all() and votes.sum() == 300 and votes.diagonal().min() > 70


def test_constant_codes_take_no_part(factors: np.ndarray) -> None:
    """A constant code varies least in every batch, although it has no information."""
    codes = np.stack([np.full(N, 0.5), *factors.T], axis=1)
    for name in ("factor_vae", "mig", "sap", "explicitness", "disentanglement"):
        assert SCORES[name](codes, factors) == pytest.approx(1, abs=0.01), name
    assert d.modularity(codes, factors) == pytest.approx(3 / 4, abs=0.01)


def test_all_scores_are_the_scores(factors: np.ndarray) -> None:
    forest = RandomForestClassifier(10, random_state=0)
    codes = rotated(factors) + 0.3 * noise()
    found = d.all_scores(codes, factors, continuous=[True, True, False], estimator=forest, seed=2)
    assert found["mig"] == d.mig(codes, factors)
    assert found["modularity"] == d.modularity(codes, factors)
    assert found["sap"] == d.sap(codes, factors, [True, True, False], seed=2)
    assert found["dci_completeness"] == d.dci(codes, factors, forest, seed=2).completeness
    assert found["factor_vae"] == d.factor_vae(codes, factors, seed=2)
    assert all(0 <= value <= 1 for value in found.values()) and len(found) == 8


def broken(codes: np.ndarray, value: float) -> np.ndarray:
    codes = codes.copy()
    codes[3, 1] = value
    return codes


@pytest.mark.parametrize("name", SCORES)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c, f: (c[:-1], f), "99 rows of codes for 100 rows of factors"),
        (lambda c, f: (c[:, 0], f), r"codes have shape \(100,\): expected \(N, C\)"),
        (lambda c, f: (c[:, :1], f), "at least 2 codes"),
        (lambda c, f: (broken(c, np.nan), f), "codes contain 1 values that are NaN or infinite"),
        (lambda c, f: (broken(c, -np.inf), f), "codes contain 1 values that are NaN or infinite"),
        (lambda c, f: (0 * c + 0.1, f), "every code is constant"),
        (lambda c, f: (c, f[:, 0]), r"factors have shape \(100,\): expected \(N, F\)"),
        (lambda c, f: (c, f[:, :1]), "at least 2 factors"),
        (lambda c, f: (c, f.astype(float)), "factors are float64: expected integers"),
        (lambda c, f: (c, f * [1, 0, 1]), "factor 1 has a single level"),
    ],
)
def test_bad_tables(name: str, change: Callable, message: str, factors: np.ndarray) -> None:
    with pytest.raises(ValueError, match=message):
        SCORES[name](*change(noise(100), factors[:100]))


@pytest.mark.parametrize("name", ["disentanglement", "explicitness"])
def test_too_rare_a_level(name: str, factors: np.ndarray) -> None:
    rare = factors[:100].copy()
    rare[0, 2] = 9
    with pytest.raises(ValueError, match="level 9 of factor 2 has too few rows to train and test"):
        SCORES[name](noise(100), rare)


def test_other_bad_input(factors: np.ndarray) -> None:
    with pytest.raises(ValueError, match="continuous has 2 answers for 3 factors"):
        d.sap(noise(), factors, continuous=[True, False])
    with pytest.raises(ValueError, match="LogisticRegression has no feature_importances_"):
        d.dci(noise(), factors, LogisticRegression())
    with pytest.raises(ValueError, match=r"a level has only \d+ rows, a batch 500"):
        d.factor_vae(noise(), factors, batch_size=500)
    with pytest.raises(ValueError, match="batch_size is 1"):
        d.factor_vae(noise(), factors, batch_size=1)


class Knowing(InfoGAN):
    """Knows the factors of the glyphs that it is given: its category is the digit, c1 the slant, c2 the width."""

    def infer(self, images: torch.Tensor) -> InferredCodes:
        factors = torch.from_numpy(glyphs.sample_glyphs(len(images), seed=5).factors)
        return InferredCodes([torch.eye(10)[factors[:, 0]]], factors[:, 1:3].float(), torch.ones(len(images), 2))


def test_glyph_scores_of_a_model_that_knows_the_factors_and_of_an_untrained_one() -> None:
    """There are three codes for four factors, and the thickness has no code. So the best MIG is 3/4."""
    perfect, untrained = (d.glyph_scores(m, 2000, seed=5) for m in (Knowing(), InfoGAN(width=0.1)))
    assert perfect["mig"] == pytest.approx(0.75, abs=0.02) and perfect["modularity"] > 0.99
    # A code's importance is 1 for its own factor and by chance 1/3 for the thickness: 1 − H(3/4, 1/4)/log 4
    assert perfect["dci_disentanglement"] == pytest.approx(0.594, abs=0.03)
    assert untrained["mig"] < 0.1 and untrained["sap"] < 0.1


def test_glyph_scores_need_two_codes_and_glyph_sized_images() -> None:
    with pytest.raises(ValueError, match="at least 2 codes"):
        d.glyph_scores(InfoGAN(CodeSpec((10,), 0, 8), width=0.1), 500)
    with pytest.raises(ValueError, match="shape"):
        d.glyph_scores(InfoGAN(architecture="svhn", width=0.1), 500)
