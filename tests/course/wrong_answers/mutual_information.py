"""Wrong answers to the exercises of notebook 2."""

# The check, a wrong answer, and what the printed line must say
CATEGORY = [
    ("lambda l, c: -F.cross_entropy(l, c)", "H(c) = log K is missing"),
    ("lambda l, c: F.cross_entropy(l, c) + math.log(3)", "sign"),
    ("lambda l, c: F.cross_entropy(l, c)", "That is the cross-entropy"),
    ("lambda l, c: math.log(3) - F.cross_entropy(l.softmax(1), c)", "softmax is applied twice"),
    ("lambda l, c: math.log(3) - F.cross_entropy(l, c)", "Take K from the logits"),
    ("lambda l, c: math.log(len(c)) - F.cross_entropy(l, c)", "number of columns"),
    ("lambda l, c: math.log(l.shape[1]) - F.cross_entropy(l, c, reduction='sum')", "Take the mean"),
    ("lambda l, c: math.log(l.shape[1]) - F.cross_entropy(l, c, reduction='sum') / 4", "number of images"),
    ("lambda l, c: math.log(l.shape[1]) - F.cross_entropy(l, c, reduction='none')", "should be one number"),
    ("lambda l, c: math.log2(l.shape[1]) - F.cross_entropy(l, c)", "H(c) is in bits"),
    ("lambda l, c: (math.log(l.shape[1]) - F.cross_entropy(l, c)) / math.log(2)", "That is in bits"),
    ("lambda l, c: l.log_softmax(0).gather(1, c[:, None]).mean() + math.log(l.shape[1])", "dim=1"),
    (
        "lambda l, c: l.log_softmax(1).gather(1, c).mean()",
        "Four images with K = 3: your code stopped with RuntimeError",
    ),
    ("lambda l, c: l.log_softmax(1).mean() + math.log(l.shape[1])", "averages over all K codes"),
    ("lambda l, c: l.log_softmax(1)[:, c].mean() + math.log(l.shape[1])", "pairs every image with every code"),
    ("lambda l, c: l.log_softmax(1)[c].mean() + math.log(l.shape[1])", "picks rows"),
    ("lambda l, c: math.log(10) - F.cross_entropy(l, c)", "K isn't always 10"),
    ("lambda l, c: l.gather(1, c[:, None]).mean() + math.log(l.shape[1])", "without a softmax"),
    ("lambda l, c: l.softmax(1).gather(1, c[:, None]).mean() + math.log(l.shape[1])", "averages Q instead"),
    ("lambda l, c: l.softmax(1).gather(1, c[:, None]).mean().log() + math.log(l.shape[1])", "before it takes"),
    ("lambda l, c: l.softmax(1).gather(1, c[:, None]).log().mean() + math.log(l.shape[1])", "Use log_softmax"),
    ("lambda l, c: (l.softmax(1).gather(1, c[:, None]) + 1e-12).log().mean() + math.log(l.shape[1])", "logit of 150"),
    ("lambda l, c: l.log_softmax(1)[np.arange(len(c)), c].mean().item() + math.log(l.shape[1])", "no gradient flows"),
    ("lambda l, c: math.log(l.shape[1]) - F.cross_entropy(l.detach(), c)", "no gradient flows"),
    ("lambda l, c: torch.tensor(math.log(l.shape[1]) - F.cross_entropy(l, c).numpy())", "no gradient flows"),
    (
        "lambda l, c: math.log(l.shape[1]) - F.cross_entropy(l, c) + 0 * l.sub_(l.mean(1, keepdim=True)).sum()",
        "changes",
    ),
    (
        "lambda l, c: 0.5 * (l - l.detach()).sum() + math.log(l.shape[1]) - F.cross_entropy(l.detach(), c)",
        "gradient isn't",
    ),
]
DENSITY = [
    ("lambda v, m, s: -0.919 - s - 0.5 * (v - m) ** 2 / s.exp()", "should be"),
    ("lambda v, m, s: torch.distributions.Normal(m, (s / 2).exp()).log_prob(v) - s / 2", "σ²"),
    ("lambda v, m, s: torch.distributions.Normal(m, (s / 2).exp()).log_prob(v)", "reads the argument as log σ²"),
    ("lambda v, m, s: torch.distributions.Normal(m, s.exp()).log_prob(v) + s", "−log σ is missing"),
    ("lambda v, m, s: torch.distributions.Normal(m, s.exp()).log_prob(v) + 2 * s", "wrong sign"),
    ("lambda v, m, s: -torch.distributions.Normal(m, s.exp()).log_prob(v)", "that is the loss"),
    ("lambda v, m, s: torch.distributions.Normal(m, s.exp()).log_prob(v).exp()", "That is the density"),
    ("lambda v, m, s: torch.distributions.Normal(m, s.exp()).log_prob(v) / math.log(2)", "in bits"),
    ("lambda v, m, s: torch.distributions.Normal(m, s.exp()).log_prob(v).sum()", "should be an array"),
    ("lambda v, m, s: torch.distributions.Normal(m, s.exp()).log_prob(v).mean()", "should be an array"),
    ("lambda v, m, s: -s - 0.5 * ((v - m) / s.exp()) ** 2", "constant"),
    ("lambda v, m, s: -math.log(2 * math.pi) - s - 0.5 * ((v - m) / s.exp()) ** 2", "the ½ is missing"),
    ("lambda v, m, s: -0.5 * math.log(2 * math.pi) - s - ((v - m) / s.exp()) ** 2", "factor ½"),
    ("lambda v, m, s: -0.5 * math.log(2 * math.pi) - s - 0.5 * ((v - m) / s.exp()).abs()", "must be squared"),
    ("lambda v, m, s: -0.5 * math.log(2 * math.pi) - s - 0.5 * (v - m) ** 2", "isn't divided by σ²"),
    ("lambda v, m, s: -0.5 * math.log(2 * math.pi) - s - 0.5 * ((v - m) / s) ** 2", "Apply exp first"),
    ("lambda v, m, s: -0.5 * math.log(2 * math.pi) - s.exp() - 0.5 * ((v - m) / s.exp()) ** 2", "σ is used in place"),
    ("lambda v, m, s: -0.5 * math.log(2 * math.pi) - s + 0.5 * ((v - m) / s.exp()) ** 2", "falls away"),
    ("lambda v, m, s: torch.distributions.Normal(m, s.detach().exp()).log_prob(v)", "no gradient flows"),
    ("lambda v, m, s: torch.distributions.Normal(m, s.detach().exp()).log_prob(v) + 0 * s", "the gradient isn't"),
    ("lambda v, m, s: torch.distributions.Normal(m.detach(), s.exp()).log_prob(v) + 0 * m", "the gradient isn't"),
    ("lambda v, m, s: torch.distributions.Normal(m, s.exp_()).log_prob(v)", "changes its argument"),
    ("lambda v, m, s: torch.tensor(torch.distributions.Normal(m, s.exp()).log_prob(v).numpy())", "no gradient flows"),
    ("lambda v, m, s: torch.tensor([-0.7626, -1.4650])", "should be"),
    ("lambda v, m, s: torch.distributions.Normal(m, s.exp()).log_prob(v) if v.ndim == 1 else v", "at [0, 0]"),
]
CODES = [
    ("lambda l, c, m, s, v: ours(l, c, m, s, v).sum()", "should be an array of shape (4,)"),
    ("lambda l, c, m, s, v: ours(l, c, m, s, v).mean()", "should be an array of shape (4,)"),
    ("lambda l, c, m, s, v: ours(l, c, m, s, v).detach()", "no gradient flows back"),
    ("lambda l, c, m, s, v: torch.tensor(ours(l, c, m, s, v).tolist())", "torch.tensor and numpy"),
    ("lambda l, c, m, s, v: list(ours(l, c, m, s, v))", "Return a tensor, and not a list"),
    ("lambda l, c, m, s, v: ours([x.detach() for x in l], c, m, s, v)", "the first category's logits"),
    ("lambda l, c, m, s, v: ours([*l[:1], *[x.detach() for x in l[1:]]], c, m, s, v)", "second category's logits"),
    ("lambda l, c, m, s, v: ours(l, c, m.detach(), s, v) + 0 * m.sum()", "Gradient for the means"),
    ("lambda l, c, m, s, v: ours(l, c, m, s.detach(), v) + 0 * s.sum()", "Gradient for log σ"),
    ("lambda l, c, m, s, v: ours(l, c, m, s, v).roll(2)", "categorical codes come first"),
    ("lambda l, c, m, s, v: ours(l, c, m, s / 2, v)", "log σ, not log σ²"),
    ("lambda l, c, m, s, v: ours(l, c, m, 0 * s, v)", "log_std is left out"),
    ("lambda l, c, m, s, v: ours(l, c, m, s, v) - math.log(2)", "should be"),
    ("lambda l, c, m, s, v: ours(l, c, m, s, v) / math.log(2)", "That is in bits"),
    ("lambda l, c, m, s, v: ours([x.softmax(1) for x in l], c, m, s, v)", "softmax is applied twice"),
    ("lambda l, c, m, s, v: -ours(l, c, m, s, v)", "should be"),
    ("lambda l, c, m, s, v: ours(l[:1], c[:, :1], m, s, v)", "should be an array of shape (4,)"),
    ("lambda l, c, m, s, v: ours(l, c, m, s, v) if len(l) == 2 else ours(l, c, m, s, v)[:3]", "shape (4,)"),
    ("lambda l, c, m, s, v: ours(l, c, m.mul_(1.0001), s, v)", "changes its argument"),
    ("lambda l, c, m, s, v: ours([l.pop(), *l][::-1], c, m, s, v)", "changes its argument"),
    (
        "lambda l, c, m, s, v: ours(l, c, m, s, v) - torch.tensor([3, 5, 2, 2]).log()",
        "E[log Q] alone",
    ),
    (
        "lambda l, c, m, s, v: ours(l, c, m, s, v) - torch.tensor([0, 0, math.log(2), math.log(2)])",
        "The entropy of a continuous code",
    ),
    (
        "lambda l, c, m, s, v: ours(l, c, m, s, v) - torch.tensor([0, 0, 2 * math.log(2), 2 * math.log(2)])",
        "log 2, not −log 2",
    ),
    (
        "lambda l, c, m, s, v: ours(l, c, m, s, v) + torch.tensor([math.log(10 / 3), math.log(10 / 5), 0, 0])",
        "Here K isn't 10",
    ),
    (
        "lambda l, c, m, s, v: ours(l, c, m, s, v) + torch.tensor([0, math.log(3 / 5), 0, 0])",
        "its own log K",
    ),
    (
        "lambda l, c, m, s, v: torch.stack([math.log(x.shape[1]) - F.cross_entropy(x, k) for x, k in zip(l, c.T)] + "
        "[d.mean() + math.log(2) for d in objectives.gaussian_log_density(v, m, s).T])[: 4 if len(l) == 2 else 3]",
        "shape (4,)",
    ),
    (
        "lambda l, c, m, s, v: torch.cat([ours(l, c, m, s, v)[: len(l)], "
        "objectives.gaussian_log_density(v, m, s).mean(1) + math.log(2)])",
        "should be an array of shape (4,)",
    ),
    (
        "lambda l, c, m, s, v: torch.cat([torch.stack([math.log(x.shape[1]) - F.cross_entropy(x, k) for x, k in "
        "zip(l, c.T)]), objectives.gaussian_log_density(v, m, s).mean(0) + math.log(2)])",
        "only c1: your code stopped",
    ),
]
ERROR = [
    ("lambda b: 2 * (-0.226 - b)", "Something is rounded"),
    ("lambda b: (2 * (math.log(2) - 0.5 * math.log(2 * math.pi) - b)) ** 0.5", "That is the error"),
    ("lambda b: math.log(2) - 0.5 * math.log(2 * math.pi) - b", "needs a factor 2"),
    ("lambda b: (math.log(2) - 0.5 * math.log(2 * math.pi) - b) / 2", "wrong way round"),
    ("lambda b: 2 * (b - math.log(2) + 0.5 * math.log(2 * math.pi))", "never negative"),
    ("lambda b: 2 * (-0.5 * math.log(2 * math.pi) - b)", "log 2, is missing"),
    ("lambda b: 2 * (math.log(0.5) - 0.5 * math.log(2 * math.pi) - b)", "is +log 2"),
    ("lambda b: 2 * (math.log(2) - b)", "−½ log 2π is missing"),
    ("lambda b: 2 * (math.log(2) - math.log(2 * math.pi) - b)", "the ½ is missing"),
    ("lambda b: 2 * (math.log10(2) - 0.5 * math.log10(2 * math.pi) - b)", "natural logarithms"),
    ("lambda b: 2 * (1 - 0.5 * math.log2(2 * math.pi) - b)", "The constants are in bits"),
    ("lambda b: round(2 * (math.log(2) - 0.5 * math.log(2 * math.pi) - b), 3)", "don't round the result"),
    (
        "lambda b: [2 * (math.log(2) - 0.5 * math.log(2 * math.pi) - one) for one in b]",
        "bound = −0.3: your code stopped",
    ),
    ("lambda b: 0.14841729", "bound = −0.8"),
    ("lambda b: 2 * (math.log(2) - 0.5 * math.log(2 * math.pi) - float(b))", "one tensor with the bounds of two codes"),
]
BATCH = [
    ("lambda s, e: math.ceil(s / e)", "squared"),
    ("lambda s, e: int((s / e) ** 2)", "Round up"),
    ("lambda s, e: round((s / e) ** 2)", "Round up"),
    ("lambda s, e: (s / e) ** 2", "whole number"),
    ("lambda s, e: int((s / e) ** 2) + 1", "don't add one"),
    ("lambda s, e: math.ceil(s**2 / e)", "Square the spread and the error"),
    ("lambda s, e: math.ceil((e / s) ** 2)", "upside down"),
    ("lambda s, e: math.ceil(math.sqrt(s / e))", "square root"),
    ("lambda s, e: {0.05: 214, 0.5: 4}.get(e, 128)", "error 0.3 nats: the result should be 1, but yours is 128"),
]
WRONG = [
    (name, answer, says)
    for name, answers in (
        ("categorical_bound", CATEGORY),
        ("gaussian_log_density", DENSITY),
        ("code_bounds", CODES),
        ("squared_error", ERROR),
        ("batch_needed", BATCH),
    )
    for answer, says in answers
]
