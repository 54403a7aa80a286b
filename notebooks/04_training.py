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
# **What you will do.** Write one update of InfoGAN, train on handwritten digits while you watch, redraw figure 1 of the
# paper, and then break the program on purpose, in five ways that raise no error.
#
# **What you will learn.** To say which optimiser moves which network, and why. To check a run in its first minute. To
# read a bound next to its ceiling. To choose λ. To name a bug, or a failing GAN, by its symptoms.
#
# **What you need.** The two losses of a GAN (notebook 1), the bound $L_I$ (notebook 2) and the three networks (notebook
# 3). About 180 minutes of reading and exercises, with a break before “The lab”. On two CPU cores the cells
# themselves run for about ten minutes, of which the main training takes about three; on a GPU they take less.

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
import math
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch

from infogan_lib import TrainConfig, data, evaluation, figures, fit, load_pretrained, make_trainer, objectives
from infogan_lib.course import bugs
from infogan_lib.course import figures as pictures
from infogan_lib.course import training as exercises
from infogan_lib.course import training_figures as drawings
from infogan_lib.course.pace import folder, steps
from infogan_lib.modes import statistics_untouched
from infogan_lib.runs.callbacks import LiveView

DATA = Path("../data") if Path("../data").is_dir() else Path("data")
RUNS = folder("runs")  # everything that this notebook writes goes in here
ON_GPU = torch.cuda.is_available()

# %% [markdown]
# ## Two programs that ended without an error

# %%
drawings.opening({"Run A": load_pretrained("mnist-gan"), "Run B": load_pretrained("mnist-plain")})

# %% [markdown]
# **What to see.** Two finished runs: one row for each of the ten categories, c1 from −1 to 1 along the row, and the
# same noise $z$ in every image. Both programs ran to the end, and both draw digits. But only in
# run B do the codes decide what is drawn: most of its rows differ, and its digits change along a row. In run A all ten
# rows look alike, because for this $z$ the noise decides. If you
# wanted an InfoGAN and got run A, you have a bug, and no error message.
#
# So after every run of your own, ask:
#
# **It ended without an error. Did it train the thing that I wanted?**
#
# **What this notebook uses.** $V(D, G)$ is the value of the game between $D$ and $G$:
#
# $$V(D, G) = \mathbb{E}_x[\log D(x)] + \mathbb{E}_{z, c}[\log(1 - D(G(z, c)))] \tag{1}$$
#
# $L_I$ is the lower bound of the information that an image holds about its code $c$, as $Q$ reads it:
#
# $$L_I(G, Q) = \mathbb{E}_{c,\, x \sim G(z, c)}[\log Q(c|x)] + H(c) \;\le\; I(c; G(z, c)) \tag{5}$$
#
# InfoGAN is a game of three, in which $\lambda \ge 0$ weights the bound:
#
# $$\min_{G, Q} \max_D V_{\text{InfoGAN}}(D, G, Q) = V(D, G) - \lambda\, L_I(G, Q) \tag{6}$$
#
# All of these are in nats. The code has three parts, each with its own bound and λ: a category of ten, and two
# continuous codes, c1 and c2. (The paper calls the category $c_1$ and the continuous codes $c_2$ and $c_3$.)
#
# ## The data and the configuration
#
# MNIST is 60,000 grey images of 28×28 pixels. Training never sees their labels. On a CPU we use 5,000 of them that come
# with a Python package. On a GPU we use all of them, if the internet can be reached, and a larger network. The texts
# under “What to see” describe the CPU run whose outputs are stored here. In a run of your own the details differ, most of
# all on a GPU.

# %%
dataset = data.available("mnist", DATA) if ON_GPU else "mnist-5k"
digits = data.load(dataset, DATA)
print(f"{len(digits):,} images of {tuple(digits.images.shape[1:])}, stored as {digits.images.dtype}")

# %% [markdown]
# One object holds everything that decides a run. `python -m infogan_lib.train --help` lists the same names.

# %%
config = TrainConfig(
    dataset=dataset,
    data_root=str(DATA),
    width=1.0 if ON_GPU else 0.5,  # 1.0 is the network of the paper's appendix C.1
    num_epoch=steps(9 if dataset == "mnist" else 20, fast=1),  # an epoch is one pass over the images
    batch_size=100,
    lrD=2e-4,
    lrG=1e-3,
    info_weight=1.0,  # λ of the category
    recog_weight=0.5,  # λ of c1 and of c2
    model_path=str(RUNS / "mnist"),
    log_dir=str(RUNS / "tensorboard"),
    precision="float32",
    seed=0,
)
print("codes:", ", ".join(config.codes.names), "| generator's input:", config.codes.input_size, "numbers")

