"""Wrong answers to the exercises of notebook 3."""

# The check, a wrong answer, and what the printed line must say
WRONG = [
    ("latent_vector", "lambda z, k, c: torch.cat([z, k[:, None], c], 1)", "a single number"),
    ("latent_vector", "lambda z, k, c: torch.cat([z, c, F.one_hot(k, 10)], 1)", "in another order"),
    ("latent_vector", "lambda z, k, c: torch.cat([c, z, F.one_hot(k, 10)], 1)", "in another order"),
    ("latent_vector", "lambda z, k, c: torch.cat([z, F.one_hot(k, 10)], 1)", "continuous codes are missing"),
    (
        "latent_vector",
        "lambda z, k, c: torch.zeros(3, 74)",
        "at [0, 0]: the result should be 0.2500, but yours is 0.0000",
    ),
    (
        "latent_vector",
        "lambda z, k, c: torch.cat([z, 2 * F.one_hot(k, 10), c], 1)",
        "at [0, 62]: the result should be 1, but yours is 2",
    ),
    ("latent_vector", "lambda z, k, c: torch.zeros(3)", "should be an array of shape (3, 74)"),
    ("transposed_convolution", "lambda x, k, s, p: stamps(x, k, s)", "aren't cut"),
    ("transposed_convolution", "lambda x, k, s, p: stamps(x, k, s, add=False)[p:-p]", "overwritten"),
    ("transposed_convolution", "lambda x, k, s, p: stamps(x, k.flip(0), s)[p:-p]", "reversed"),
    ("transposed_convolution", "lambda x, k, s, p: stamps(x, k, 1)[p:-p]", "one step apart"),
    ("transposed_convolution", "lambda x, k, s, p: stamps(x, k, 2)[1:-1]", "use the arguments"),
    ("transposed_convolution", "lambda x, k, s, p: stamps(x, k, s)[p:-p]", "For padding 0 your result is empty"),
    ("update_cost", "lambda g, d: g + 3 * d", "only the forward passes"),
    ("update_cost", "lambda g, d: 3 * g + 9 * d", "D's weights don't learn"),
    ("update_cost", "lambda g, d: 3 * g + 6 * d", "also goes through D"),
    ("update_cost", "lambda g, d: 38", "should be 803,"),
    ("output_std", "lambda s, n, r: s**2 * n * r**2", "Take its square root"),
    ("output_std", "lambda s, n, r: s * n * r", "standard deviations don't"),
    ("output_std", "lambda s, n, r: 0.2", "should be 1.5"),
    ("batch_norm", "lambda x: (x - x.mean(0)) / torch.sqrt(x.var(0, correction=0) + 1e-5)", "each pixel separately"),
    ("batch_norm", "lambda x: (x - x.mean()) / torch.sqrt(x.var(correction=0) + 1e-5)", "Each needs its own"),
    ("batch_norm", "lambda x: torch.nn.functional.instance_norm(x)", "each image separately"),
    (
        "batch_norm",
        "lambda x: (x - (m := x.mean((0, 2, 3), keepdim=True))) / ((x - m) ** 2).mean()",
        "at [0, 0, 0, 0]: the result should be",
    ),
]
