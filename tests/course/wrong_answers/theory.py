"""Wrong answers to the exercises of notebook 1."""

from functools import partial

from tests.course.wrong_answers.slips import with_slips

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

WHOLE = """
def update(generator, discriminator, real, noise, adam_g, adam_d):
    fake = generator(noise)
    loss_d = objectives.discriminator_loss(discriminator(real), discriminator(fake.detach()))
    adam_d.zero_grad()
    loss_d.backward()
    adam_d.step()
    loss_g = objectives.generator_loss(discriminator(fake))
    adam_g.zero_grad()
    loss_g.backward()
    adam_g.step()
    return loss_d.item(), loss_g.item()
"""


changed = partial(with_slips, WHOLE)


# The check, a wrong answer, and what the printed line must say
DISCRIMINATOR = [
    ("lambda p, q: q / (p + q)", "generated"),
    ("lambda p, q: p / q", "ratio"),
    ("lambda p, q: np.log(p / q)", "D's logit"),
    ("lambda p, q: p", "density of the data alone"),
    ("lambda p, q: p - q", "can be negative"),
    ("lambda p, q: (p + q) / 2", "mean of the densities"),
    ("lambda p, q: np.full_like(p, 0.5)", "can't tell"),
    ("lambda p, q: 1.0 * (p > q)", "any probability"),
    ("lambda p, q: p / (p + q).sum()", "at the same x"),
    ("lambda p, q: p / (p + q + 0.1)", "should be 0.7500, 0.5000, 0.2857, but yours is 0.6667,"),
    ("lambda p, q: np.array([0.75, 0.5, 2 / 7])", "an array of shape (2, 2)"),
    ("lambda p, q: p / 2", "but yours is 0.3000, 0.1500, 0.1000. The cells below"),
    ("lambda p, q: [a / (a + b) for a, b in zip(p, q)]", "need an array, and yours is a list"),
    ("lambda p, q: None", "Your function returns nothing"),
    ("lambda p, q: p / (p + q) if p > q else 0", "p_model = [0.2, 0.3, 0.5]: your code stopped with ValueError"),
    ("lambda p, q: (p / (p + q)).mean()", "should be an array of shape (3,), but yours is one number"),
    ("lambda p, q: p / np.add(p, q, out=q)", "changes its argument"),
    ("lambda p, q: 'p / (p + q)'", "but yours is a str"),
]
GENERATOR = [
    ("lambda l: F.logsigmoid(-l).mean()", "saturates"),
    ("lambda l: F.logsigmoid(l).mean()", "sign is wrong"),
    ("lambda l: F.softplus(l).mean()", "G wants the opposite"),
    ("lambda l: F.softplus(-l).sum()", "Take the mean"),
    ("lambda l: F.softplus(-l)", "should be one number, but yours is an array of shape (3,)"),
    ("lambda l: -F.logsigmoid(torch.sigmoid(l)).mean()", "sigmoid is applied twice"),
    ("lambda l: -l.mean()", "mean logit"),
    ("lambda l: -l.sigmoid().mean()", "logarithm is missing"),
    ("lambda l: -l.sigmoid().mean().log()", "logarithm before the mean"),
    ("lambda l: F.softplus(-l).mean() / math.log(2)", "in bits"),
    ("lambda l: -torch.log(torch.sigmoid(l)).mean()", "infinite"),
    ("lambda l: -torch.log(torch.sigmoid(l).clamp(min=1e-30)).mean()", "should be 200, but yours is 69.1"),
    ("lambda l: -torch.log(torch.sigmoid(l) + 1e-12).mean()", "should be 200, but yours is 27.6"),
    ("lambda l: F.softplus(-l).sum() / 3", "Logits [0.5, −1]: the result should be"),
    ("lambda l: F.softplus(-l).mean() - 0.1 * l.clamp(min=2).sum() + 0.1 * l.clamp(min=2).detach().sum()", "isn't. At"),
    ("lambda l: F.softplus(-l).mean().item()", "Return a tensor, and not a float"),
    ("lambda l: F.softplus(-l.detach()).mean()", "no gradient flows back"),
    ("lambda l: np.log1p(np.exp(-l.numpy())).mean()", "infinite"),
    ("lambda l: np.logaddexp(0, -l.numpy()).mean()", "no gradient flows back"),
    ("lambda l: F.softplus(l.neg_()).mean()", "changes its argument"),
    ("lambda l: torch.tensor(1.0444)", "Logits [0.5, −1]"),
    ("lambda l: undefined", "NameError"),
    ("lambda l: F.softplus(-l).mean(keepdim=True)", "invalid combination of arguments"),
]
UPDATE = [
    (
        changed(
            ("    adam_d.zero_grad()\n", ""), ("    adam_d.step()\n", "    adam_d.step()\n    adam_d.zero_grad()\n")
        ),
        "cleared too early",
    ),
    (STEP.format(fake="fake", order="dg", player="adam_g"), "should see fake.detach()"),
    (STEP.format(fake="fake.detach()", order="gd", player="adam_g"), "D takes the first step"),
    (STEP.format(fake="fake.detach()", order="dg", player="adam_d"), "G didn't move"),
    ("lambda g, d, r, z, ag, ad: (0.0, 0.0)", "D and G didn't move"),
    (changed(("    adam_d.zero_grad()\n", "")), "Clear D's gradients"),
    (changed(("    adam_g.zero_grad()\n", "")), "Clear G's gradients"),
    (changed(("    adam_g.zero_grad()\n", ""), ("    adam_d.zero_grad()\n", "")), "Clear both players'"),
    (changed(("    adam_d.step()\n", "")), "D didn't move"),
    (changed(("    loss_g.backward()\n", "")), "G didn't move"),
    (changed(("    loss_g.backward()\n", "    loss_g.backward()\n    adam_g.zero_grad()\n")), "right after backward"),
    (changed(("generator_loss(discriminator(fake))", "generator_loss(discriminator(fake.detach()))")), "G didn't move"),
    (
        changed(
            (
                "(discriminator(real), discriminator(fake.detach()))",
                "(discriminator(fake.detach()), discriminator(real))",
            )
        ),
        "real samples first",
    ),
    (
        changed(("objectives.generator_loss(discriminator(fake))", "-F.softplus(discriminator(fake)).mean()")),
        "saturates",
    ),
    (changed(("objectives.generator_loss(discriminator(fake))", "F.softplus(discriminator(fake)).mean()")), "helps D"),
    (changed(("    adam_g.step()\n", "    adam_g.step()\n    adam_d.step()\n")), "D's weights"),
    (
        changed(
            ("    loss_g = objectives.generator_loss(discriminator(fake))\n", ""),
            (
                "    adam_d.zero_grad()\n",
                "    loss_g = objectives.generator_loss(discriminator(fake))\n    adam_d.zero_grad()\n",
            ),
        ),
        "ask D again about fake",
    ),
    (changed(("    loss_g = obj", "    fake = generator(torch.randn_like(noise))\n    loss_g = obj")), "G's weights"),
    (
        changed(("    loss_g = objectives.generator_loss(discriminator(fake))", "    loss_g = -loss_d")),
        "a new answer of D",
    ),
    (changed(("    adam_d.step()\n", "    adam_g.step()\n")), "let adam_d alone step first"),
    (changed(("= objectives.discriminator_loss", "= -objectives.discriminator_loss")), "sign of D's loss"),
    (changed(("= objectives.generator_loss", "= -objectives.generator_loss")), "sign of G's loss"),
    (changed(("objectives.generator_loss(", "F.softplus(-")), "has to be one number"),
    (changed(("    loss_g.backward()", "    loss_g = loss_g.detach()\n    loss_g.backward()")), "has no gradient"),
    (changed(("    return loss_d.item(), loss_g.item()\n", "")), "returns nothing"),
    (changed(("loss_d.item(), loss_g.item()", "'loss_d', 'loss_g'")), "Return two numbers"),
    (changed(("loss_d.item(), loss_g.item()", "None, None")), "Return two numbers"),
    (changed(("loss_d.item(), loss_g.item()", "loss_d, loss_g")), "not tensors"),
    (changed(("loss_d.item(), loss_g.item()", "loss_d.item() + loss_g.item()")), "two numbers"),
    (changed(("loss_d.item(), loss_g.item()", "loss_g.item(), loss_d.item()")), "The weights are right"),
    (changed(("loss_g.item()\n", "len(real) * loss_g.item()\n")), "The weights are right"),
    (
        changed(
            (
                "objectives.generator_loss(discriminator(fake))",
                "F.binary_cross_entropy_with_logits(discriminator(fake), torch.ones(len(fake), 1))",
            )
        ),
        "ValueError",
    ),
]
INDEPENDENT = "(j.sum(1, keepdims=True) * j.sum(0, keepdims=True))"
INFORMATION = [
    ("lambda j: sum(j.ravel() * np.log2(j / np.outer(j.sum(1), j.sum(0))).ravel())", "bits"),
    ("lambda j: entropy(j.sum(1))", "H(c) alone"),
    ("lambda j: entropy(j)", "joint entropy"),
    ("lambda j: entropy(j) - entropy(j.sum(0))", "conditional entropy H(c|x)"),
    ("lambda j: entropy(j) - entropy(j.sum(1))", "That is H(x|c)"),
    (f"lambda j: -np.sum(j * np.log(j / {INDEPENDENT}))", "sign is wrong"),
    (f"lambda j: np.mean(j * np.log(j / {INDEPENDENT}))", "not the mean"),
    (f"lambda j: np.sum(np.log(j / {INDEPENDENT}))", "Weight each logarithm"),
    ("lambda j: np.sum(j * np.log(j / (j.sum(1) * j.sum(0))))", "keepdims=True"),
    ("lambda j: np.sum(j * np.log(j / (j.sum(1, keepdims=True) + j.sum(0, keepdims=True))))", "don't add them"),
    ("lambda j: entropy(j.sum(0)) + math.log(2) - entropy(j)", "aren't equally likely"),
    ("lambda j: entropy(j.sum(0)) + math.log(len(j)) - entropy(j)", "aren't equally likely"),
    ("lambda j: np.sum(j * np.log(2 * j / j.sum(0)))", "aren't equally likely"),
    ("lambda j: entropy(j.sum(1)) - entropy(j) + entropy(j.sum(1))", "That is 2 H(c) − H(c, x)"),
    ("lambda j: np.sum(j * np.log(j / j.sum(1, keepdims=True) ** 2))", "That is 2 H(c) − H(c, x)"),
    ("lambda j: np.sum(j * np.log(j / j.sum(0, keepdims=True) ** 2))", "That is 2 H(x) − H(c, x)"),
    ("lambda j: np.sum(j[j > 0] * np.log(j[j > 0] / (j.sum(1) * j.sum(0))[j > 0]))", "keepdims=True"),
    (f"lambda j: np.sum(j[j > 0] * np.log(j[j > 0] / {INDEPENDENT}))", "out of both tables"),
    ("lambda j: sum(j[c, x] for c in range(3) for x in range(2))", "stopped with IndexError"),
    (f"lambda j: np.sum(j * np.log(j / {INDEPENDENT}))", "zero cells"),
    ("lambda j: 0.1325", "should be 0.1470"),
    (f"lambda j: j * np.log(j / {INDEPENDENT})", "should be one number"),
    ("lambda j: torch.tensor(j).sum(1)", "should be one number"),
    ("def answer(j):\n    j /= 2\n    return 0.0\nmutual_information = answer", "changes its argument"),
    (
        f"lambda j: np.sum((j + 0.01) * np.log((j + 0.01) / {INDEPENDENT}))",
        "should be 0.1325",
    ),
]
HALF = [
    ("0.25", "too large"),
    ("0.05", "too small"),
    ("0.7", "between 0 and 0.5"),
    ("11", "between 0 and 0.5"),
    ("'a half'", "one number"),
    ("[0.11, 0.89]", "one number"),
]
WRONG = [
    *(("optimal_discriminator", *case) for case in DISCRIMINATOR),
    *(("generator_loss", *case) for case in GENERATOR),
    *(("update", *case) for case in UPDATE),
    *(("mutual_information", *case) for case in INFORMATION),
    *(("half_information", *case) for case in HALF),
]
