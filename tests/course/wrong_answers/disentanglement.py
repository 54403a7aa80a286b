"""Wrong answers to the exercises of notebook 5."""

# The check, a wrong answer, and what the printed line must say
WRONG = [
    ("one_to_one_accuracy", "lambda n: n.max(1).sum() / n.sum()", "purity"),
    ("one_to_one_accuracy", "lambda n: n.max(0).sum() / n.sum()", "serves two digits"),
    ("one_to_one_accuracy", "lambda n: np.trace(n) / n.sum()", "diagonal"),
    ("one_to_one_accuracy", "lambda n: n[linear_sum_assignment(n)].sum() / n.sum()", "worst matching"),
    ("one_to_one_accuracy", "lambda n: n[linear_sum_assignment(-n)].sum()", "Divide by the number"),
    ("one_to_one_accuracy", "lambda n: 13 / 28", "never takes it back"),
    ("one_to_one_accuracy", "lambda n: 15 / 28", "Three categories for two digits"),
    ("strength_within", "lambda c, m, k: abs(spearman(c, m))", "pools the categories"),
    ("strength_within", "lambda c, m, k: within(c, m, k).mean()", "signs cancel"),
    (
        "strength_within",
        "lambda c, m, k: abs(within(c, m, k, lambda a, b: np.corrcoef(a, b)[0, 1])).mean()",
        "Pearson's",
    ),
    ("strength_within", "lambda c, m, k: (within(c, m, k) ** 2).mean()", "Take |ρ|"),
    ("strength_within", "lambda c, m, k: abs(within(c, m, k))", "one value per category"),
    ("turn_codes", "lambda c, d: turned(c, math.radians(d), -1)", "the other way"),
    ("turn_codes", "lambda c, d: turned(c, d)", "radians"),
    ("turn_codes", "lambda c, d: turned(c, math.radians(d)) * torch.tensor([1, -1])", "mirror image"),
    ("turn_codes", "lambda c, d: turned(c, math.radians(d)).flip(1)", "swapped"),
    ("turn_codes", "lambda c, d: turned(c, math.radians(d))[:, 0]", "Return both"),
    ("mutual_information_gap", "lambda i, h: np.mean(np.diff(np.sort(i, 0), axis=0)[-1])", "factor's entropy"),
    ("mutual_information_gap", "lambda i, h: np.mean(i.max(0) / h)", "Subtract the second"),
    ("mutual_information_gap", "lambda i, h: np.mean(np.ptp(i, axis=0) / h)", "subtracts the smallest"),
    ("mutual_information_gap", "lambda i, h: np.mean(np.diff(np.sort(i, 1), axis=1)[:, -1])", "down the columns"),
    ("mutual_information_gap", "lambda i, h: np.diff(np.sort(i, 0), axis=0)[-1] / h", "Take the mean"),
]
