# ---
# jupyter:
#   accelerator: GPU
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# [![Open this notebook in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/infogan-course/infogan-course/blob/v0.1.0/notebooks/04_training.ipynb) · [Glossary and notation](https://github.com/infogan-course/infogan-course/blob/v0.1.0/docs/glossary.md)

# %% [markdown]
# # 4. Train an InfoGAN, and find out whether it worked
#
# **What you will do.** Write one update of InfoGAN in full, train on real handwritten digits while you watch, redraw
# figure 1 of the paper, and then break the program in five ways and learn to see each from outside.
#
# **What you will learn.** To say which optimiser moves which network, and why; to compare a bound with its ceiling; to
# name a bug by its symptom when nothing has crashed; to stop a run and go on with it as if nothing had happened.
#
# **What you need.** The two losses of a GAN (notebook 1), the bound $L_I$ (notebook 2), and the three networks
# (notebook 3). About 100 minutes of reading and exercises. On two CPU cores the cells run for about ten minutes, of which the
# main training takes half; on a GPU, a few minutes in all.
#
# **What this notebook uses.** Equation (6) of the paper, which stands below, and $L_I$, the lower bound of the information
# between a code and the image (equation 5), in nats: at most $\log 10 = 2.303$ for a category of ten. $\lambda$ is the
# weight of a bound in the loss of G and Q.

# %% tags=["setup"]
# Setup. Where the library is missing, as in Colab, this fetches it and leaves torch and numpy as they are.
import importlib.metadata
import importlib.util
import os
import subprocess
import sys

COURSE = "https://github.com/infogan-course/infogan-course/archive/refs/tags/v0.1.0.zip"
if importlib.util.find_spec("infogan_lib") is None:
    source = os.environ.get("INFOGAN_SOURCE") or COURSE
    present = [name for name in ("torch", "torchvision", "numpy") if importlib.util.find_spec(name)]
    keep = [f"{name}=={importlib.metadata.version(name)}" for name in present]
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", source, *keep], check=True)
    importlib.invalidate_caches()

import torch

if "google.colab" in sys.modules and not torch.cuda.is_available():
    print("No GPU here; all works without, more slowly. To get one: Runtime > Change runtime type > T4 GPU.")

# %%
import copy
import dataclasses
import io
import math
import os
import signal
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython import get_ipython
from PIL import Image

from infogan_lib import TrainConfig, data, evaluation, figures, fit, make_trainer, objectives
from infogan_lib.course import bugs
from infogan_lib.course import figures as pictures
from infogan_lib.course import training as exercises
from infogan_lib.course.pace import is_fast, steps
from infogan_lib.modes import statistics_untouched
from infogan_lib.runs.callbacks import LiveView
from infogan_lib.training import Callback

DATA = Path("../data") if Path("../data").is_dir() else Path("data")
RUNS = Path(tempfile.mkdtemp() if is_fast() else "runs")  # everything that this notebook writes goes in here
ON_GPU = torch.cuda.is_available()

# %% [markdown]
# ## The question
#
# Most programs that are wrong say so: they stop, or their output is plainly nonsense. A generative model that is
# wrong runs to the end, its losses are plausible numbers, and its pictures are grey blobs that might become digits if
# one waited longer. So you will ask after every run of your own:
#
# **It ended without an error. Did it train the thing that I wanted?**
#
# To answer it we need to know what each line of an update is for, then what a healthy run looks like, then the usual
# bugs.
#
# ## The data and the configuration
#
# MNIST is 60,000 grey images of 28×28 pixels. Training never sees their labels. On a CPU we take the 5,000 of them
# that come with a Python package, so that nothing has to be downloaded; on a GPU all of them, if there is a network.

