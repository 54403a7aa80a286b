"""Wrong answers to the exercises of notebook 4."""

from functools import partial

from tests.course.wrong_answers.slips import with_slips

UPDATE = """
from infogan_lib.modes import statistics_untouched
def update(model, adam_d, adam_g, real, latents, weights):
    fake = model.generator(latents.vector(model.codes))
    real_logits, _ = model.discriminator(real)
    with statistics_untouched(model.discriminator):
        fake_logits, _ = model.discriminator(fake.detach())
    loss_d = objectives.discriminator_loss(real_logits, fake_logits)
    adam_d.zero_grad()
    loss_d.backward()
    adam_d.step()
    with statistics_untouched(model.discriminator):
        fake_logits, features = model.discriminator(fake)
    posterior = model.recognition(features)
    bound = objectives.mutual_information_bound(posterior, latents, model.codes)
    loss_g = objectives.generator_loss(fake_logits) - (weights * bound).sum()
    adam_g.zero_grad()
    loss_g.backward()
    adam_g.step()
    return torch.stack([loss_d, loss_g, *bound]).detach()
"""


update = partial(with_slips, UPDATE)


LOSS = "- (weights * bound).sum()"
FAKES = "with statistics_untouched(model.discriminator):\n        fake_logits, _"
AGAIN = (
    "    with statistics_untouched(model.discriminator):\n        fake_logits, features = model.discriminator(fake)\n"
)
EARLY = "    early, features = model.discriminator(fake)\n"
MIXED = """    both, _ = model.discriminator(torch.cat([real, fake.detach()]))
    real_logits, fake_logits = both.split(8)
"""
APART = UPDATE[UPDATE.index("    real_logits, _") : UPDATE.index("    loss_d =")]
STEP_D = "    adam_d.zero_grad()\n    loss_d.backward()\n    adam_d.step()\n"

