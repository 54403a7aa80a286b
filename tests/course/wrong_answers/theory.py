"""Wrong answers to the exercises of notebook 1."""

# The check, a wrong answer, and what the printed line must say
WRONG = [
    ("optimal_discriminator", "lambda p, q: q / (p + q)", "generated"),
    ("optimal_discriminator", "lambda p, q: p / q", "ratio"),
    (
        "optimal_discriminator",
        "lambda p, q: p / (p + q + 0.1)",
        "should be 0.7500, 0.5000, 0.1667, but yours is 0.6667,",
    ),
    ("generator_loss", "lambda l: F.logsigmoid(-l).mean()", "saturates"),
    ("generator_loss", "lambda l: F.softplus(-l).sum()", "Take the mean"),
    ("generator_loss", "lambda l: F.softplus(-l)", "should be one number, but yours is an array of shape (3,)"),
    ("generator_loss", "lambda l: -F.logsigmoid(torch.sigmoid(l)).mean()", "sigmoid is applied twice"),
    ("generator_loss", "lambda l: -torch.log(torch.sigmoid(l)).mean()", "infinite"),
    ("generator_loss", "lambda l: undefined", "NameError"),
    ("mutual_information", "lambda j: sum(j.ravel() * np.log2(j / np.outer(j.sum(1), j.sum(0))).ravel())", "bits"),
    ("mutual_information", "lambda j: entropy(j.sum(1))", "H(c) alone"),
    ("mutual_information", "lambda j: np.sum(j * np.log(j / np.outer(j.sum(1), j.sum(0))))", "zero cells"),
    ("half_information", "0.25", "too large"),
    ("half_information", "0.05", "too small"),
    ("half_information", "0.7", "between 0 and 0.5"),
]