# %%
dataset = data.available("mnist", DATA) if ON_GPU else "mnist-5k"
digits = data.load(dataset, DATA)
picks = torch.arange(0, len(digits), len(digits) // 40)[:40]
print(f"{len(digits):,} images of {tuple(digits.images.shape[1:])}, stored as {digits.images.dtype}")
figures.tile(data.to_float(digits.images[picks]), columns=20, scale=1)

# %% [markdown]
# **What to see.** Two rows of real digits. Look at the ones: some lean and some stand. Slant varies in this data, and
# no label mentions it.
#
# One object holds everything that decides a run, and `python -m infogan_lib.train --help` lists the same names. On a
# CPU we take the compact network, half as wide as the paper's; on a GPU the paper's own.

# %%
config = TrainConfig(
    dataset=dataset,
    data_root=str(DATA),
    width=1.0 if ON_GPU else 0.5,  # 1.0 is the network of the paper's appendix C.1
    num_epoch=steps(50, fast=1),
    max_steps=steps(5000, fast=40),  # whichever of the two ends first
    batch_size=100,
    lrD=2e-4,  # the paper's
    lrG=1e-3,  # the paper's: G and Q learn five times as fast as D
    info_weight=1.0,  # λ of the category
    recog_weight=0.5,  # λ of each continuous code
    model_path=str(RUNS / "mnist"),
    log_dir=str(RUNS / "tensorboard"),
    precision="float32",  # on every machine; "auto" takes bfloat16, which has 8 significant bits instead of 24
    seed=0,
)
print("codes:", ", ".join(config.codes.names), "| generator's input:", config.codes.input_size, "numbers")

# %% [markdown]
# Where do these numbers come from? Both learning rates are from the paper's appendix, and Adam's β1 = 0.5 is DCGAN's: with
# the usual 0.9 each player would keep running after where its opponent was ten updates ago. The paper sets λ to 1 for
# categories. For continuous codes it asks for a smaller λ, so that the term has the scale of the game's losses. How to
# choose λ yourself: start at 1 for the category, look at the bounds after one epoch, and lower the λ of a code whose bound
# soars while another stays at its start. With σ fixed at 1 a continuous bound can't soar, and 0.5 does. With a learned σ
# it can, and this notebook will use 0.02 there.
#
# The 74 numbers are 62 of noise $z$, ten for the one-hot category, and the two continuous codes, which we call c1 and
# c2. (The paper calls the category $c_1$ and the continuous codes $c_2$ and $c_3$.)
#
# ## One update, written out
#
# Equation (6) is a game of three:
#
# $$\min_{G, Q} \max_D V_{\text{InfoGAN}}(D, G, Q) = V(D, G) - \lambda\, L_I(G, Q) \tag{6}$$
#
# $D$ stands alone on one side, and the bound contains no $D$. So one update is two moves. First $D$ gets better at
# telling real from generated. Then $G$ and $Q$, together, get better at fooling it and at making the code readable.
# The second move has a loss of its own, which you write.
#
# ### Exercise 1: the loss of G and Q (6 minutes)
#
# Put (6) into one line: the non-saturating loss of notebook 1, and the bounds, each with its own $\lambda$. `bound`
# and `weights` have one entry per code, here three.


# %% tags=["exercise"]
def generator_step_loss(fake_logits, bound, weights):
    """The number that G and Q minimise, in nats; `fake_logits` is (n,), `bound` and `weights` are (codes,)."""
    return ...  # TODO: one line; objectives.generator_loss(fake_logits) is the game's part


exercises.generator_step_loss(generator_step_loss)

# %% [markdown]
# *Hint.* An optimiser makes its loss small, and the bound should become large.
#
# <details><summary>Solution</summary>
#
# ```python
# def generator_step_loss(fake_logits, bound, weights):
#     return objectives.generator_loss(fake_logits) - (weights * bound).sum()
# ```
#
# The constant $H(c)$ in each bound doesn't change the gradients. It makes the number that is minimised the number that
# is reported.
# </details>
#
# And here is the whole update, without loop, device and logging.


# %%
def update(model, adam_d, adam_g, real, latents, weights):
    """One update of D, then of G and Q → D's loss, G's loss, and the bound of each code, in nats: (5,)."""
    fake = model.generator(latents.vector(model.codes))  # (100, 74) → (100, 1, 28, 28)

    # D's move: climb V(D, G)
    real_logits, _ = model.discriminator(real)  # (100,), and the trunk's features
    with statistics_untouched(model.discriminator):
        fake_logits, _ = model.discriminator(fake.detach())
    loss_d = objectives.discriminator_loss(real_logits, fake_logits)
    adam_d.zero_grad()
    loss_d.backward()
    adam_d.step()

    # G's and Q's move: descend V(D, G) − λ L_I(G, Q)
    with statistics_untouched(model.discriminator):
        fake_logits, features = model.discriminator(fake)  # once more: D has just moved
    posterior = model.recognition(features)  # Q(c|x): 10 logits and 2 means an image
    bound = objectives.mutual_information_bound(posterior, latents, model.codes)  # (3,)
    loss_g = objectives.generator_loss(fake_logits) - (weights * bound).sum()
    adam_g.zero_grad()
    loss_g.backward()
    adam_g.step()
    return torch.stack([loss_d, loss_g, *bound]).detach()


# %% [markdown]
# Line by line:
#
# - **`fake = …`** One batch of images serves both moves. `latents` holds $z$ and the codes that made it, and we keep
#   it: those codes are the labels of $Q$'s classification.
# - **Two calls of D, not one.** Real and generated images go through BatchNorm in batches of their own, in D's move as in
#   G's, so that both moves are about the same D (notebook 3).
# - **`statistics_untouched`** Later, $Q$ will read *real* digits, and BatchNorm will then use its running averages. So
#   only real batches may enter these. The generated ones are normalised, but not remembered.
# - **`fake.detach()`** Gradients of D's loss must not reach G. Without it `loss_d.backward()` would run on into G and use up the
#   record of how `fake` was made, which G's move still needs: PyTorch would stop with an error.
# - **`discriminator(fake)` again.** D has moved, and G should answer the D that is there now. Here nothing is
#   detached: the gradient has to pass *through* D to reach the pixels. It also arrives at D's weights, but `adam_g`
#   doesn't own those, and `adam_d.zero_grad()` clears it next time. (The library doesn't compute it.)
# - **`posterior`, `bound`** are equation (5): the mean of $\log Q(c|x)$ at the codes that were drawn, plus $H(c)$.
# - **`adam_g`** owns the generator *and* Q's own layers, which is what the $\min_{G,Q}$ in (6) says. The trunk that Q
#   reads from belongs to `adam_d`. So the features are shaped by D's task alone, and Q makes the best of them. The
#   option `--trunk dq` lets Q's bound train the trunk as well, as in the authors' program.
#
# Does the function agree with the library? Start both from one state, with one stream of random numbers, and compare
# three updates.

# %%
trainer = make_trainer(config, digits.images)
model = copy.deepcopy(trainer.model)
adam_d = torch.optim.Adam(model.discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
adam_g = torch.optim.Adam([*model.generator.parameters(), *model.recognition.parameters()], lr=1e-3, betas=(0.5, 0.999))
weights = torch.tensor([1.0, 0.5, 0.5], device=trainer.device)  # λ of category, c1, c2
random = torch.Generator(trainer.device)
random.set_state(trainer.random.get_state())

ours = []
for step in range(3):
    latents = config.codes.sample(config.batch_size, random, trainer.device)
    ours.append(update(model, adam_d, adam_g, trainer.batches[step], latents, weights))
    trainer.update()

ours, theirs = torch.stack(ours).cpu().numpy(), np.stack(list(trainer.history.values()), axis=1)
for column, name in enumerate(trainer.history):
    print(f"{name:15} ours {ours[:, column].round(4)}  library {theirs[:, column].round(4)}")
np.testing.assert_allclose(ours, theirs, atol=5e-3)

# %% [markdown]
# The same numbers, up to rounding, because the library sums in another order. `loss_D` starts near $2 \log 2 = 1.386$,
# where D can't tell at all. The category's bound starts near 0, because Q knows nothing. Those of c1 and c2 start
# near −0.39, not near 0: Q's σ is fixed at 1, and notebook 2 showed that a Gaussian that wide can't do better on a
# code of $[-1, 1]$ that it doesn't know. Their ceilings follow from the same calculation.

# %%
# NBVAL_CHECK_OUTPUT
for name, ceiling in objectives.bound_ceilings(config.codes, learned_std=False).items():
    print(f"L_I of {name} can be at most {ceiling:.3f} nats")

# %% [markdown]
# ## The library's loop, live
#
# `fit` does what the command line does: the same update again and again, and around it a progress bar, a line per epoch
# (one pass over the images), pictures, TensorBoard and checkpoints. Each of these is a *callback*, an object
# that the loop calls as it goes, and `LiveView` is one more: every hundred updates it draws a grid and the bounds so
# far. You may stop the cell at any time. The update under way is finished, and what has been trained is kept.
#
# **In the first minute**, look at four things. The losses are finite. The category's bound leaves 0 within the first
# hundred updates. D's loss stays between 0.3 and its start at 1.386: near 0 the game is lost. And the grid isn't one
# picture repeated in all cells. If one of these fails, stop and look for the reason; waiting won't help.

# %%
trainer = fit(config, [LiveView(every=steps(100, fast=20))])

# %% [markdown]
# **What to see.** One row per category, c1 from −2 to 2 along the row, and *the same noise $z$ in every cell*. At the
# right, the category's bound (solid) is near its ceiling early, and the film at the end of this notebook shows what the
# pictures looked like at that time. A bound at its ceiling says that the code can be read from the image, and nothing about
# whether the code means what you hoped. The bounds of c1 and c2 have less than 0.2 nats to rise.

# %%
history = trainer.history
first, last = history["bound/category"][:10].mean(), history["bound/category"][-10:].mean()
print(f"category: {first:.2f} nats at the start, {last:.2f} at the end, ceiling {np.log(10):.2f}")
assert all(np.isfinite(values).all() for values in history.values())
assert last > first + 0.1, "the bound did not rise"

# %% [markdown]
# Follow a row of the grid from left to right. Its shape changes steadily, and the digit mostly stays what it is;
# where a row turns into another digit, the category has not settled for one. The columns beyond −1 and 1 were never
# trained; there the network continues what it has learned, and gets ragged. The second code, from the same noise:

# %%
figures.traversal(trainer.model, code=1)

# %% [markdown]
# **What to see.** Compare rows: is it the same change in all of them, and another one than c1's? In most runs slant
# and width are among what the two codes take, cleanly or mixed. Nothing in the objective says which code takes which,
# nor that 0 is upright, nor that category 3 draws threes.
#
# Now the losses, which people look at first.

# %%
curves = figures.training_curves(history, trainer.ceilings)
figures.side_by_side(figures.rendered(curves["discriminator_loss"]), figures.rendered(curves["generator_loss"]))

# %% [markdown]
# **What to see.** G's loss falls below zero, which no plain GAN's does: it holds $-\lambda L_I$, and the category's
# bound is positive. After the start, over most of the run, D's loss falls and G's rises, as if G were losing, while
# the pictures in the grid get better. Each loss is measured against an opponent that moves as well. So they don't
# tell how good the pictures are. (With only 5,000 images, D's loss also falls because D begins to know these images by
# heart. On all 60,000 it stays higher.)
#
# The losses do tell when the game is *lost*. Let D learn five times as fast and G fifty times as slowly as in the paper:

# %%
lost = dataclasses.replace(config, width=0.25, lrD=1e-3, lrG=2e-5, max_steps=steps(400, fast=40))
losing = make_trainer(lost, digits.images).run()
λ = dict(zip(config.codes.names, (config.info_weight, config.recog_weight, config.recog_weight), strict=True))
adversarial = losing.history["loss_G"] + sum(λ[name] * losing.history[f"bound/{name}"] for name in λ)
axes = pictures.panels(size=(5.5, 2.8))
pictures.lines(
    axes,
    np.arange(1, losing.step + 1),
    {
        "D": figures.running_mean(losing.history["loss_D"], 20),
        "G, without the bound": figures.running_mean(adversarial, 20),
    },
    title="A game that is lost",
    xlabel="update",
    ylabel="loss (nats)",
)
axes.axhline(2 * math.log(2), color="black", linestyle=":", linewidth=1)
plt.show()
figures.tile(losing.model.generate(10, seed=0), columns=10)

# %% [markdown]
# **What to see.** D's loss goes to 0 and G's grows: D recognises every generated image, and the pictures aren't digits.
# Healthy runs of this course have D's loss between 0.7 and 1.3, and G's (without the bound) between 0.7 and 1.5. If D wins,
# lower D's learning rate or raise G's. If all cells of a grid show the same picture, which is called *collapse*, look at
# BatchNorm in G first (notebook 3).
#
# What does? Labels would. Training has never seen any, so we may use them for judging: let Q name the category of
# each real digit, give each category the digit that it fits best, no digit twice, and count.

# %%
belief = trainer.model.infer(data.to_float(digits.images)).categorical[0]  # (n, 10) probabilities
report = evaluation.judge_categories(belief.argmax(1).cpu(), digits.labels, categories=10)
print(f"one-to-one accuracy on {len(digits):,} real digits: {report.accuracy:.3f} (random categories: about 0.12)")
print("digit of each category:", *report.class_of_category)

# %% [markdown]
# That is how the paper measures, in section 7.2, and notebook 5 looks closely at it. Where a run falls short, look for
# the reason in the grid. In some runs the ones take two categories, slanted and upright, and two digits share one. In
# others fours, nines and sevens are mixed: bent a little, each passes into the next, and a row that is one digit at
# its left end is another at its right. To Q these are kinds, and nothing has told it that they aren't ours.
#
# ## Figure 1 of the paper
#
# Would a plain GAN have done the same? Its generator gets the same 74 numbers, but nothing asks it to use the twelve
# that we call codes. To measure whether it does, attach Q all the same, train it on the generated images, and cut the
# gradient before it reaches G. In our `update` that is one word: `model.recognition(features.detach())`. In the
# library it is `objective="gan"`. Otherwise everything is as above, the seed included.

# %%
gan = make_trainer(dataclasses.replace(config, objective="gan", max_steps=steps(300, fast=40)), digits.images).run()
gan_bound, infogan_bound = gan.history["bound/category"], history["bound/category"][: gan.step]
assert np.isfinite(gan_bound).all() and infogan_bound[-10:].mean() > gan_bound[-10:].mean()

peak = figures.running_mean(gan_bound, 10)
print(f"GAN: at most {peak.max():.2f} nats, after {peak.argmax() + 1} updates; {peak[-1]:.2f} nats at the end")
print(f"InfoGAN: {infogan_bound[-10:].mean():.2f} nats at the end")

# %%
axes = pictures.panels(size=(6.5, 3.2))
curves = {"InfoGAN": figures.running_mean(infogan_bound, 10), "GAN, with Q to measure": peak}
updates = np.arange(1, gan.step + 1)
pictures.lines(
    axes, updates, curves, title="Figure 1 of the paper", xlabel="update", ylabel="L_I of the category (nats)"
)
axes.axhline(math.log(10), color="black", linestyle=":", linewidth=1)
axes.text(0, math.log(10) + 0.05, "H(c) = log 10")
axes.set_ylim(top=2.65)
plt.show()

# %% [markdown]
# **What to see.** InfoGAN's bound (solid) goes straight to $H(c)$. The GAN's (dashed) rises a little, because a fresh
# generator is a random function of all its inputs, and Q learns to read the traces that the category leaves. Then it
# falls: as G learns, the noise decides more and more of the picture, and the code less. The paper's figure has the same
# two shapes; its GAN rises to about 0.6 nats first.
#
# The dashed curve doesn't prove that the GAN's images hold *no* information about the code: it is a lower bound.
#
# ## Break it
#
# Now five bugs that public programs really have. They live in `infogan_lib/course/bugs.py`, each in a few lines, next to the
# line that is right:

# %%
for bug in bugs.BUGS.values():
    print(f"{bug.name}\n    right: {bug.right}\n    wrong: {bug.wrong}\n")

# %% [markdown]
# All five run without an error. Before you see what they do, predict. For each: will the category's bound end lower
# than it should, and where? Will the continuous bounds? Will the grid look different? Would you notice at all?
#
# For the first one you can compute the answer.
#
# ### Exercise 2: the ceiling of a softmax too many (7 minutes)
#
# `F.log_softmax` and `F.cross_entropy` take logits. Give them probabilities, and the softmax is taken twice. Let Q be
# perfect: its probabilities are 1 for the right category and 0 for the $K-1$ others. What does $L_I$ become?


# %% tags=["exercise"]
def double_softmax_ceiling(categories):
    """The highest L_I in nats that K = `categories` can show when the softmax is taken twice."""
    return ...  # TODO: one line with math.log and math.e


exercises.double_softmax_ceiling(double_softmax_ceiling)

# %% [markdown]
# *Hint.* The softmax of a vector with a single 1 and $K-1$ zeros: which probability does it give to the 1?
#
# <details><summary>Solution</summary>
#
# ```python
# def double_softmax_ceiling(categories):
#     return math.log(categories) - math.log(1 + (categories - 1) / math.e)
# ```
#
# The second softmax gives the right category $e / (e + K - 1)$. For ten categories the bound ends at 0.841 nats.
# </details>
#
# Now the patients. All get the same treatment: 400 updates of a network a quarter as wide as the paper's, since bugs
# don't care about width and a try should take seconds. Two of the bugs concern Q's σ, so here σ is learned, with a
# very light weight $\lambda = 0.02$ on the continuous codes. The first patient has no bug.

# %%
lab = dataclasses.replace(
    config, width=0.25, continuous_std="learned", recog_weight=0.02, max_steps=steps(400, fast=40)
)
patients = {}
for bug in (bugs.HEALTHY, *bugs.BUGS.values()):
    drawn_wrong = bug.grid is not figures.traversal  # a bug of the picture alone: the healthy run serves
    patients[bug.name] = patients["none"] if drawn_wrong else bugs.train(bug, lab, digits.images)
    at_end = {name: patients[bug.name].history[f"bound/{name}"][-10:].mean() for name in config.codes.names}
    print(f"{bug.name:20}", "  ".join(f"{name} {value:5.2f}" for name, value in at_end.items()), "nats")
    assert all(np.isfinite(values).all() for values in patients[bug.name].history.values())
ends = {name: one.history["bound/category"][-10:].mean() for name, one in patients.items()}
assert ends["none"] > 1.0 > 0.842 > ends["double softmax"] and abs(ends["lambda is zero"]) < 0.2


# %%
def examine(bug, trainer):
    """The bounds, Q's σ beside its error on a thousand generated images, and the grid as the program draws it."""
    return pictures.symptoms(trainer, bugs.claimed_and_measured_std(trainer.model), bug.grid(trainer.model, 0))


examine(bugs.HEALTHY, patients["none"])

# %% [markdown]
# **What to see.** This is health after 400 updates. The category's bound is at its dotted line, log 10. The
# continuous ones have left the −0.39 of a Q that knows nothing. The upper dotted line is their ceiling, which the
# least σ that the library allows would give; they needn't come near it. At the right, the error that Q claims, its σ,
# is about the error that it makes. (The dotted line there is $1/\sqrt 3$, the error of a Q that always answers 0.)
# Below, the first four rows of the grid: poor digits yet, but each row is one shape that changes steadily.

# %%
examine(bugs.BUGS["double softmax"], patients["double softmax"])

# %% [markdown]
# **Double softmax.** The losses, the grid and σ look healthy. The category's bound lies flat, like that of a run that has
# converged, at the number of exercise 2. The grid shows nothing: Q does learn the categories, through weaker gradients, and only
# what it may claim is limited. **The symptom is a ceiling that shouldn't be there**, and only those who know the right
# one, log 10, see it. So draw the ceilings into your plots. Compare c1 and c2 with the healthy run as well: they rise
# earlier and end higher. A category that can't earn more leaves more of G's effort to the other codes.

# %%
examine(bugs.BUGS["new z in each cell"], patients["new z in each cell"])

# %% [markdown]
# **A new $z$ in each cell.** The curves are those of health, to the last digit, for the training *is* the healthy
# one. The grid isn't. A row should be one shape that changes by small steps. Here each cell is a stranger: it is the
# variety of $z$, and c1 gets the credit. **The symptom: rows jump.** In doubt, set the range of the code to zero:
# every row must then be one picture repeated. In the model of the main run it is as plain:

# %%
bugs.BUGS["new z in each cell"].grid(trainer.model, 0)

# %% [markdown]
# **What to see.** In the grid of the live view each row changes step by step. Here thick and thin, round and narrow
# alternate at random along a row. Whoever believes that all cells of a row share one $z$ would say that c1 does all this.

# %%
examine(bugs.BUGS["variance as std"], patients["variance as std"])

# %% [markdown]
# **A variance used as a standard deviation.** The curves and the grid are healthy, and the bound is even a true
# bound: the loss takes $σ^2$ for the standard deviation, so the network makes $σ^2$ as large as its error. But
# whoever asks the model for its σ gets the root of that, and the root of a number below 1 is larger. **The symptom is
# at the right: healthy bounds, and Q claims a far larger error than it makes.** (A too large σ alone isn't proof: the table
# below shows it for two other bugs, but there the bounds are ill as well.) No curve of a training run shows it. To find it, compare
# a claimed uncertainty with a measured error, on data where the truth is known; here it always is, since we drew the
# codes.

# %%
examine(bugs.BUGS["lambda is zero"], patients["lambda is zero"])

# %% [markdown]
# **λ = 0**, or the bound left out of the loss. The bounds never move: the category's stays at 0 and the others at the
# value of a Q that knows nothing. σ stays at 1, where it began, and the error at the dotted line. (The plain GAN's
# bound in figure 1 at least rose and fell, because there Q was trained.) The picture is no worse than the healthy
# one's, but the rows are alike: the same $z$ makes the same picture, whatever the category. c1 changes something,
# because G is a function of it, but nobody has asked for it to be readable. **The symptom: no bound ever leaves its
# starting value.**

# %%
examine(bugs.BUGS["heavy learned std"], patients["heavy learned std"])

# %% [markdown]
# **A learned σ with a heavy weight.** The continuous bounds soar from the first update. The category's bound lies at
# 0, so the ten rows are alike, and the pictures are no digits but textures with two numbers written into them. G has
# one budget of visible differences, and with a weight of 5 every halving of σ pays more than all the category could
# ever give. **The symptom: one bound soars while another starves.** At milder weights the category's bound recovers,
# and what suffers is what it means: `docs/results/continuous_std.md` has such runs, with a category's bound of 2.28
# nats and an accuracy of 0.36. Of the five only this one isn't a slip of the keyboard: it is a setting, and it looked
# reasonable.
#
# ### All patients in one table
#
# Few symptoms belong to one bug alone. The next cell computes four for each patient. *Jumps* are how much neighbouring
# cells in a row of the grid differ, compared with the healthy grid.


# %%
def jumps(grid):
    """Mean difference between neighbouring cells of a row, in grey values."""
    pixels, cell = np.asarray(grid.convert("L"), dtype=float), 58  # a cell of the grid with its border
    cells = pixels[-10 * cell :, -11 * cell :].reshape(10, cell, 11, cell)
    return np.abs(np.diff(cells, axis=2)).mean()


healthy_jumps = jumps(bugs.HEALTHY.grid(patients["none"].model, 0))
print(f"{'':20} category ends at   c1 ends at   claimed σ / error   jumps / healthy")
for bug in (bugs.HEALTHY, *bugs.BUGS.values()):
    one = patients[bug.name]
    claimed, measured = bugs.claimed_and_measured_std(one.model)
    end = [one.history[f"bound/{name}"][-10:].mean() for name in ("category", "c1")]
    ratio, jump = (claimed / measured).mean(), jumps(bug.grid(one.model, 0)) / healthy_jumps
    print(f"{bug.name:20} {end[0]:16.2f} {end[1]:12.2f} {ratio:19.1f} {jump:17.1f}")

# %% [markdown]
# **What to see.** Read down each column: no single number tells all six apart. The category's bound finds the double softmax
# (at 0.84), λ = 0 and the heavy weight (at 0). c1's bound then separates these two. Claimed σ against error finds the
# variance, but only where the bounds are healthy. And only the grid shows the new $z$.
#
# ## The mystery case
#
# Choose a number. It picks one of the five bugs or none, trains a new patient with it, and shows you the same
# kind of picture.

# %%
CASE = 9  # any whole number: another one is another patient
hidden = bugs.mystery(CASE)
patient = bugs.train(hidden, dataclasses.replace(lab, seed=CASE), digits.images)
assert all(np.isfinite(values).all() for values in patient.history.values())
examine(hidden, patient)

# %% [markdown]
# Go through the picture as a doctor would: first each curve against its ceiling and against its start, then σ against
# the error, then a row of the grid, cell by cell.
#
# ### Exercise 3: name the bug (8 minutes)
#
# Write the name as it was printed above, or `"none"`. If you are wrong, the check says what you would have seen. Then
# try other numbers until you are right three times in a row. (`print(hidden.name)` is there for those who give up.)

# %% tags=["exercise"]
diagnosis = CASE, ...  # TODO: the name of the bug, for example "double softmax"

exercises.diagnosis(diagnosis)

# %% [markdown]
# *Hint.* Rule out: a category's bound above 0.84 rules out the double softmax, a bound that has risen at all rules
# out λ = 0, and a row of relatives rules out the new $z$.
#
# <details><summary>Solution</summary>
#
# ```python
# CASE = 9
# diagnosis = CASE, "variance as std"
# ```
#
# All bounds are healthy and so is the grid. But Q claims a far larger error than it makes, for both codes.
# </details>
#
# ## Stop, and go on
#
# Colab ends sessions, and people press stop. The resumed run should be the *same* run, and the test of that is strict.
# Train once in one piece. Train again from the same seed, press stop after update 13, resume, and compare the weights
# bit for bit. The callback below presses the button.


# %%
class StopAfter(Callback):
    """Does what Ctrl-C or the stop button does, after a given update."""

    def __init__(self, step):
        self.step = step

    def on_update(self, trainer):
        if trainer.step == self.step:
            signal.raise_signal(signal.SIGINT)


small = TrainConfig(
    dataset="mnist-5k", batch_size=500, width=0.1, num_epoch=2, device="cpu", log_dir=str(RUNS / "stopping")
)
whole = make_trainer(small, data.load("mnist-5k").images).run()
stopped = fit(dataclasses.replace(small, model_path=str(RUNS / "stopped")), [StopAfter(13)])
resumed = fit(dataclasses.replace(small, resume=str(stopped.run_folder)))

# %%
before, after = whole.model.state_dict(), resumed.model.state_dict()
print(f"stopped after update {stopped.step} of {whole.step}, resumed, ended after {resumed.step}")
print("tensors that differ:", sum(not torch.equal(before[name], after[name]) for name in before), "of", len(before))
assert stopped.interrupted and all(torch.equal(before[name], after[name]) for name in before)

# %% [markdown]
# Not one weight differs in its last bit. (On a GPU some operations add in an order that varies, and two runs differ by
# rounding even when neither is stopped, so the cell above keeps to the CPU.) What must a checkpoint hold for this?
#
# ### Exercise 4: pack the checkpoint (5 minutes)
#
# The configuration with its seed is stored, and the data set is on disk. The order of the real images follows from the
# seed and the number of updates done. $z$ and the codes come from a random generator that goes on from draw to draw. After
# training, the model normalises by BatchNorm's running statistics. Which of these are needed in addition, so that the
# resumed run ends with the same model?
#
# - A: the weights of G, D and Q
# - B: the running statistics of BatchNorm
# - C: Adam's moments of both optimisers
# - D: the state of the random generator
# - E: the number of updates done
# - F: the gradients of the last update
# - G: the real images of the next batch
# - H: the losses so far

# %% tags=["exercise"]
parts = ...  # TODO: a string of letters, for example "AF"

exercises.checkpoint_parts(parts)

# %% [markdown]
# *Hint.* Imagine one of them lost. Would anything in `update` come out differently, or anything that you do with the
# model afterwards?
#
# <details><summary>Solution</summary>
#
# ```python
# parts = "ABCDE"
# ```
#
# C is the one that is forgotten most. A run that restarts Adam looks fine and shows a bump in its curves. The library
# stores H as well, so that the curves of a resumed run are whole, but no update needs it.
# </details>
#
# Here is what the main run left behind:

# %%
for path in sorted(trainer.run_folder.iterdir()):
    if "epoch_" not in path.name:
        print(f"{path.stat().st_size / 1e6:6.2f} MB  {path.name}")

# %% [markdown]
# `c1.gif` shows the grid forming, epoch by epoch. `model.safetensors` is the model alone: `InfoGAN.load(path)` reads
# it, and it can be shared, since nothing in it can run code. A checkpoint is larger by Adam's moments. To train longer,
# raise both limits, because whichever is reached first ends the run:
#
# ```python
# longer = dataclasses.replace(config, resume=str(trainer.run_folder), num_epoch=80, max_steps=10_000)
# trainer = fit(longer, [LiveView()])
# ```
#
# ## TensorBoard
#
# Losses, bounds and grids were also written for TensorBoard, a server that draws them in the browser and lays runs
# over each other. Set the variable to open it below this cell, in JupyterLab or Colab. From a terminal it is
# `tensorboard --logdir notebooks/runs/tensorboard`.

# %%
SHOW_TENSORBOARD = False  # True starts the server here; it needs no network
if SHOW_TENSORBOARD:
    os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]  # where its program is
    get_ipython().run_line_magic("load_ext", "tensorboard")
    get_ipython().run_line_magic("tensorboard", f"--logdir {RUNS / 'tensorboard'}")

# %% [markdown]
# A few lines read TensorBoard's files, for a figure of your own or, as here, for readers who have no server.

# %%
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(str(RUNS / "tensorboard" / trainer.run_folder.name), {"scalars": 0, "images": 0})  # 0: all
events.Reload()
print("scalars:", ", ".join(events.Tags()["scalars"]))
print("images: ", ", ".join(events.Tags()["images"]))
logged = events.Scalars("bound/category")
assert len(logged) == trainer.step
print(f"bound/category: {len(logged)} points, the last {logged[-1].value:.3f} nats at update {logged[-1].step}")

frames = events.Images("traversal/c1")
chosen = [frames[i] for i in sorted({min(i, len(frames) - 1) for i in (0, 1, 4, 9, 24, 49)})]
shown = []
for frame in chosen:
    bound = np.mean([point.value for point in logged[max(0, frame.step - 10) : frame.step]])
    print(f"update {frame.step:5}: L_I of the category {bound:.2f} nats")
    grid = Image.open(io.BytesIO(frame.encoded_image_string))
    shown.append(grid.crop((0, 20, grid.width, 20 + 3 * 58)))
film = Image.new("RGB", (shown[0].width, sum(part.height + 6 for part in shown)), "white")
for i, part in enumerate(shown):
    film.paste(part, (0, i * (part.height + 6)))
pictures.small(film)

# %% [markdown]
# **What to see.** A film of training in a few frames: three rows of the grid at each moment that is printed above, the
# earliest at the top. On a CPU, where an epoch is short, the first frame is a grey texture. You will hardly find a
# difference between its rows, and yet the bound is far above 0 by then. Who reads the category there?

# %%
early = make_trainer(dataclasses.replace(config, max_steps=50), digits.images).run()
logged_bound = early.history["bound/category"][-10:].mean()
print(f"after {early.step} updates, in training, by the statistics of each batch: {logged_bound:.2f} nats")
print(
    f"the same model by BatchNorm's running statistics: {evaluation.bound(early.model, 1000)['category'].value:.2f} nats"
)

# %% [markdown]
# **What to see.** In training, Q reads a batch at a time, and BatchNorm enlarges the faint differences between its images.
# By running statistics, as one would use the model afterwards, this early Q can read almost nothing. So the high bound is
# true for a batch of grey textures, and it says nothing about meaning.
#
# ## More than one process
#
# A bigger model or a larger data set may want several GPUs. The program stays the same; in the terminal one line
# changes:
#
# ```bash
# python -m infogan_lib.train --dataset mnist
# accelerate launch --multi_gpu --num_processes 2 -m infogan_lib.train --dataset mnist
# ```
#
# The second starts the program twice. Each process has a copy of the networks and works on its half of every batch,
# and after each `backward` the gradients are averaged over the processes, so that the copies stay the same. But
# BatchNorm normalises each half by its own statistics: don't cut a batch of 100 into shares of a few images.
#
# ## On a GPU in Colab
#
# 1. Open the notebook by the badge at the top. *Runtime > Change runtime type > T4 GPU*, then run the setup cell.
# 2. Run all. With a GPU, the cells above take the complete MNIST (it is downloaded once, some 12 MB), the network of
#    the paper's width, and 5,000 updates, as many as the authors' own program.
# 3. Colab's disk is gone when the session is. Mount your Drive and let the run live there; after a cut, set `resume`
#    to the folder:
#
# ```python
# from google.colab import drive
# drive.mount("/content/drive")
# config = dataclasses.replace(config, model_path="/content/drive/MyDrive/infogan")
# ```
#
# ---
# ## Recap
#
# One update is two moves: D alone climbs $V(D, G)$, then G and Q together descend $V(D, G) - \lambda L_I(G, Q)$, and
# the bound has no part in D's loss. Whether a run worked is not written in its losses. Compare each bound with its
# ceiling and with the value of a Q that knows nothing. Look at a grid in which everything but one code is held still. Compare
# what Q claims with what it achieves. A category's bound of 2.3 nats means that the code is used. A plain GAN
# doesn't use it, as figure 1 shows. What the code is used *for* is the subject of notebook 5.
#
# ## Common mistakes
#
# - **A softmax before a loss that applies one.** The category's bound ends at 0.84 nats.
# - **A new $z$ in each cell of a grid.** Everything changes, and the code gets the credit.
# - **A variance used as a standard deviation.** No curve shows it; compare σ with the measured error.
# - **λ forgotten.** No bound ever leaves its starting value.
# - **A learned σ with a heavy weight.** The continuous bounds soar, and the category starves.
# - **Real and generated images in one batch** through BatchNorm, or running statistics that mix both: Q then misreads
#   real digits although it reads generated ones.
# - **Judging by the losses, or by a single seed.**
#
# ## Further reading
#
# - Chen et al. 2016, [InfoGAN](https://arxiv.org/abs/1606.03657): section 7.1 for figure 1, appendix C.1 for the
#   settings.
# - Radford, Metz and Chintala 2016, [DCGAN](https://arxiv.org/abs/1511.06434): where these settings of Adam come from.
# - Kingma and Ba 2015, [Adam](https://arxiv.org/abs/1412.6980): what the moments in the checkpoint are.
# - Ioffe and Szegedy 2015, [Batch normalization](https://arxiv.org/abs/1502.03167): batch statistics and running ones.
# - Goodfellow 2016, [tutorial on GANs](https://arxiv.org/abs/1701.00160): tips for training, and why it is hard.