# %% [markdown]
# The 74 numbers are 62 of noise $z$, ten for the category as a one-hot vector, and c1 and c2.
#
# **Where these numbers come from.** The learning rates are the paper's: $G$ and $Q$ learn five times as fast as $D$.
# Adam averages gradients with $\beta_1 = 0.5$ in place of its usual 0.9. That is DCGAN's choice, which made training
# steadier. A likely reason is that against a changing opponent old gradients are soon wrong. λ = 1 for the category is the paper's as well. λ = 0.5 for c1 and c2
# is this course's choice: the paper says only that continuous codes need a smaller one.
#
# ## One update
#
# In (6) only $D$ maximises, and raising $L_I$ is left to $G$ and $Q$. So one update has two steps. First $D$ gets better at
# telling real images from generated ones. Then $G$ and $Q$ together get better at fooling $D$ and at making the code
# readable.
#
# ### Exercise 1: write the update (25 minutes)
#
# The cells below use your function as soon as it is right. These are the pieces:
#
# - `model.discriminator(images)` returns $D$'s logits, shape (n,), and the features that $Q$ reads.
# - `model.recognition(features)` returns $Q(c|x)$.
# - `objectives.discriminator_loss(real_logits, fake_logits)` is $-V(D, G)$.
# - `objectives.generator_loss(fake_logits)` is $G$'s part of the game, in the non-saturating form of notebook 1.
# - `objectives.mutual_information_bound(posterior, latents, model.codes)` returns the three bounds, and `weights` holds
#   the three λ.
# - `adam_d` owns all of $D$. `adam_g` owns $G$ and $Q$'s own layers. The optimisers make a loss *small*.
#
# Three rules from the notebooks before:
#
# - $D$'s step must send no gradient into $G$.
# - No batch mixes real and generated images. (The step of $G$ and $Q$ needs no real ones.)
# - We keep generated images out of BatchNorm's running averages. So each call of $D$ on generated images stands under
#   `with statistics_untouched(model.discriminator):`.


# %% tags=["exercise"]
def update(model, adam_d, adam_g, real, latents, weights):
    """A step of D, then one of G and Q → loss_d, loss_g (with the bound in it), and each code's bound, in nats: (5,)."""
    fake = model.generator(latents.vector(model.codes))  # (100, 74) → (100, 1, 28, 28)

    # TODO: D's step. Compute loss_d, clear the gradients, go backward, let adam_d step.

    # TODO: the step of G and Q. Compute loss_g, clear the gradients, go backward, let adam_g step.

    return ...  # TODO: torch.stack([loss_d, loss_g, *bound]).detach()


update = exercises.infogan_update(update)

# %% [markdown]
# *Hint.* `fake.detach()` has the same pixels as `fake`, and no gradient passes through it. When $D$ has moved, ask it
# again about `fake`, this time without `detach`.
#
# <details><summary>Solution</summary>
#
# ```python
# def update(model, adam_d, adam_g, real, latents, weights):
#     fake = model.generator(latents.vector(model.codes))
#
#     # D's step: climb V(D, G)
#     real_logits, _ = model.discriminator(real)
#     with statistics_untouched(model.discriminator):
#         fake_logits, _ = model.discriminator(fake.detach())
#     loss_d = objectives.discriminator_loss(real_logits, fake_logits)
#     adam_d.zero_grad()
#     loss_d.backward()
#     adam_d.step()
#
#     # The step of G and Q: descend V(D, G) − λ L_I(G, Q)
#     with statistics_untouched(model.discriminator):
#         fake_logits, features = model.discriminator(fake)
#     posterior = model.recognition(features)
#     bound = objectives.mutual_information_bound(posterior, latents, model.codes)
#     loss_g = objectives.generator_loss(fake_logits) - (weights * bound).sum()
#     adam_g.zero_grad()
#     loss_g.backward()
#     adam_g.step()
#     return torch.stack([loss_d, loss_g, *bound]).detach()
# ```
#
# Without `detach` in D's step, `backward` would run on into $G$ and use up the graph of `fake`. The second `backward` then
# stops with an error. In the second step nothing is detached. The gradient has to pass *through* $D$ to reach the pixels, and through the
# features to reach $G$ from $Q$. It also leaves gradients in $D$'s weights, but `adam_d.zero_grad()` clears them next
# time.
# </details>
#
# **Think.** $Q$ reads features, which the layers that it shares with $D$ compute: the *trunk*. Which loss trains the trunk?
#
# <details><summary>Answer</summary>
#
# Only $D$'s. The trunk belongs to `adam_d`, and `loss_d` doesn't contain the bound. So the features are made for
# telling real from generated. The option `--trunk dq` lets the bound train the trunk as well, and keeps the game's loss
# away from it in this step. If `adam_g` simply got the trunk, $G$'s game would move it too, so that $D$ is fooled more
# easily.
#
# And $Q$'s own layers? Listed in `adam_d` by mistake, they would never learn, because `loss_d` gives them no gradient.
# Even so, in a run that we tried, the category's bound rose to 0.9 nats: $G$ adapts its images to a random $Q$.
# </details>
#
# Does the update agree with the library's? We compare three updates from the same state, with the same random numbers.

