"""Wrong answers to the exercises of notebook 4."""

# The check, a wrong answer, and what the printed line must say
WRONG = [
    ("generator_step_loss", "lambda l, b, w: F.softplus(-l).mean() + (w * b).sum()", "teaches G to hide"),
    ("generator_step_loss", "lambda l, b, w: F.softplus(-l).mean() - b.sum()", "λ are missing"),
    ("generator_step_loss", "lambda l, b, w: F.softplus(-l).mean() - (w * b).mean()", "averaged over the codes"),
    ("generator_step_loss", "lambda l, b, w: F.softplus(-l).mean() - w * b", "one value per code"),
    ("generator_step_loss", "lambda l, b, w: F.softplus(-l).mean()", "a plain GAN"),
    ("generator_step_loss", "lambda l, b, w: F.softplus(l).mean() - (w * b).sum()", "D's loss"),
    ("double_softmax_ceiling", "lambda k: math.log(1 + (k - 1) / math.e)", "the loss that remains"),
    ("double_softmax_ceiling", "lambda k: math.e / (math.e + k - 1)", "a probability"),
    ("double_softmax_ceiling", "lambda k: 1 + math.log(k) - math.log(math.e + k)", "not K"),
    ("double_softmax_ceiling", "lambda k: math.log(k)", "a single softmax"),
    ("double_softmax_ceiling", "lambda k: math.log(10) - math.log(1 + 9 / math.e)", "K = 3"),
    ("diagnosis", '(9, "double softmax")', "end at 0.84 nats"),
    ("diagnosis", '(9, "none")', "σ close to Q's real error"),
    ("diagnosis", '(9, "bad luck")', "no bug called 'bad luck'"),
    ("checkpoint_parts", '"ABDE"', "Without Adam's moments (C)"),
    ("checkpoint_parts", '"ACDE"', "running statistics (B)"),
    ("checkpoint_parts", '"ABCDEG"', "G isn't needed"),
    ("checkpoint_parts", '"ABCDEX"', "no part X"),
    ("generator_step_loss", "lambda l, b, w: (F.softplus(-l).mean() - (w * b).sum()).item()", "no gradient flows back"),
    ("generator_step_loss", "lambda l, b, w: F.softplus(-l.detach()).mean() - (w * b).sum()", "no gradient flows back"),
    ("generator_step_loss", "lambda l, b, w: F.softplus(-l).mean() - (w * b.detach()).sum()", "the gradient isn't"),
    ("diagnosis", '"double softmax"', "should be the pair"),
    ("checkpoint_parts", "5", "a string of letters"),
    ("checkpoint_parts", '"ABCDE5"', "no part 5"),
]