# The check, a wrong answer, and what the printed line must say
WRONG = [
    ("infogan_update", update((LOSS, "+ (weights * bound).sum()")), "teaches G to hide"),
    ("infogan_update", update((LOSS, "- bound.sum()")), "λ are missing"),
    ("infogan_update", update((LOSS, "- (weights * bound).mean()")), "averaged over the codes"),
    ("infogan_update", update((LOSS, "- weights * bound"), ("loss_g.b", "loss_g.sum().b")), "has to be one number"),
    (
        "infogan_update",
        update((LOSS, "- weights * bound"), ("loss_g.b", "loss_g.sum().b"), ("d, loss_g,", "d, loss_g.sum(),")),
        "once for each code",
    ),
    ("infogan_update", update((LOSS, "- weights * bound")), "has to be one number"),
    ("infogan_update", update((" " + LOSS, f" * weights.sum() {LOSS}")), "λ weights the game too"),
    ("infogan_update", update((" " + LOSS, "")), "a plain GAN"),
    ("infogan_update", update((LOSS, "- (weights * bound.detach()).sum()")), "a plain GAN"),
    ("infogan_update", update((LOSS, "- (weights * bound).sum().item()")), "a plain GAN"),
    ("infogan_update", update(("objectives.generator_loss(fake_logits) -", "-")), "The game is missing from"),
    (
        "infogan_update",
        update(("objectives.generator_loss(fake_logits) -", "objectives.generator_loss(fake_logits.detach()) -")),
        "The game is missing from",
    ),
    (
        "infogan_update",
        update(("= objectives.generator_loss(fake_logits)", "= -objectives.generator_loss(-fake_logits)")),
        "the saturating form",
    ),
    ("infogan_update", update(("recognition(features)", "recognition(features.detach())")), "teaches Q but not G"),
    (
        "infogan_update",
        update(("features = model.discriminator(fake)", "features = model.discriminator(fake.detach())")),
        "must not be detached",
    ),
    ("infogan_update", update(("discriminator(fake.detach())", "discriminator(fake)")), "should see fake.detach()"),
    (
        "infogan_update",
        update(
            (AGAIN, ""),
            ("    loss_d =", EARLY + "    loss_d ="),
            ("generator_loss(fake_logits)", "generator_loss(early)"),
        ),
        "before the weights moved",
    ),
    (
        "infogan_update",
        update(("discriminator_loss(real_logits, fake_logits)", "discriminator_loss(fake_logits, real_logits)")),
        "come second",
    ),
    ("infogan_update", update(("loss_d.backward", "(-loss_d).backward")), "The sign is wrong"),
    ("infogan_update", update((APART, MIXED)), "share a batch"),
    ("infogan_update", update((FAKES, "if True:\n        fake_logits, _")), "running averages"),
    (
        "infogan_update",
        update((AGAIN, AGAIN.replace("with statistics_untouched(model.discriminator)", "if True"))),
        "running averages",
    ),
    ("infogan_update", update(("    adam_d.step()\n", "")), "D's weights haven't moved"),
    ("infogan_update", update(("    adam_g.step()\n", "")), "G and Q haven't moved"),
    ("infogan_update", update(("    adam_g.step()", "    adam_g.zero_grad()\n    adam_g.step()")), "in this order"),
    ("infogan_update", update(("    adam_d.zero_grad()\n", "")), "Clear the gradients"),
    ("infogan_update", update(("    adam_g.zero_grad()\n", "")), "Clear the gradients"),
    ("infogan_update", update((STEP_D, ""), ("    return", STEP_D + "    return")), "asked about `fake` again"),
    ("infogan_update", update((").detach()\n", ")\n")), "Detach the result"),
    ("infogan_update", update(("*bound]", "bound]")), "write *bound with its star"),
    ("infogan_update", update(("    return torch", "    torch")), "Your function returns nothing"),
    (
        "infogan_update",
        update(("generator_loss(fake_logits)", "generator_loss(real_logits)")),
        "D's new answer to `fake`",
    ),
    ("infogan_update", update(("    adam_d.step()\n", "    adam_g.step()\n    adam_d.step()\n")), "Let adam_d alone"),
    ("infogan_update", update(("    adam_g.step()\n", "    adam_g.step()\n    adam_d.step()\n")), "should step once"),
    ("infogan_update", update((LOSS, "- 2 * (weights * bound).sum()")), "minus the sum of weights * bound"),
    ("infogan_update", update(("torch.stack([loss_d, loss_g, *bound]).detach()", "loss_d, loss_g")), "has shape (5,)"),
    (
        "infogan_update",
        update(("[loss_d, loss_g, *bound]", "[loss_g, loss_d, *bound]")),
        "loss_d: the result should be",
    ),
    ("infogan_update", update(("*bound]", "*(weights * bound)]")), "the bound of c1: the result should be"),
    (
        "infogan_update",
        update(("    fake = model", "    weights /= 2\n    fake = model")),
        "changes `real` or `weights`",
    ),
    ("infogan_update", update(("    return", "    model.eval()\n    return")), "training mode"),
    ("double_softmax_ceiling", "lambda k: math.log(1 + (k - 1) / math.e)", "the loss that remains"),
    ("double_softmax_ceiling", "lambda k: math.e / (math.e + k - 1)", "a probability"),
    ("double_softmax_ceiling", "lambda k: 1 + math.log(k) - math.log(math.e + k)", "not K"),
    ("double_softmax_ceiling", "lambda k: math.log(k)", "a single softmax"),
    ("double_softmax_ceiling", "lambda k: math.log(10) - math.log(1 + 9 / math.e)", "K = 3"),
    ("double_softmax_ceiling", "lambda k: math.log(1 + (k - 1) / math.e) - math.log(k)", "The sign is wrong"),
    ("double_softmax_ceiling", "lambda k: math.log2(k) - math.log2(1 + (k - 1) / math.e)", "in bits"),
    ("double_softmax_ceiling", "lambda k: math.log2(k) - math.log(1 + (k - 1) / math.e)", "H(c) is in bits"),
    ("double_softmax_ceiling", "lambda k: {10: 0.8414, 3: 0.5472}.get(k, 0.0)", "K = 2"),
    ("diagnosis", '(9, "double softmax")', "end at no more than 0.84 nats"),
    ("diagnosis", '(9, "none")', "σ close to Q's real error"),
    ("diagnosis", '(9, "bad luck")', "no bug called 'bad luck'"),
    ("diagnosis", '(9, ["none"])', "no bug called ['none']"),
    ("diagnosis", '(9, "none ")', "no bug called 'none '"),
    ("diagnosis", '"variance as std"', "number of the case and the name"),
    ("diagnosis", '("nine", "none")', "should be a whole number"),
]