# %%
trainer = make_trainer(config, digits.images)
model = copy.deepcopy(trainer.model)
adam_d = torch.optim.Adam(model.discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
adam_g = torch.optim.Adam([*model.generator.parameters(), *model.recognition.parameters()], lr=1e-3, betas=(0.5, 0.999))
weights = torch.tensor([1.0, 0.5, 0.5], device=trainer.device)  # λ of category, c1, c2
random = torch.Generator(trainer.device)
random.set_state(trainer.random.get_state())


def next_update(step):
    """One call of your `update`, with the next real images and newly drawn codes."""
    latents = config.codes.sample(config.batch_size, random, trainer.device)
    return update(model, adam_d, adam_g, trainer.batches[step], latents, weights).cpu().numpy()


yours = []
for step in range(3):
    yours.append(next_update(step))
    trainer.update()

library = np.stack(list(trainer.history.values()), axis=1)
for column, name in enumerate(trainer.history):
    print(f"{name:15} update {np.stack(yours)[:, column].round(3)}  library {library[:, column].round(3)}")
print(f"largest difference: {np.abs(np.stack(yours) - library).max():.1e} nats")

# %% [markdown]
# They agree up to rounding, which Adam enlarges. (loss_G is $G$'s part of the game, about 0.69 here, minus the weighted bounds.)
#
# ## A checklist for the first minute
#
# The first values already tell something, because they follow from "nobody knows anything yet":
#
# | look at | at the first update | within some 200 updates | if not |
# |---|---|---|---|
# | real pixels | from −1 to 1, like $G$'s tanh | | the data is scaled wrongly; no loss shows it |
# | $D$'s loss | near $2 \log 2 = 1.386$ | falls, but stays well above 0 | near 0: $D$ wins, see below |
# | $G$'s part of the game | near $\log 2 = 0.693$ | 0.7 to 1.5 | 3 and more: $D$ wins |
# | category's bound | near 0 | rises to $\log 10 = 2.303$ | near 0: not in the loss, or starved; flat below: see the lab |
# | bounds of c1 and c2 | near −0.39 | leave −0.39 | their λ is too small, or they come later |
# | generated images | grey | texture, then shapes that differ | all alike for long: $G$ has *collapsed* |
#
# The −0.39 is the bound of a $Q$ that always answers 0 with σ = 1. With σ fixed at 1, even a perfect $Q$ reaches only
# −0.226. (A learned σ changes both numbers: see the lab.) These are the ceilings of the three bounds:

# %% tags=["nbval-check-output"]
for name, ceiling in objectives.bound_ceilings(config.codes, learned_std=False).items():
    print(f"L_I of {name} can be at most {ceiling:.3f} nats")

# %% [markdown]
# Now go on with the update for its first minute, and compare with the table:

# %%
print(f"real pixels from {trainer.batches[0].min():.0f} to {trainer.batches[0].max():.0f}")
yours += [next_update(step) for step in range(3, steps(100, fast=30))]
for step in (1, 10, 30, len(yours)):
    loss_d, loss_g, *bounds = yours[step - 1]
    game = loss_g + (weights.cpu().numpy() * bounds).sum()
    values = ", ".join(f"{name} {bound:.2f}" for name, bound in zip(config.codes.names, bounds, strict=True))
    print(f"update {step:3}: D's loss {loss_d:.2f}, G's part of the game {game:.2f}, bounds: {values}")
figures.tile(
    drawings.drawn_as_in_training(model, config.codes.sample(10, torch.Generator().manual_seed(0))), 10, scale=2
)

# %% [markdown]
# **What to see.** The values move as the table says. After 100 updates $Q$ reads the category with more than 2 nats.
# Yet the ten images are only texture. Is this a contradiction?
#
# ## Train, and watch
#
# `fit` does what the command line does. It repeats the update, prints a line for each epoch, and writes pictures and
# checkpoints. We add two *callbacks*, which are objects that the loop calls as it goes. `LiveView` redraws the grid and
# the bounds every 100 updates, and `Film` keeps a small grid at the updates that we name. You may stop the cell at any
# time: what has been trained is kept.
#
# **Predict before you run it**, and write both numbers down. After how many updates will $Q$ read the category with 2
# of the possible 2.3 nats? After how many will you recognise digits?

# %%
film = drawings.Film([25, 50, 100, 150, 200, 250, 500, 1000, 5000])
trainer = fit(config, [LiveView(every=steps(100, fast=25)), film])

# %% [markdown]
# **What to see.** On the left there is one row for each category, with c1 from −2 to 2 and the same noise $z$ in every
# cell. On the right, the category's bound has climbed to its ceiling; c1 and c2 had less than 0.2 nats to rise.
# Training drew c1 and c2 from −1 to 1, so in the outer columns the digits may get ragged. (The times in the log are
# those of a busy machine.) Now compare your two numbers with the film:

# %%
arrived = int((figures.running_mean(trainer.history["bound/category"], 10) > 2).argmax()) + 1
print(f"Q read the category with 2 nats after {arrived} updates.")
film.strip()

# %% [markdown]
# **What to see.** The same $z$ at several moments, with c1 at −1 and 1, one row per category, and stretched contrast.
# Above each grid stands the category's bound. (The number in brackets is explained below.) The bound is close to its
# ceiling while the images are still texture: digits can be made out from about update 200 on. Ten kinds of texture are
# enough for $Q$, even if they look alike to us. So a bound at its ceiling says that the code can be read from the image. It doesn't say
# that the image is a digit, nor that the code means what you hoped. Meanings even change while the bound stands still:
# on the left, category 3 is a 1 at update 500 and an 8 at update 1,000.
#
# <details><summary>In brackets: the bound of a finished model. Why is it so small at first?</summary>
#
# In training, every batch of generated images is normalised by its own mean and variance, which enlarges the faint
# differences between textures. A finished model normalises by BatchNorm's running averages, which in $D$ are those of
# *real* digits. By their scale the differences are tiny. So early in a run, a log and the model after loading may
# disagree without any bug.
# </details>
#
# The second code, with the same noise:

# %%
figures.traversal(trainer.model, code=1)

# %% [markdown]
# **What to see.** The two codes change different things, and not the same in all rows. Between −1 and 1 c1 even changes the
# digit itself in some: an 8 becomes a 5 (category 0) or a 1 (category 3), and a 3 becomes a 5 (category 5). c2 turns the 9
# of category 1 into a 1. There the code has taken over a part of what we call the category. Nothing in (6) says which code takes what.
#
# ## What the losses say, and what they don't
#
# `loss_G` in the log contains $-\lambda L_I$, so it is mostly below zero. We add the bounds back to see the game.

# %%
axes = pictures.panels(size=(6.5, 3.0))
drawings.draw_game(axes, trainer)
axes.set(title="Neither loss says how good the digits are", ylim=(0, 2.2))
axes.legend(fontsize=9)
plt.show()

# %% [markdown]
# **What to see.** The dotted lines are the values of a $D$ that can't tell. Both losses stay in the same region while
# the images go from texture to digits, because each is measured against an opponent that improves too. They do show
# when one player has won. We come to that below.
#
# How can we know how good the model is? By labels, which training has never seen. Let $Q$ name the category of each real
# digit, give each category the digit that it fits best, no digit twice, and count.

# %%
belief = trainer.model.infer(data.to_float(digits.images)).categorical[0]  # (n, 10) probabilities
report = evaluation.judge_categories(belief.argmax(1).cpu(), digits.labels, categories=10)
print(f"one-to-one accuracy on {len(digits):,} real digits: {report.accuracy:.3f} (random categories: about 0.12)")
print("digit of each category:", *report.class_of_category)

# %% [markdown]
# That is far better than chance, and far from right. (Notebook 5 looks closely at this number.) The grid shows why a
# run falls short: two digits share a category, or one digit takes two. The list of digits hides this. Each digit is given
# away once, so a category may be called by a digit that it seldom draws.
#
# ## Figure 1 of the paper
#
# Would a plain GAN have done the same? Its generator gets the same 74 numbers, but nothing asks it to use the code. To
# measure whether it does, we train a $Q$ all the same, and cut its gradient before it reaches $G$. In the update that
# is one word: `model.recognition(features.detach())`. In the library it is `objective="gan"`.

# %%
gan = make_trainer(dataclasses.replace(config, objective="gan", max_steps=steps(250, fast=20)), digits.images).run()
gan_bound = figures.running_mean(gan.history["bound/category"], 10)
infogan_bound = figures.running_mean(trainer.history["bound/category"], 10)[: gan.step]
print(
    f"GAN: at most {gan_bound.max():.2f} nats, after {gan_bound.argmax() + 1} updates; {gan_bound[-1]:.2f} at the end"
)
print(f"InfoGAN: {infogan_bound[-1]:.2f} nats at the end")
drawings.draw_figure_1(infogan_bound, gan_bound)

# %% [markdown]
# **What to see.** InfoGAN's bound goes straight to $H(c) = \log 10$. The GAN's rises a little and falls again. A fresh
# generator is a random function of all its inputs, so the category leaves traces, and $Q$ learns to read them. Then $G$
# learns from $D$ alone, nothing protects these traces, and $Q$ reads ever less. The paper's figure has the same two
# shapes.
#
# The dashed curve doesn't prove that the GAN's images hold *no* information about the code, because it is a lower
# bound: a better $Q$ might read more. (In the longer run of `docs/results/figure_1.png` the GAN's curve
# rises once more, to about 0.15 nats.)
#
# ## The lab
#
# Now we try what can go wrong. In the lab every run has a small network, a quarter of the paper's width, and 500
# updates. Two of the bugs concern $Q$'s σ, so here σ is learned. That moves the landmarks of c1 and c2:
#
# | σ | a $Q$ that knows nothing about c1 | the ceiling |
# |---|---|---|
# | fixed at 1 | $\log 2 - \frac12 \log 2\pi - \frac16 = -0.39$ | $\log 2 - \frac12 \log 2\pi = -0.226$ |
# | learned | −0.18: σ becomes its error, $1/\sqrt 3$, and $\log 2 - \frac12 \log(2\pi e / 3) = -0.18$ | 2.77: the library keeps σ above $e^{-3}$ |
#
# (Here $\log 2$ is $H(c)$, and ⅙ is half the variance of c1.)
#
# With a learned σ the bound of c1 can grow by 3 nats and not only by 0.17, so for the same pull λ must be some twenty times
# smaller than 0.5. The category's λ is 0.1 in the lab, for a reason that we will see. That of c1 and c2 is a tenth of it,
# 0.01. Of five seeds we show the one with the clearest digits, seed 4.

# %%
order = torch.randperm(len(digits), generator=torch.Generator().manual_seed(0))
unseen, lab_digits = digits.images[order[:100]], digits.images[order[100:]]  # D never sees the first hundred
lab = dataclasses.replace(
    config,
    width=0.25,
    continuous_std="learned",
    info_weight=0.1,
    recog_weight=0.01,
    num_epoch=1000,
    max_steps=steps(500, fast=20),
    seed=4,
)
healthy = bugs.train(bugs.HEALTHY, lab, lab_digits)

# %% [markdown]
# ### When the game itself fails
#
# Any GAN can fail, with or without a code:
#
# - **$D$ wins.** $D$ learns at 25 times its usual rate, and $G$ at a fifth of its own.
# - **$D$ memorises.** All settings are healthy, but there are only 100 digits.

# %%
few = lab_digits[:100]
d_wins = bugs.train(bugs.HEALTHY, dataclasses.replace(lab, lrD=5e-3, lrG=2e-4), lab_digits)
memorised = bugs.train(bugs.HEALTHY, lab, few)
failures = {"healthy": healthy, "D wins": d_wins, "D memorises": memorised}
drawings.gallery(failures, drawings.draw_game, "A failing GAN shows in D's loss, and in images that stay texture")

# %% [markdown]
# **What to see.** Below each plot, each row is one category and each column one $z$. Where $D$ wins, its loss falls to
# nearly 0 and $G$'s part rises to several nats. Each step of $G$ is small, and $D$ answers it at once. Twice $G$
# catches up for a moment. The images never leave texture. With 100 digits, $D$'s loss sinks more slowly, but it never
# stops sinking. Is that memory? There is a test: show $D$ real digits that it was never trained on.


# %%
def compare_seen_and_unseen(name, run):
    """Print what D says to a hundred digits that it was trained on, and to a hundred others."""
    seen, new = (bugs.believed_real(run.model, data.to_float(images).to(run.device)) for images in (few, unseen))
    print(f"{name:23} D's mean probability of 'real': {seen:.2f} for digits it was trained on, {new:.2f} for others")


compare_seen_and_unseen(f"trained on {len(lab_digits):,} digits:", healthy)
compare_seen_and_unseen("trained on 100 digits:", memorised)

# %% [markdown]
# The $D$ that was trained on 100 digits knows them by heart, and takes most other real digits for generated ones. The other $D$
# makes no such difference after 500 updates. In a run of your own, keep a few hundred images out of training and
# compare in the same way from time to time.
#
# | symptom | healthy here | try |
# |---|---|---|
# | $D$'s loss below 0.3, $G$'s part above 3 | 1.1–1.4 and 0.7–0.95 | a smaller `lrD` or a larger `lrG` |
# | all images alike (collapse), or texture | digits that differ | the same rates; a smaller λ (see below); another seed |
# | $D$'s loss sinks over epochs, unseen digits are "generated" | seen and unseen digits judged alike | more data, a narrower $D$, stop earlier |
#
# ### How to choose λ
#
# **Predict.** So far the lab had λ = 0.1 for the category. With λ = 1 and λ = 10, where will each bound end, and what
# will the images look like?

# %%
lambdas = {"λ = 0.1": healthy}
for value in (1.0, 10.0):
    lambdas[f"λ = {value:g}"] = bugs.train(bugs.HEALTHY, dataclasses.replace(lab, info_weight=value), lab_digits)
for name, run in lambdas.items():
    bound, loss_d = run.history["bound/category"], run.history["loss_D"]
    arrived = int((figures.running_mean(bound, 10) > 0.9 * math.log(10)).argmax()) + 1
    print(
        f"{name:8} bound {bound[-20:].mean():.2f} nats, above nine tenths of its ceiling from update {arrived}; "
        f"D's loss {loss_d[-20:].mean():.2f}"
    )
compare_seen_and_unseen("λ = 10:", lambdas["λ = 10"])
drawings.gallery(lambdas, drawings.draw_bounds, "With too large a λ, 500 updates bring no digits")

# %% [markdown]
# **What to see.** With all three values the bound passes nine tenths of its ceiling early, and ends close to it. So the
# bound alone doesn't choose λ. The images do. With λ = 10 they are still texture after 500 updates. A likely reason:
# each step away from textures that $Q$ can read costs $G$ ten times as much as with λ = 1. With λ = 1 there are digits, but c1 and c2 stay
# close to the −0.18 of a $Q$ that knows nothing: the category weighs a hundred times as much as they do. With λ = 0.1 it
# weighs ten times as much, and they are read early. (They sink again while digits appear.)
#
# So a rule: among some values of λ, take the smallest with which the bound passes nine tenths of its ceiling early, and
# look at the images. Of these three it is λ = 0.1. That is one seed, and one whose digits were clearest with 0.1. For a
# choice that matters, try several seeds, and values below 0.1.
#
# With λ = 10, $D$'s loss sinks too. But it stays above 0.3, and $D$ judges seen and unseen digits alike. So here λ is to
# blame, and neither $D$'s learning rate nor its memory.
#
# Once a category's bound is at $\log K$, a larger λ has nothing more to gain. A continuous code with a learned σ is
# different. Its bound can grow as long as $Q$ gets more precise, so it always pulls. The paper therefore advises a
# smaller λ for continuous codes, so that $\lambda L_I$ stays on the scale of the game. With σ fixed at 1, c1 and c2
# have less than 0.2 nats to gain, so the main run could afford λ = 0.5 for them. Whether a smaller one would have kept
# them out of the category's affairs, we haven't tried.
#
# ## Five bugs
#
# Four slips, and a setting, that are easy to make and hard to see:

# %%
for bug in bugs.BUGS.values():
    print(f"{bug.name}\n    right: {bug.right}\n    wrong: {bug.wrong}\n")

# %% [markdown]
# **Predict.** For each, write down: will the category's bound end lower than it should? Will the bounds of c1 and c2
# change? Will the grid look different? For the first bug you can compute the answer.
#
# ### Exercise 2: the ceiling of a softmax too many (7 minutes)
#
# `F.log_softmax` and `F.cross_entropy` take logits. If they are given probabilities, the softmax is taken twice.
# Suppose that $Q$ is perfect: its probabilities are 1 for the right category and 0 for the $K-1$ others. What does
# $L_I$ become?


# %% tags=["exercise"]
def double_softmax_ceiling(categories):
    """The highest L_I in nats that K = `categories` can show when the softmax is taken twice."""
    return ...  # TODO: one line with math.log and math.e


double_softmax_ceiling = exercises.double_softmax_ceiling(double_softmax_ceiling)

# %% [markdown]
# *Hint.* Take the softmax of a vector with a single 1 and $K-1$ zeros. Which probability does the 1 get?
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
# Now we train one patient for each bug. "New z in each cell" is a bug of the picture alone, so it shares the healthy
# run.

# %%
patients, table = {"none": healthy}, {"none": bugs.signs(bugs.HEALTHY, healthy)}
for bug in bugs.BUGS.values():
    only_drawn_wrong = bug.grid is not figures.traversal
    patients[bug.name] = healthy if only_drawn_wrong else bugs.train(bug, lab, lab_digits)
    table[bug.name] = bugs.signs(bug, patients[bug.name])
print(drawings.symptom_table(table))

# %% [markdown]
# **How to read the table.** The first three columns are the bounds at the end, in nats. *σ / error* divides the error
# that $Q$ claims, its σ, by the error that it makes on generated images; an honest $Q$ is near 1. *Row jump* is the
# change from one cell of a row to the next, as a share of the change that a new $z$ makes. A star marks what is far from the healthy run: a bound by 0.2 nats, the ratio by 30 %, the jump by a factor
# of 2. Symptoms overlap, so read the table in this order:
#
# 1. Does **no** bound leave its starting value? Then the bound isn't in the loss: *λ is zero*.
# 2. Is the category near 0 while c1 and c2 are high? Then they starve it: *heavy learned std*.
# 3. Does the category, of ten, end between 0 and 0.84? *Double softmax*. (For other K, exercise 2 gives the number.)
# 4. Are the bounds healthy, or even a little higher, but σ is far above the error? *Variance as std*.
# 5. Are the first four numbers healthy, but the row jump is near 1? *New z in each cell*.
# 6. None of these? *None*.
#
# Now the pictures, healthy first.


# %%
def examine(bug, trainer, title, lines=None):
    """The bounds, Q's σ next to its error on a thousand generated images, and the grid as the program draws it."""
    stds = bugs.claimed_and_measured_std(trainer.model)
    return drawings.symptoms(trainer, stds, bug.grid(trainer.model, 0), title, lines)


examine(bugs.HEALTHY, healthy, "Healthy: the category at its ceiling, honest σ, rows that change by small steps")

# %% [markdown]
# **What to see.** The category is near its ceiling, $\log 10$. The ceiling of c1 and c2 is that of the least σ that the
# library allows, and they needn't come near it. On the right, the dotted line is $1/\sqrt 3$, the error of a $Q$ that
# always answers 0.

# %%
examine(
    bugs.BUGS["double softmax"],
    patients["double softmax"],
    "Double softmax: a ceiling that shouldn't be there",
    lines={"the ceiling of two softmaxes": double_softmax_ceiling(10)},
)

# %% [markdown]
# **What to see.** The category's bound goes flat, like a run that has converged, below the number of exercise 2. $Q$
# does learn the categories: only what it may claim is limited, and its gradients are weaker. So draw the right ceilings
# into your plots.

# %%
examine(bugs.BUGS["new z in each cell"], healthy, "New z in each cell: healthy curves, and rows that jump")

# %% [markdown]
# **What to see.** The curves are the healthy ones to the last digit, because the training *is* the healthy one. But a
# row should be one shape that changes by small steps. Here neighbours differ in stroke and shape, although the trend of
# c1 still shows. A test: set the range of the code to zero. Every row must then be one picture repeated. (A grid can also
# forget the category: then all rows are alike, although the bound is at its ceiling.)

# %%
examine(
    bugs.BUGS["variance as std"], patients["variance as std"], "A variance used as std: Q claims too large an error"
)

# %% [markdown]
# **What to see.** Curves and grid look healthy. The loss takes $σ^2$ for the standard deviation, so the network makes
# $σ^2$ as large as its error. The model's σ is the square root of its error, and the root of a number below 1 is
# larger. To find this, compare a claimed uncertainty with a measured error.

# %%
examine(bugs.BUGS["lambda is zero"], patients["lambda is zero"], "λ = 0: no bound ever leaves its starting value")

# %% [markdown]
# **What to see.** The category's bound stays near 0, and those of c1 and c2 below −0.39, which a $Q$ reaches that always
# answers 0 with σ = 1. $Q$ isn't trained at all here, so σ stays near 1, where it began. (In figure 1, the GAN's $Q$ was
# trained. That is why its bound rose for a while.) All rows look alike. c1 may change the image, as any input of $G$ may,
# but nobody learns to read it. Has $G$ collapsed? A grid with a single $z$ can't
# tell. So draw ten:

# %%
figures.tile(patients["lambda is zero"].model.generate(10, seed=0), 10, scale=2)

# %% [markdown]
# **What to see.** Other $z$ draw other images. So this is no collapse. (The bound couldn't have told: a $G$ that draws a
# single image for each category, whatever $z$ is, has a perfect one.) What is wrong is that nobody reads the codes, and
# nothing asks $G$ to make them readable.

# %%
examine(
    bugs.BUGS["heavy learned std"],
    patients["heavy learned std"],
    "Heavy learned σ: c1 and c2 soar, the category starves",
)

# %% [markdown]
# **What to see.** No digit was drawn at all. The bounds of c1 and c2 rise from the first update, and the category stays
# near 0. With a weight of 5, halving σ and the error pays $5 \log 2 = 3.5$ nats. The category can never pay more than
# $0.1 \log 10 = 0.23$. The row jump belongs to the same picture: c1 changes an image as much as a new $z$ does. (*σ / error*
# is measured once, on the finished model. During training the error was about as large as σ, or else the bounds would be
# higher.) At milder weights the category's bound recovers, and what suffers is its meaning:
# `docs/results/continuous_std.md` has such runs.
#
# ## The mystery case
#
# A number picks one of the five bugs, or none, and trains a new patient with it.

# %%
CASE = 10  # any whole number: another one is another patient
hidden = bugs.mystery(CASE)
patient = bugs.train(hidden, dataclasses.replace(lab, seed=abs(CASE)), lab_digits)
examine(hidden, patient, f"Case {CASE}")

# %% [markdown]
# Go through the picture in the order of the list above.
#
# ### Exercise 3: name the bug (15 minutes)
#
# Write the name as it was printed above, or `"none"`. If you are wrong, the check says what you would have seen. Then
# try other numbers, until you are right three times in a row. For each, run the cell above again, which takes about
# half a minute.

# %% tags=["exercise"]
diagnosis = CASE, ...  # TODO: the name of the bug, for example "double softmax"

exercises.diagnosis(diagnosis)

# %% [markdown]
# *Hint.* A category's bound above 0.84 rules out the double softmax. A category's bound that has risen at all rules out
# λ = 0. A row that changes by small steps rules out the new $z$.
#
# <details><summary>Solution</summary>
#
# ```python
# CASE = 10
# diagnosis = CASE, "variance as std"
# ```
#
# All bounds are healthy, and so is the grid. But $Q$ claims a far larger error than it makes, for both codes.
# </details>
#
# ## Stop, and go on
#
# A run that is stopped can go on. On a CPU it then ends with the same weights, bit for bit, as if it had never been
# stopped. To train the main run for longer:
#
# ```python
# longer = dataclasses.replace(config, resume=str(trainer.run_folder), num_epoch=2 * config.num_epoch)
# trainer = fit(longer, [LiveView()])
# ```
#
# **Think.** Besides the weights, what must a checkpoint hold for this? What happens if each of these is forgotten?
#
# <details><summary>Answer</summary>
#
# - *BatchNorm's running averages*: training would go on as before, because it normalises by the batch. But a model used
#   or saved soon after resuming would be wrong, because it normalises by them.
# - *Adam's moments, of both optimisers*: Adam would have to build up its averages again, which leaves a bump in the
#   curves.
# - *The state of the random generator*: the next $z$ and $c$ would be different ones.
# - *The number of updates done*: it decides which real images come next.
#
# </details>
#
# The run folder holds the grids, films of c1 and c2, the curves, the checkpoints, and `model.safetensors`, which
# `InfoGAN.load(path)` reads.
#
# ---
# ## Recap
#
# - One update has two steps. $D$ alone climbs $V(D, G)$. Then $G$ and $Q$ together descend
#   $V(D, G) - \lambda L_I(G, Q)$.
# - The losses show whether one player has won. They don't show how good the images are, nor whether a code is used.
# - Look at each bound next to its ceiling; at a grid in which everything but one code is held still; and at what $Q$
#   claims next to what it achieves.
# - A category's bound of 2.3 nats means that the code can be read. What the code is used *for* is the subject of
#   notebook 5.
# - Judge by several seeds. In `docs/results/runs.md` five seeds of this objective end with the same bound, and with
#   accuracies from 0.73 to 0.90. So the bound doesn't say which run to keep. Compare their grids, or use a few labels.
#
# ## Further reading
#
# - Chen et al. 2016, [InfoGAN](https://arxiv.org/abs/1606.03657): section 6 for λ, section 7.1 for figure 1, appendix
#   C.1 for the settings.
# - Radford, Metz and Chintala 2016, [DCGAN](https://arxiv.org/abs/1511.06434): where these settings of Adam come from.
# - Goodfellow 2016, [tutorial on GANs](https://arxiv.org/abs/1701.00160): tips for training, and why it is hard.
