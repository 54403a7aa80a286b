"""Wrong answers to the exercises of notebook 2."""

# The check, a wrong answer, and what the printed line must say
WRONG = [
    ("categorical_bound", "lambda l, c: -F.cross_entropy(l, c)", "H(c) = log K is missing"),
    ("categorical_bound", "lambda l, c: F.cross_entropy(l, c) + math.log(3)", "sign"),
    ("categorical_bound", "lambda l, c: math.log(3) - F.cross_entropy(l.softmax(1), c)", "softmax is applied twice"),
    ("gaussian_log_density", "lambda v, m, s: -0.919 - s - 0.5 * (v - m) ** 2 / s.exp()", "should be"),
    ("gaussian_log_density", "lambda v, m, s: torch.distributions.Normal(m, (s / 2).exp()).log_prob(v) - s / 2", "σ²"),
    (
        "gaussian_log_density",
        "lambda v, m, s: torch.distributions.Normal(m, s.exp()).log_prob(v) + s",
        "−log σ is missing",
    ),
    ("gaussian_log_density", "lambda v, m, s: -s - 0.5 * ((v - m) / s.exp()) ** 2", "constant"),
    ("fixed_std_ceiling", "lambda s: -0.5 * math.log(2 * math.pi) - math.log(s)", "entropy of the prior"),
    ("fixed_std_ceiling", "lambda s: math.log(2)", "isn't the ceiling"),
    ("fixed_std_ceiling", "lambda s: math.log(2) - 0.5 * math.log(2 * math.pi) + math.log(s)", "wrong sign"),
    ("batch_needed", "lambda s, e: math.ceil(s / e)", "squared"),
    ("batch_needed", "lambda s, e: int((s / e) ** 2)", "Round up"),
    ("categorical_bound", "lambda l, c: math.log(3) - F.cross_entropy(l, c)", "Take K from the logits"),
    (
        "categorical_bound",
        "lambda l, c: (math.log(l.shape[1]) - F.cross_entropy(l, c)).item()",
        "no gradient flows back",
    ),
    ("gaussian_log_density", "lambda v, m, s: -0.919 - s / 2 - 0.5 * (v - m) ** 2 / s.exp()", "should be"),
    (
        "gaussian_log_density",
        "lambda v, m, s: torch.distributions.Normal(m, s.exp()).log_prob(v) + 2 * s",
        "wrong sign",
    ),
    ("gaussian_log_density", "lambda v, m, s: torch.distributions.Normal(m, s.detach().exp()).log_prob(v)", "gradient"),
    ("code_bounds", "lambda l, c, m, s, v: ours(l, c, m, s, v).sum()", "should be an array of shape (4,)"),
    ("code_bounds", "lambda l, c, m, s, v: ours(l, c, m, s, v).detach()", "no gradient flows back"),
    ("code_bounds", "lambda l, c, m, s, v: ours(l, c, m, s, v).roll(2)", "The continuous codes come last"),
    ("code_bounds", "lambda l, c, m, s, v: ours(l, c, m, s / 2, v)", "σ is exp(log_std)"),
    ("code_bounds", "lambda l, c, m, s, v: ours(l, c, m, s, v) - math.log(2)", "should be"),
]
