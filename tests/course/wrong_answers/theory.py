"""Wrong answers to the exercises of notebook 1."""

STEP = """
def update(generator, discriminator, real, noise, adam_g, adam_d):
    fake = generator(noise)
    for player in "{order}":
        if player == "d":
            loss = loss_d = objectives.discriminator_loss(discriminator(real), discriminator({fake}))
            adam = adam_d
        else:
            loss = loss_g = objectives.generator_loss(discriminator(fake))
            adam = {player}
        adam.zero_grad()
        loss.backward()
        adam.step()
    return loss_d.item(), loss_g.item()
"""

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
    ("generator_loss", "lambda l: F.softplus(-l).mean().item()", "no gradient flows back"),
    ("generator_loss", "lambda l: F.softplus(-l.detach()).mean()", "no gradient flows back"),
    ("generator_loss", "lambda l: -torch.log(torch.sigmoid(l).clamp(min=1e-30)).mean()", "the gradient isn't"),
    ("optimal_discriminator", "lambda p, q: np.full_like(p, 0.5)", "can't tell"),
    ("optimal_discriminator", "lambda p, q: p - q", "can be negative"),
    ("optimal_discriminator", "lambda p, q: 1.0 * (p > q)", "any probability"),
    ("mutual_information", "lambda j: entropy(j.sum(0)) + math.log(2) - entropy(j)", "A table of 2 codes and 3 images"),
    (
        "mutual_information",
        "def answer(j):\n    j /= 2\n    return 0.0\nmutual_information = answer",
        "changes its argument",
    ),
    ("update", STEP.format(fake="fake", order="dg", player="adam_g"), "used up its graph"),
    ("update", STEP.format(fake="fake.detach()", order="gd", player="adam_g"), "D's weights"),
    ("update", STEP.format(fake="fake.detach()", order="dg", player="adam_d"), "D's weights"),
    ("update", "lambda g, d, r, z, ag, ad: (0.0, 0.0)", "D's weights"),
]
