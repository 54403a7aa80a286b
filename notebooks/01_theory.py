# ---
# jupyter:
#   accelerator: GPU
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# [![Open this notebook in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/infogan-course/infogan-course/blob/v0.1.0/notebooks/01_theory.ipynb) · [Glossary and notation](https://github.com/infogan-course/infogan-course/blob/v0.1.0/docs/glossary.md)

# %% [markdown]
# # 1. See what a GAN learns, and what it leaves unsaid
#
# **What you will do.** Play the game of a generative adversarial network (GAN) on one-dimensional data where every
# answer is known, train a GAN on small pictures of bars, and find out why nobody can tell what its input numbers mean,
# there and in a GAN of handwritten digits.
#
# **What you will learn.** To write both losses of a GAN and to say what value they have when training is over; to show
# with one rotation why a GAN's noise is entangled; to compute entropy and mutual information, the two quantities that
# InfoGAN is built from.
#
# **What you need.** Python with numpy, a little PyTorch (a module, an optimiser, `backward`), and logarithms and
# averages. No knowledge of GANs. About 80 minutes of reading and exercises. The cells themselves run for about three
# minutes on a CPU, and a GPU makes no difference here because the networks are tiny.
#
# **What this notebook uses.** $G$ and $D$ are the generator and the discriminator, $z$ is the noise, $c$ the code
# that InfoGAN adds. $V(D, G)$ is the value of the game, equation (1) of the paper, and $\lambda$ in equation (2) says
# how much a nat of information is worth to $G$. $H$ is entropy and $I$ mutual information. All logarithms are
# natural, so the unit is the *nat*: one bit is $\log 2 = 0.693$ nats.

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
import itertools
import math

import matplotlib.pyplot as plt
import numpy as np
import torch.nn.functional as F
from torch import nn

from infogan_lib import evaluation, load_pretrained
from infogan_lib.course import figures as pictures
from infogan_lib.course import theory as exercises
from infogan_lib.course.pace import steps
from infogan_lib.evaluation import morphometry
from infogan_lib.figures import COLOURS, number

torch.set_num_threads(1)  # networks this small run faster on one core

# %% [markdown]
# ## The question
#
# A generator that was trained on handwritten digits takes a list of random numbers, for example 62 of them, and turns
# them into a digit. Another list gives another digit: a slanted 7, an upright 7, a wide 3. So the slant, the width and
# the class of the digit must all be decided by those 62 numbers, because there is nothing else that could decide them.
#
# **Which of the numbers is the slant?**
#
# Most people who first see a GAN expect an answer such as "the fifth". This notebook shows that a plain GAN has no such
# answer, that this isn't for lack of training, and what would have to be added to its objective to get one. The
# addition is InfoGAN (Chen et al. 2016), and the rest of the course is about it. Nothing here needs labels: the
# whole point is to learn what varies in data without being told.
#
# ## Play the game with everything known
#
# A GAN has two players. The *generator* $G$ turns noise $z$ into a sample $G(z)$. The *discriminator* $D$ looks at a
# sample and returns the probability that it is real. $D$ wants to be right, and $G$ wants $D$ to be wrong. Equation (1)
# of the paper writes the two wishes as one number, which $D$ makes large and $G$ makes small:
#
# $$\min_G \max_D V(D, G) = \mathbb{E}_{x \sim P_{\text{data}}}[\log D(x)]
#   + \mathbb{E}_{z}[\log(1 - D(G(z)))] \tag{1}$$
#
# What is the best that $D$ can do against a fixed $G$? Write $p$ for the density of the data and $q$ for the density of
# what $G$ makes. Both expectations are integrals over the same $x$, so $V$ is $\int p \log D + q \log(1-D)$, and $D$
# may choose its value at each $x$ separately. (The second expectation is over $z$ in (1). But each $z$ gives one
# $x = G(z)$, and $q$ says how often each $x$ comes out, so averaging over $z$ is averaging over $x$ with weight $q$.)
# Setting the derivative $p/D - q/(1-D)$ to zero gives $D^*(x) = p(x) / (p(x) + q(x))$. It is a maximum, because the
# second derivative, $-p/D^2 - q/(1-D)^2$, is negative. To put $D^*$ back into (1), write $m = (p+q)/2$. Then
# $D^* = p/(2m)$ and $1 - D^* = q/(2m)$. Each of the two logarithms contributes a $-\log 2$, and what is left is
#
# $$V(D^*, G) = -\log 4 + \int p \log\frac{p}{m} + \int q \log\frac{q}{m} = -\log 4 + 2\,\mathrm{JSD}(p, q).$$
#
# The two integrals are *Kullback–Leibler divergences*. $\mathrm{KL}(p\,\|\,m) = \int p \log (p/m)$ says by how many
# nats a sample from $p$ speaks for $p$ and against $m$, on average; it is never negative, and zero only if the two
# are equal. The Jensen–Shannon divergence JSD is the mean of the two. So the generator's best reply is to make
# exactly the data's distribution. Then $D^* = ½$ everywhere and $V = -\log 4 = -1.386$.
#
# Let us check this numerically. On a line we can replace the integrals by sums over a fine grid. The data are a mixture
# of two bumps; the "generator" is, for now, one broad bump that somebody chose.

# %%
x = np.linspace(-4, 4, 801)
dx = x[1] - x[0]


def normal(x, mean, std):
    return np.exp(-0.5 * ((x - mean) / std) ** 2) / (std * math.sqrt(2 * math.pi))


p = 0.5 * normal(x, -1.5, 0.4) + 0.5 * normal(x, 1.5, 0.4)  # the data
q = normal(x, 0.3, 1.0)  # what a poor generator makes
p, q = p / (p.sum() * dx), q / (q.sum() * dx)  # the grid ends at ±4: let both sum to 1 on it


# %% [markdown]
# ### Exercise 1: the best discriminator (5 minutes)
#
# Complete the function from the derivation above. The check below the function tells you what is wrong with an answer;
# it never stops the notebook, so you may also go on and come back.


# %% tags=["exercise"]
def optimal_discriminator(p_data, p_model):
    """The D(x) that makes V(D, G) largest, from the two densities at x."""
    return ...  # TODO: one line


exercises.optimal_discriminator(optimal_discriminator)

# %% [markdown]
# *Hint.* What should $D$ say where the generator never goes? And where both densities are equal?
#
# <details><summary>Solution</summary>
#
# ```python
# def optimal_discriminator(p_data, p_model):
#     return p_data / (p_data + p_model)
# ```
#
# Where $q = 0$ this is 1, where $p = 0$ it is 0, and where both are equal it is ½: the posterior probability of "real"
# when real and generated samples come equally often.
# </details>


# %%
# NBVAL_CHECK_OUTPUT
def value(d):
    """V(D, G) of equation (1) for a function D on the grid."""
    return float(np.sum(p * np.log(d) + q * np.log(1 - d)) * dx)


def kl(a, b):
    return float(np.sum(a * np.log(a / b)) * dx)


m = (p + q) / 2
best = p / (p + q)
print(f"V(D*, G)         = {value(best):.4f}")
print(f"−log 4 + 2 JSD   = {-math.log(4) + kl(p, m) + kl(q, m):.4f}")
print(f"V(½, G) = −log 4 = {value(np.full_like(x, 0.5)):.4f}")

# %% [markdown]
# The first two numbers agree, as derived. The third is what a $D$ scores that always answers ½, whatever $G$ does. Is
# $D^*$ really the best? A thousand discriminators that differ from it by random smooth bends should all do worse.

# %%
random = np.random.default_rng(0)
others = []
for _ in range(1000):
    bend = sum(random.normal() * np.sin(k * x + random.uniform(0, 6)) for k in range(1, 6))
    logit = np.log(best / (1 - best)) + random.uniform(0, 1) * bend
    others.append(value(1 / (1 + np.exp(-logit))))
assert max(others) < value(best)

above, below = pictures.panels(1, 2, size=(5.5, 2.2), sharex=True)
pictures.lines(above, x, {"data p": p, "generator q": q}, title="Two densities", ylabel="density (1/unit of x)")
pictures.lines(below, x, {"D*": best}, title="The best discriminator against this G", xlabel="x", ylabel="D*(x)")
below.axhline(0.5, color="black", linewidth=0.8, linestyle=":")
plt.show()

# %% [markdown]
# **What to see.** $D^*$ crosses ½ (dotted) exactly where the two densities cross, and comes close to 0 in the valley
# between the bumps, where the generator puts samples and the data has none. That valley is the information that $G$ can
# use: if it moves its samples out of it, it fools $D$ better. Far to the left and right both densities are almost
# zero, and $D^*$ is still sure of itself there: it is a ratio, and a ratio doesn't know how rare its case is.
#
# ## Train on the line and watch
#
# A real $D$ knows no densities. It is a network, sees samples, and climbs $V$ by gradient steps. It returns a *logit*,
# the number whose sigmoid is the probability, because $\log D$ computed from a rounded probability turns to
# $-\infty$ when $D$ is very sure. With $D = \mathrm{sigmoid}(l)$ we have $-\log D = \mathrm{softplus}(-l)$ and
# $-\log(1-D) = \mathrm{softplus}(l)$, and these never overflow. The loss of $D$ is $-V$:


# %%
def discriminator_loss(real_logits, fake_logits):
    """−V(D, G) of equation (1), in nats."""
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


# %% [markdown]
# When $D$ can't tell at all this loss is $\log 4 = 1.386$. Remember the number: a discriminator's loss near 1.386 may
# mean that the generator is perfect, and it may also mean that the discriminator is useless. The loss alone can't say
# which.
#
# The generator could minimise $V$ itself, which means minimising $\log(1 - D(G(z)))$. In practice it starts badly.
# Early on $D$ recognises every fake with ease; then $l$ is very negative, and the slope of $\log(1 - D)$ with respect
# to the logit is nearly zero. The generator is at its worst and learns least. The original GAN paper (Goodfellow et al.
# 2014) therefore lets $G$ minimise $-\log D(G(z))$, the *non-saturating* loss. It has the same fixed point, and a slope
# near −1 exactly where $G$ does badly:

# %%
# NBVAL_CHECK_OUTPUT
logits = torch.tensor([-6.0, -3.0, 0.0, 3.0], requires_grad=True)
(game_slope,) = torch.autograd.grad(-F.softplus(logits).sum(), logits)  # log(1 − D)
(other_slope,) = torch.autograd.grad(F.softplus(-logits).sum(), logits)  # −log D
print("D's logit   D(G(z))   slope of log(1 − D)   slope of −log D")
for logit, a, b in zip(logits.tolist(), game_slope.tolist(), other_slope.tolist(), strict=True):
    print(f"{logit:9.0f} {1 / (1 + math.exp(-logit)):9.3f} {a:21.3f} {b:17.3f}")


# %% [markdown]
# ### Exercise 2: the generator's loss (8 minutes)
#
# Write the non-saturating loss from the logits that $D$ gives to generated samples. Use the softplus identity above.


# %% tags=["exercise"]
def generator_loss(fake_logits):
    """E[−log D(G(z))] in nats; fake_logits is (n,)."""
    return ...  # TODO: one line


exercises.generator_loss(generator_loss)

# %% [markdown]
# *Hint.* The first term of `discriminator_loss` is $-\log D$ of real samples.
#
# <details><summary>Solution</summary>
#
# ```python
# def generator_loss(fake_logits):
#     return F.softplus(-fake_logits).mean()
# ```
#
# `-F.logsigmoid(fake_logits).mean()` is the same function. `-torch.log(torch.sigmoid(fake_logits)).mean()` is the same
# on paper. In float32 it is infinite from a logit of −89 on, because the sigmoid rounds to 0 there.
# </details>
#
# ### Exercise 3: one update of both players (15 minutes)
#
# Now put the pieces together. First $D$ takes a step, then $G$ takes one, against the new $D$. Gradients of D's loss
# must not reach $G$. The library's `objectives.discriminator_loss` and `objectives.generator_loss` are the two losses
# above. The GANs below are trained by your function once the check accepts it, and by the course's own until then.


# %% tags=["exercise"]
def update(generator, discriminator, real, noise, adam_g, adam_d):
    """One step of D, then one of G, on one batch → D's loss and G's loss, as numbers."""
    return ...  # TODO: make fake samples; D's step; G's step; and return loss_d.item(), loss_g.item()


update = exercises.update(update)

# %% [markdown]
# *Hint.* Each step has four lines: the loss, `zero_grad`, `backward`, `step`. In D's step, `fake.detach()` is the same
# numbers without the way back to $G$.
#
# <details><summary>Solution</summary>
#
# ```python
# def update(generator, discriminator, real, noise, adam_g, adam_d):
#     fake = generator(noise)
#     loss_d = objectives.discriminator_loss(discriminator(real), discriminator(fake.detach()))
#     adam_d.zero_grad()
#     loss_d.backward()
#     adam_d.step()
#     loss_g = objectives.generator_loss(discriminator(fake))
#     adam_g.zero_grad()
#     loss_g.backward()
#     adam_g.step()
#     return loss_d.item(), loss_g.item()
# ```
#
# `loss_g.backward()` also leaves gradients in D's weights. They do no harm, because `adam_d.zero_grad()` clears them
# before D's next step.
# </details>


# %%
def train(generator, discriminator, draw_real, draw_noise, updates, rates, watch=lambda step: None):
    """Train both players; rates are the learning rates of G and D."""
    adam_g = torch.optim.Adam(generator.parameters(), rates[0], betas=(0.5, 0.999))
    adam_d = torch.optim.Adam(discriminator.parameters(), rates[1], betas=(0.5, 0.999))
    for step in range(updates + 1):
        watch(step)
        losses = update(generator, discriminator, draw_real(), draw_noise(), adam_g, adam_d)
    return losses


# %% [markdown]
# The two players are small networks: one number in, one number out, two hidden layers of 32. The noise is uniform
# on $[-1, 1]$, as in the InfoGAN paper. Every hundred updates the figure is redrawn, so that you see the generator
# move. To measure how far it is from the data we use the Wasserstein distance: sort 20,000 real and 20,000 generated
# samples and average the distances between partners, in units of $x$.


# %%
def dense(*sizes, activation):
    """Linear layers of these sizes with the activation between them."""
    layers = [layer for a, b in itertools.pairwise(sizes) for layer in (nn.Linear(a, b), activation())]
    return nn.Sequential(*layers[:-1])


def draw_bumps(n=256):
    """n samples of the density p: one bump or the other."""
    return torch.randint(0, 2, (n, 1)) * 3.0 - 1.5 + 0.4 * torch.randn(n, 1)


def draw_uniform(n=256):
    return torch.rand(n, 1) * 2 - 1


@torch.no_grad()
def distance(generator, n=20_000):
    """Wasserstein distance between data and generated samples, in units of x."""
    return (draw_bumps(n).sort(0)[0] - generator(draw_uniform(n)).sort(0)[0]).abs().mean().item()


# %%
torch.manual_seed(0)
generator = dense(1, 32, 32, 1, activation=nn.Tanh)
discriminator = dense(1, 32, 32, 1, activation=lambda: nn.LeakyReLU(0.1))
live, distances = pictures.LiveGan(x, p), {}
grid = torch.tensor(x, dtype=torch.float32)[:, None]


@torch.no_grad()
def watch(step):
    if step % 100 == 0:
        live.show(step, generator(draw_uniform(5000)), torch.sigmoid(discriminator(grid)))
        distances[step] = distance(generator)


loss_d, loss_g = train(generator, discriminator, draw_bumps, draw_uniform, steps(2400, fast=400), (1e-3, 1e-3), watch)

# %% [markdown]
# **What to see.** Above: the data's density (line) and the histogram of what $G$ makes (grey). Below: what $D$
# believes. In a running notebook this is a film; what GitHub shows is its last frame. Four moments of it, side by side:

# %%
live.stills()
plt.show()
first, last = distances[0], min(list(distances.values())[-5:])
print(f"losses at the end: D {loss_d:.3f}, G {loss_g:.3f} nats; log 4 = {math.log(4):.3f}, log 2 = {math.log(2):.3f}")
print(f"distance to the data: {first:.2f} at the start, best of the last five {last:.2f}")
assert math.isfinite(loss_d) and last < first

# %% [markdown]
# **What to see.** At update 0 all samples sit in one place and $D$ is almost flat: neither player knows anything. At
# 200 $G$ has spread over both bumps, but too far to the right. At 800 it has overshot into two narrow spikes. At the
# end there are two bumps again, and most of the valley is cleared. The losses end near $\log 4$ and $\log 2$, the
# values of a $D$ that can't tell. Two things don't become perfect. A few samples stay in the valley, where $D$ keeps
# its dip: $G$ is continuous and the interval of noise is one piece, so some $z$ must land between the bumps. And the
# distance doesn't settle, it goes up and down, because each player answers the other's last move:

# %%
axes = pictures.panels(size=(5.5, 2.6))
pictures.lines(
    axes,
    list(distances),
    {"distance": list(distances.values())},
    title="Distance between generated samples and data",
    xlabel="update",
    ylabel="Wasserstein distance (units of x)",
)
axes.set_ylim(bottom=0)
plt.show()

# %% [markdown]
# **What to see.** A fast fall, then a restless plateau. This is the normal picture of a GAN. One consequence follows us
# through the course: the last update is not always the best one, and neither of the two losses tells you which was. The
# distance can't reach 0, because two samples of the *data* differ as well: the next cell prints by how much.
#
# **Predict.** The losses ended near those of a game that is won. Is the trained $D$ close to $D^*$, the best
# discriminator against this $G$? Decide before you run the cell. $D^*$ needs the density of what $G$ makes; a histogram
# of 200,000 samples is close enough.

# %%
with torch.no_grad():
    made = generator(draw_uniform(steps(200_000, fast=20_000)))[:, 0].numpy()
    learned = torch.sigmoid(discriminator(grid))[:, 0].numpy()
edges = np.linspace(-4, 4, 81)
density, _ = np.histogram(made, edges, density=True)
middles = (edges[:-1] + edges[1:]) / 2
p_middles = np.interp(middles, x, p)
seen = p_middles + density > 0.02  # elsewhere there are too few samples to say
star = np.where(seen, p_middles / np.maximum(p_middles + density, 1e-9), np.nan)
floor = (draw_bumps(20_000).sort(0)[0] - draw_bumps(20_000).sort(0)[0]).abs().mean().item()
print(f"distance between two samples of the data: {floor:.3f}")
gap = np.abs(star - np.interp(middles, x, learned))
worst = int(np.nanargmax(gap))
print(
    f"largest difference at x = {middles[worst]:.1f}: D* = {star[worst]:.2f}, the trained D says {learned[np.abs(x - middles[worst]).argmin()]:.2f}"
)

axes = pictures.panels(size=(5.5, 2.8))
pictures.lines(
    axes, x, {"the trained D": learned}, title="The trained D is smoother than the best one", xlabel="x", ylabel="D(x)"
)
axes.plot(middles, star, "--", color=COLOURS[1], label="D*, from a histogram of G")
axes.axhline(0.5, color="black", linewidth=0.8, linestyle=":")
axes.set_ylim(0, 1)
axes.legend(fontsize=9)
plt.show()

# %% [markdown]
# **What to see.** No. The best $D$ would swing between 0.2 and 1: it would be sure where the data have samples and
# $G$ has none, and low where $G$ piles up its samples. The trained $D$ has learned the valley in the middle and is
# nearly flat everywhere else. So the theory of the last section describes a $D$ that nobody has: a real one is a step
# behind $G$, and smoother than it should be. A loss near $\log 4$ says that *this* $D$ can't tell, not that nobody
# could.
#
# ## Look for meaning in the noise
#
# One number of noise for one number of data leaves no room for confusion. So take images, but images whose truth we
# know: 16×16 pictures of a bar that differ in exactly two *factors*, the slant and the width, both uniform on
# $[-1, 1]$. Handwritten digits have these two factors as well, among others; notebook 5 comes back to them.

# %%
SIZE = 16
ys, xs = torch.meshgrid(torch.linspace(-1, 1, SIZE), torch.linspace(-1, 1, SIZE), indexing="ij")


def draw_bars(slant, width):
    """Images of bars, (n, 1, 16, 16) in [−1, 1], from two factors (n,) in [−1, 1]."""
    away = (xs - 0.7 * slant[:, None, None] * ys).abs()  # distance from the bar's axis
    inside = torch.sigmoid(14 * (0.2 + 0.12 * width[:, None, None] - away)) * torch.sigmoid(20 * (0.8 - ys.abs()))
    return (inside * 2 - 1)[:, None]


leaning = torch.linspace(-1, 1, 7)
rows = {f"width {number(w, 1)}": draw_bars(leaning, torch.full((7,), w)) for w in (-1.0, 0.0, 1.0)}
pictures.image_rows(rows, [number(s, 1) for s in leaning.tolist()], "The data: slant from −1 to 1 along each row")

# %% [markdown]
# **What to see.** Along a row only the slant changes, and down a column only the width. Whoever made these pictures
# had two knobs. The GAN that we train next sees pictures alone.
#
# To judge generated bars we must be able to read the factors back. A bar's slant is the covariance of the bright
# pixels' positions divided by their vertical variance, and its width is in proportion to the number of bright pixels.


# %%
def measure(images):
    """Slant and width of each bar, (n, 2), in the units of the two factors up to a small distortion."""
    light = (images[:, 0] + 1) / 2
    mass = light.sum((1, 2))

    def mean(of):  # over the bright pixels of each image
        return (light * of).sum((1, 2)) / mass

    covariance = mean(xs * ys) - mean(xs) * mean(ys)
    slant = covariance / (mean(ys**2) - mean(ys) ** 2) / 0.7
    return torch.stack([slant, (mass / SIZE**2 - 0.145) / 0.084], 1)


@torch.no_grad()
def correlations(inputs, images):
    """|correlation| of every input with slant and with width: (inputs, 2)."""
    n = inputs.shape[1]
    return torch.corrcoef(torch.cat([inputs, measure(images)], 1).T)[:n, n:].abs()


factors = torch.rand(4000, 2) * 2 - 1
print("|correlation| of the two knobs (rows) with the measured slant and width (columns):")
print(correlations(factors, draw_bars(*factors.T)).numpy().round(2))

# %% [markdown]
# The table is almost the identity: each knob moves its own factor and leaves the other alone. This is what a
# *disentangled* input looks like in numbers, and it is the yardstick for what comes next.
#
# Now the GAN. Its noise has two numbers, as many as there are factors, so that in principle each could take one. They
# are drawn from a normal distribution. We train six times, from the seeds 0 to 5.

# %%
SEEDS = (0, 1, 2, 3, 4, 5)


def train_bars(seed):
    """A plain GAN on bars → its generator and discriminator."""
    torch.manual_seed(seed)
    generator = nn.Sequential(
        dense(2, 64, 64, SIZE**2, activation=nn.ReLU), nn.Tanh(), nn.Unflatten(1, (1, SIZE, SIZE))
    )
    discriminator = nn.Sequential(nn.Flatten(), dense(SIZE**2, 64, 64, 1, activation=lambda: nn.LeakyReLU(0.1)))
    losses = train(
        generator,
        discriminator,
        draw_real=lambda: draw_bars(*(torch.rand(2, 128) * 2 - 1)),
        draw_noise=lambda: torch.randn(128, 2),
        updates=steps(3000, fast=200),
        rates=(1e-3, 5e-4),
    )
    print(f"seed {seed}: losses at the end D {losses[0]:.3f}, G {losses[1]:.3f} nats")
    assert all(math.isfinite(loss) for loss in losses)
    return generator, discriminator


gans = [train_bars(seed) for seed in SEEDS]

# %% [markdown]
# Have they learned the game? D's loss can't tell, as we have seen. But we know the truth about these pictures, so we
# can compare the slants and widths of generated bars with those of the data. In the data both are uniform on $[-1,
# 1]$. The next cell prints the Wasserstein distance for each factor, and as a yardstick that of a second sample of
# the data.


# %%
@torch.no_grad()
def factor_distances(images, others):
    """Wasserstein distance of slant and of width between two sets of images, in units of the factors → (2,)."""
    return (measure(images).sort(0)[0] - measure(others).sort(0)[0]).abs().mean(0)


torch.manual_seed(0)
real, other_real = (draw_bars(*(torch.rand(2, 4000) * 2 - 1)) for _ in range(2))
print("data against data: slant {:.2f}, width {:.2f}".format(*factor_distances(real, other_real)))
for seed, (generator, _) in zip(SEEDS, gans, strict=True):
    with torch.no_grad():
        made = generator(torch.randn(4000, 2))
    print("seed {}:  slant {:.2f}, width {:.2f}".format(seed, *factor_distances(real, made)))

# %% [markdown]
# The distances to the data are small next to the range of 2, but larger than the yardstick, the widths' up to ten
# times. The losses printed above don't say which seed did best. Now hold one noise coordinate at 0 and move the other
# from −2 to 2, as one would to find out what it "means". To save space we look at three of the six.

# %%
walk = torch.linspace(-2, 2, 9)
labels = [number(v, 1) for v in walk.tolist()]
rows = {}
with torch.no_grad():
    for seed in (3, 4, 5):
        for coordinate in (0, 1):
            z = torch.zeros(9, 2)
            z[:, coordinate] = walk
            rows[f"seed {seed}: z{coordinate + 1}"] = gans[seed][0](z)
pictures.image_rows(rows, labels, "A plain GAN: one noise coordinate from −2 to 2, the other 0")

# %% [markdown]
# **What to see.** Most pictures are good bars, thin ones a little ragged: the game was nearly won. But follow the rows.
# Along some of them the bar turns *and* grows or shrinks. The correlations of all six seeds put this into numbers. We
# call the *straightness* of a seed the smaller difference between the two correlations of a coordinate: near 1 each
# coordinate belongs to one factor, near 0 at least one coordinate is tied to both equally.

# %%
torch.manual_seed(0)
z = torch.randn(4000, 2)
straightness, shared = [], []
print("        z1 with slant  with width   z2 with slant  with width   straightness")
for seed, (generator, _) in zip(SEEDS, gans, strict=True):
    with torch.no_grad():
        table = correlations(z, generator(z)).numpy()
    straightness.append(np.abs(table[:, 0] - table[:, 1]).min())
    shared.append(table.min())  # large if every coordinate is tied to both factors
    print(
        f"seed {seed} {table[0, 0]:14.2f} {table[0, 1]:11.2f} {table[1, 0]:15.2f} {table[1, 1]:11.2f} {straightness[-1]:14.2f}"
    )

straight, mixed = int(np.argmax(straightness)), int(np.argmax(shared))
chance = np.deg2rad(np.random.default_rng(0).uniform(0, 360, 100_000))
above = np.mean(np.abs(np.abs(np.cos(chance)) - np.abs(np.sin(chance))) > 0.7)
print(f"straightest: seed {SEEDS[straight]}; most mixed: seed {SEEDS[mixed]}")
print(
    f"straightness above 0.7: {np.sum(np.array(straightness) > 0.7)} of {len(SEEDS)} seeds; of axes at random angles {above:.0%}"
)

# %% [markdown]
# In seeds 4 and 5 each coordinate is tied to both factors: the code is *entangled*. In seeds 1 to 3 each belongs to
# one factor, nearly as cleanly as the knobs. (In seed 0 the width goes up and down again, which a correlation can't
# show.) Did seeds 1 to 3 learn something that the others missed? The last line says what to expect if training picked
# the directions of the two factors at random: some seeds come out straight by luck. Six seeds are too few to tell
# luck from a slight preference. But whatever made a seed straight, the game didn't reward it, and the next section
# shows why.
#
# ## Rotate the noise: why the game can't care
#
# Take a trained generator and build another one from it, $G'(u) = G(Ru)$, where $R$ turns the plane by some angle.
# If $u$ is drawn from a two-dimensional normal distribution then so is $Ru$, because that distribution is round. So
# $G'$ makes exactly the same distribution of images as $G$. The game (1) sees $G$ only through this distribution, in
# $\mathbb{E}_z[\log(1 - D(G(z)))]$: **$G$ and $G'$ have the same value against every $D$.** Yet what their coordinates
# mean is different. The objective can't prefer one meaning to another.
#
# Let us see both at once, on the seed whose coordinates came out straightest.
#
# **Predict.** As the noise is turned from 0° to 90°, what will the correlation of the first coordinate with the slant
# do, and what will D's loss do?


# %%
def turned(u, degrees):
    """u rotated by an angle: (n, 2) → (n, 2)."""
    a = math.radians(degrees)
    return u @ torch.tensor([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])


generator, discriminator = gans[straight]
real, u = draw_bars(*(torch.rand(2, 8000) * 2 - 1)), torch.randn(8000, 2)
angles, ties, losses = np.arange(0, 91, 5), [], []
with torch.no_grad():
    for degrees in angles:
        images = generator(turned(u, degrees))
        ties.append(correlations(u, images)[0].numpy())
        losses.append(discriminator_loss(discriminator(real), discriminator(images)).item())
print(f"D's loss over all angles: from {min(losses):.3f} to {max(losses):.3f} nats")
assert max(losses) - min(losses) < 0.1

# %%
ties = np.array(ties)
left, right = pictures.panels(2, size=(4.0, 2.8))
curves = {"with slant": ties[:, 0], "with width": ties[:, 1]}
pictures.lines(left, angles, curves, title="What coordinate u1 is tied to", ylabel="|correlation|")
pictures.lines(right, angles, {"D": losses}, title="What the game sees", ylabel="D's loss (nats)")
right.set_ylim(0, 1.6)
for axes in (left, right):
    axes.set_xlabel("rotation of the noise (degrees)")
plt.show()

# %% [markdown]
# **What to see.** On the left, the first coordinate goes from one factor to the other as the plane is turned, and in
# the middle it is tied to both. On the right, the loss is a flat line: the small differences printed above are the
# noise of 8,000 samples. All of these generators are equally good GANs.
#
# Rotations are only the simplest example. Any way of shuffling the noise that leaves its distribution as it is has the
# same effect, and for a continuous distribution there are endlessly many, most of them curved. With uniform noise,
# whose square has corners, rotations no longer work, but the curved ones still do. And with 62 coordinates instead of
# 2, a factor has many more directions that it can lie along.
#
# Turn the noise yourself. (On GitHub sliders are not shown; the picture after the question stands for them.)


# %%
@torch.no_grad()
def show_turned(degrees=0.0, seed=SEEDS[0]):
    """What the two coordinates do after a rotation, for one of the six GANs."""
    generator, rows = gans[SEEDS.index(int(seed))][0], {}
    for name, direction in (("u1", [1.0, 0.0]), ("u2", [0.0, 1.0])):
        rows[name] = generator(turned(walk[:, None] * torch.tensor(direction), degrees))
    return pictures.image_rows(rows, labels, f"seed {seed:.0f}, noise turned by {degrees:.0f} degrees")


pictures.show_with_sliders(
    show_turned,
    degrees=pictures.slider(0, 180, 0, 5, "rotation (degrees)"),
    seed=pictures.slider(SEEDS[0], SEEDS[-1], SEEDS[0], 1, "seed"),
)

# %% [markdown]
# **Think.** For one of the mixed seeds, find an angle at which u1 changes the slant and leaves the width alone. How did
# you decide that it was the right one?
#
# <details><summary>Answer</summary>
#
# You used your eyes, and with them a notion of "slant" that you brought along. The GAN has none. The cell below finds
# the angle by measuring slant and width, which is the same thing: somebody has to say what to measure.
# </details>
#
# The same as a still picture: the row of u1 for the seed that came out most mixed, first at the angle at which u1 has
# least to do with the width, and then at four further angles.

# %%
torch.manual_seed(0)
u, generator = torch.randn(4000, 2), gans[mixed][0]
with torch.no_grad():
    with_width = [correlations(u, generator(turned(u, degrees)))[0, 1].item() for degrees in range(180)]
    purest = int(np.argmin(with_width))
    u1 = walk[:, None] * torch.tensor([1.0, 0.0])
    rows = {f"{(purest + more) % 180}°": generator(turned(u1, purest + more)) for more in (0, 30, 60, 90, 135)}
print(f"at {purest}° u1 has a |correlation| of {with_width[purest]:.2f} with the width")
pictures.image_rows(rows, labels, f"seed {SEEDS[mixed]}: coordinate u1 from −2 to 2, after turning the noise")

# %% [markdown]
# **What to see.** Each row is a legitimate "first coordinate" of one and the same GAN. In the first row the slant
# changes and the width hardly does, in the row at 90° more it is mostly the other way round, and the rows between mix
# the two. To the game no row is better than another.
#
# ## The same on digits
#
# Bars have two factors and two noise coordinates. What about the question at the top, the 62 numbers behind a
# handwritten digit? The course ships a plain GAN that was trained on MNIST. Its network is the one that InfoGAN will
# have, so its generator reads 62 + 10 + 2 = 74 numbers: the noise, a category out of ten, and two more numbers in
# $[-1, 1]$. For this GAN all of them are just noise. The loss mentioned none of them, so G was free to use each as it
# liked. We hold the last twelve still and look at the 62.
#
# First the correlation of every noise coordinate with the measured slant of the digit, and, for comparison, of the best
# mixture of all 62, found by least squares on one half of the digits and tested on the other.

# %%
digit_gan = load_pretrained("mnist-gan")
n = steps(4000, fast=500)
style = digit_gan.codes.sample(n, torch.Generator().manual_seed(0)).noise
still = {"categorical": torch.zeros(n, dtype=torch.long), "continuous": torch.zeros(n, 2)}
digit_slant = morphometry.measure(digit_gan.generate(noise=style, **still)).slant
noise = style.numpy()
ties = [abs(np.corrcoef(coordinate, digit_slant)[0, 1]) for coordinate in noise.T]

first, second = slice(0, n // 2), slice(n // 2, n)
mixture = np.linalg.lstsq(noise[first], digit_slant[first] - digit_slant[first].mean(), rcond=None)[0]
together = np.corrcoef(noise[second] @ mixture, digit_slant[second])[0, 1]
strongest = int(np.argmax(ties))
print(f"strongest single coordinate, z{strongest + 1}: {ties[strongest]:.2f}; all 62 together: {together:.2f}")
assert together > max(ties)

# %%
axes = pictures.panels(size=(7, 2.6))
axes.bar(np.arange(1, len(ties) + 1), sorted(ties, reverse=True), color=COLOURS[0], label="one coordinate")
axes.axhline(together, linestyle="--", color=COLOURS[1], label="the best mixture of all")
axes.set(xlabel="the 62 noise coordinates, strongest first", ylabel="|correlation| with slant", ylim=(0, 1))
axes.set_title("A plain GAN on digits: who decides the slant?")
axes.legend(fontsize=8)
plt.show()

# %% [markdown]
# **What to see.** No bar comes near the dashed line. The slant is in the noise, a straight mixture of the numbers
# foretells much of it, but no number *is* the slant: it is spread over most of them, a little in each. Now walk
# along the coordinate with the tallest bar, and along the mixture.

# %%
direction = torch.tensor(mixture / np.linalg.norm(mixture), dtype=torch.float32)
reach = torch.linspace(-1, 1, 9)  # the noise was uniform on [−1, 1] in training: we stay where G has been
start = torch.rand(2, 62, generator=torch.Generator().manual_seed(3)) * 2 - 1  # two random digits
rows = {}
for i, base in enumerate(start):
    one = base.repeat(9, 1)
    one[:, strongest] = reach
    along = base + (1.2 * reach[:, None] - base @ direction) * direction  # from −2 to 2 std of this mixture
    for name, noise_rows in ((f"digit {i + 1}: z{strongest + 1} alone", one), (f"digit {i + 1}: mixture", along)):
        held = {"categorical": torch.zeros(9, dtype=torch.long), "continuous": torch.zeros(9, 2)}
        rows[name] = digit_gan.generate(noise=noise_rows.clamp(-1, 1), **held)
slants = {name: morphometry.measure(images).slant for name, images in rows.items()}
for name, values in slants.items():
    print(f"{name}: slant {values[0]:.2f} at the left end, {values[-1]:.2f} at the right end")
pictures.image_rows(
    rows, [number(v, 2) for v in reach.tolist()], "A plain GAN on digits: one coordinate, and a mixture of all"
)

# %% [markdown]
# **What to see.** The rows of a single coordinate hardly change, although it is the one with the tallest bar. The
# rows of the mixture lean, but more than the slant changes along them. And to find that mixture we had to *measure*
# slant, which means that we had to know beforehand what to look for.
#
# Could a code that the loss doesn't mention still carry information? The shipped GAN came with a network $Q$ that was
# trained to read the category and the two numbers back from the images, while $G$ never heard of it. How much $Q$ can
# read is a lower bound on the information, as notebook 2 will derive. Ten equally likely categories have
# $\log 10 = 2.303$ nats to tell.

# %%
for name in ("mnist-gan", "mnist-plain"):
    bound = evaluation.bound(load_pretrained(name), steps(2000, fast=200))["category"]
    print(f"{name:12} Q reads at least {bound.value:.2f} nats about the category")

# %% [markdown]
# **What to see.** In the plain GAN, the category is almost lost: the images say little about it that $Q$ could read. In
# `mnist-plain`, an InfoGAN with the same networks, nearly all of it arrives. A plain GAN *may* ignore any part of its
# input, or blend it with everything else, because nothing in (1) asks for it back.
#
# ## DCGAN's place
#
# The bars needed no convolutions. Digits and faces do, and for some years GANs on such images were hard to train at
# all. DCGAN (Radford et al. 2016) collected what worked: strided and transposed convolutions instead of pooling, batch
# normalisation in both networks, ReLU in the generator and leaky ReLU in the discriminator, Adam with $\beta_1 = 0.5$
# (which our toy used as well), and small random initial weights. InfoGAN's networks in the paper's appendix are of this
# kind, and you will build them in notebook 3.
#
# DCGAN also showed that the noise has *some* structure. Average the noise of several generated faces with glasses,
# subtract the average for faces without, and adding the difference to other noise vectors puts glasses on other faces.
# So there are directions that mean something. But somebody had to choose the faces with glasses, which is labelling,
# and the direction found runs across all coordinates. Nothing in training had put it along an axis. DCGAN fixed the
# networks and left the objective (1) as it was, and we have just seen that the objective is where the question of
# meaning is decided, or rather is left undecided.
#
# ## What a disentangled code would be
#
# InfoGAN splits the generator's input in two. The noise $z$ stays, for everything that has no name. To it comes a
# *latent code* $c$, made of parts that are drawn independently: for digits, one category out of ten and two numbers,
# uniform on $[-1, 1]$. The generator becomes $G(z, c)$. We would call the code disentangled if each of its parts
# changed one factor of the image and left the others alone, like the two knobs of our bars.
#
# That can't be demanded directly, since nobody tells the program what the factors are. What *can* be demanded is
# weaker: that the code matters. If $c$ can be read back from the image $x = G(z, c)$, then the generator can't have
# ignored it. InfoGAN rewards the *mutual information* between the code and the image, in equation (2):
#
# $$\min_G \max_D V_I(D, G) = V(D, G) - \lambda\, I(c; G(z, c)) \tag{2}$$
#
# Here $\lambda > 0$ says how much a nat of information is worth to $G$, compared with a nat of fooling $D$. Nothing
# in (2) is a label. What a person does choose is the shape of the code (ten categories and two numbers, and how they
# are distributed) and $\lambda$. Which digit a category stands for, and what a number changes, is left to training.
#
# Is it enough? Not as a theorem. For two continuous codes one could still twist the plane in a way that keeps its
# distribution, and the total information would stay what it was. What speaks for (2) is that a few code values which
# must be recognised in spite of all the noise $z$ are most easily recognised if they stand for something large and
# steady, such as the class of a digit, and that codes which must be read separately do better not to share. Whether
# this happens is an experiment, and notebooks 4 and 5 make it, with the runs in which it fails.
#
# ## Information by hand
#
# The last thing that (2) needs is a definition of $I$. Let the code be one bit, $c \in \{0, 1\}$, and let the image be
# either narrow or wide. A $2 \times 2$ table of joint probabilities says everything about this world. How uncertain are
# we about $c$ before seeing the image? The *entropy* is the answer: $H(c) = -\sum_c p(c) \log p(c)$, the mean surprise.
# With the natural logarithm its unit is the *nat*, and a fair bit has $\log 2 = 0.693$ nats. How uncertain are we
# afterwards? The conditional entropy $H(c|x)$ is the same sum over $p(c|x)$, averaged over the images. The difference
# is what the image tells about the code:
#
# $$I(c; x) = H(c) - H(c|x) = H(x) - H(x|c).$$
#
# The second form says the same from the other side: what knowing the code tells about the image. InfoGAN uses the
# first, because the codes are few and their distribution is known.


# %%
# NBVAL_CHECK_OUTPUT
def entropy(p):
    """H(p) in nats, of a table of probabilities; 0·log 0 counts as 0."""
    p = np.asarray(p, dtype=float)
    return float(-np.sum(p[p > 0] * np.log(p[p > 0])))


def conditional_entropy(joint):
    """H(c|x) for joint[c, x]: each column's entropy, weighted by how often the column occurs."""
    return sum(column.sum() * entropy(column / column.sum()) for column in joint.T if column.sum() > 0)


joint = np.array([[0.40, 0.10], [0.15, 0.35]])  # rows: c = 0, 1; columns: narrow, wide
before, after = entropy(joint.sum(1)), conditional_entropy(joint)
print(f"p(c) = {joint.sum(1)}, p(x) = {joint.sum(0)}")
print(f"H(c) = {before:.4f}, H(c|x) = {after:.4f}, I(c; x) = {before - after:.4f} nats")

# %% [markdown]
# In words: before the image we are uncertain by 0.69 nats. The image is right about the code three times out of four,
# which sounds like much, and yet it removes only 0.13 nats of the uncertainty, less than a fifth. Being mostly right is
# cheap. You will meet this again when a network's accuracy and its information don't move together.
#
# The same for a code with ten values. Say that it is read correctly nine times out of ten, and that the errors are
# spread evenly over the other nine values. Where do the 2.303 nats go?

# %%
error = 0.1
which, wrong_one = entropy([error, 1 - error]), error * math.log(9)
print(f"H(c) = log 10 = {math.log(10):.3f} nats")
print(f"lost: {which:.3f} because we don't know whether this reading is an error,")
print(f"      {wrong_one:.3f} because we don't know which of nine it should have been")
print(
    f"I = {math.log(10) - which - wrong_one:.3f} nats, {(math.log(10) - which - wrong_one) / math.log(10):.0%} of H(c)"
)

# %% [markdown]
# ### Exercise 4: mutual information from the table (10 minutes)
#
# There is a second formula for the same quantity, $I(c; x) = \sum_{c,x} p(c,x) \log \frac{p(c,x)}{p(c)\,p(x)}$: how far
# the table is from one in which rows and columns are independent. It is a KL divergence, so it is never negative. Write
# it, and mind the cells that are zero.


# %% tags=["exercise"]
def mutual_information(joint):
    """I(c; x) in nats for a table joint[c, x] that sums to 1."""
    joint = np.asarray(joint, dtype=float)
    return ...  # TODO: compare with the table of independent rows and columns, over the cells that aren't zero


exercises.mutual_information(mutual_information)

# %% [markdown]
# *Hint.* `joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)` is the table of independent rows and columns, and
# `joint > 0` is a mask that picks the same cells out of both tables.
#
# <details><summary>Solution</summary>
#
# ```python
# def mutual_information(joint):
#     joint = np.asarray(joint, dtype=float)
#     independent = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
#     cells = joint > 0
#     return float(np.sum(joint[cells] * np.log(joint[cells] / independent[cells])))
# ```
#
# Split the logarithm into $\log p(c|x) - \log p(c)$ and the sum falls apart into $-H(c|x) + H(c)$: the two formulas are
# one.
# </details>
#
# Now move the table. The first slider is the prior, $p(c{=}1)$. The second is the flip rate: how often the image shows
# the wrong width for its code.


# %%
def channel(prior, flip):
    """The joint table of a code with p(c=1) = prior whose image is wrong with probability flip."""
    return np.array([[(1 - prior) * (1 - flip), (1 - prior) * flip], [prior * flip, prior * (1 - flip)]])


def show_information(prior=0.5, flip=0.1):
    """The table, and H(c) split into what the image tells and what stays unknown."""
    joint = channel(prior, flip)
    before, left = entropy(joint.sum(1)), conditional_entropy(joint)
    axes = pictures.panels(size=(5.5, 1.7))
    axes.invert_yaxis()
    axes.barh(["H(c)"], [before], color=pictures.GREY)
    axes.barh(["I + H(c|x)"], [before - left], color=COLOURS[0], label=f"I(c; x) = {before - left:.3f}")
    axes.barh(["I + H(c|x)"], [left], left=before - left, color=COLOURS[4], hatch="//", label=f"H(c|x) = {left:.3f}")
    axes.set(
        xlim=(0, 1.0),
        xlabel="nats",
    )
    axes.set_title(f"p(c=1) = {prior:.2f}, flip rate {flip:.2f}: table {joint.round(3).tolist()}", fontsize=9)
    axes.legend(loc="center right", fontsize=8)


pictures.show_with_sliders(
    show_information,
    prior=pictures.slider(0.05, 0.95, 0.5, 0.05, "prior p(c=1)"),
    flip=pictures.slider(0, 1, 0.1, 0.01, "flip rate"),
)

# %% [markdown]
# **Think.** At which flip rate is the information zero? What happens beyond it, and why is an image that is *always*
# wrong as good as one that is always right? With the flip rate at 0, what sets the limit on the information?
#
# <details><summary>Answer</summary>
#
# At ½: then the image is a coin flip that doesn't depend on the code. Beyond it, the information rises again. If the
# image is always wrong, read the opposite of what it shows, and you are always right. At a flip rate of 0 the image
# tells everything, and everything is $H(c)$. It is largest for the even prior.
# </details>
#
# Still pictures of the same: one setting of the sliders, then all of them.

# %%
show_information(0.5, 0.1)
plt.show()

# %% [markdown]
# **What to see.** The two lower pieces together are always as long as the upper bar. Information is a share of the
# uncertainty that was there at first, so it can't exceed $H(c)$. InfoGAN's bound will have the same ceiling,
# $\log 10 = 2.303$ nats for ten categories.

# %%
flips = np.linspace(0, 1, 101)
curves = {
    f"p(c=1) = {prior}": [entropy(channel(prior, e).sum(1)) - conditional_entropy(channel(prior, e)) for e in flips]
    for prior in (0.5, 0.2, 0.05)
}
axes = pictures.panels(size=(5.5, 3.0))
pictures.lines(
    axes, flips, curves, title="What an image tells about one bit", xlabel="flip rate", ylabel="I(c; x) (nats)"
)
axes.axhline(math.log(2), color="black", linewidth=0.8, linestyle=":")
axes.text(0.5, math.log(2) - 0.045, "log 2", ha="center")
plt.show()

# %% [markdown]
# **What to see.** Each curve starts at $H(c)$ for a noiseless channel, falls to 0 at a flip rate of ½, where the image
# is independent of the code, and rises again: an image that always lies tells everything. The fall is steepest at the
# start, so the first few errors cost most. A lopsided prior has less to tell from the outset.
#
# ### Exercise 5: half of the information (5 minutes)
#
# With the even prior, which flip rate leaves half of the information, $½ \log 2 = 0.347$ nats? Guess first, then use
# the slider or solve it with code. Two decimals are enough.

# %% tags=["exercise"]
flip_rate = ...  # TODO: a number between 0 and 0.5

exercises.half_information(flip_rate)

# %% [markdown]
# *Hint.* $I = \log 2 - H(e)$ where $H(e)$ is the entropy of a coin that shows heads with probability $e$.
# `np.interp` or a loop over `flips` finds the crossing.
#
# <details><summary>Solution</summary>
#
# ```python
# rates = np.linspace(0.0, 0.5, 5001)
# left = np.array([math.log(2) - entropy([e, 1 - e]) for e in rates])
# flip_rate = round(float(rates[np.argmin(np.abs(left - math.log(2) / 2))]), 2)
# ```
#
# It is 0.11: eleven wrong images in a hundred cost half of what the code could tell.
# </details>
#
# ---
# ## Recap
#
# The game (1) rewards a generator for making the right *distribution* and for nothing else. With the best
# discriminator its value is $-\log 4$ plus twice a divergence. A real discriminator is not the best one, so its loss
# can't say how good the generator is. Because only the distribution counts, the noise may be rotated or twisted at
# will, and the objective doesn't care what a coordinate means: we saw straight and entangled generators from
# different seeds, and turned a straight one into an entangled one at no cost. DCGAN improved the networks, not the
# objective. InfoGAN adds a code $c$ and rewards the mutual information $I(c; G(z, c))$, equation (2). For a table of
# probabilities we can compute it exactly. For a generator of images we can't, and notebook 2 is about what to do
# then.
#
# ## Common mistakes
#
# - **Reading the losses as progress.** A D loss of 1.386 is a draw. A perfect generator and a broken discriminator both
#   give it.
# - **A sigmoid before a loss that takes logits.** Softplus, `logsigmoid` and `binary_cross_entropy_with_logits` apply
#   it themselves. With two of them the loss runs and $D$ can never be sure.
# - **Forgetting `detach` in D's step.** Then D's loss also sends gradients into $G$, which teach it to be caught. In code
#   like ours PyTorch stops with "Trying to backward through the graph a second time", because D's step has used up the
#   graph of `fake` that G's step needs. Code that makes new fake samples for G's step doesn't stop: there, G's gradients
#   must be cleared before its own step.
# - **Calling a run disentangled after one seed.** Our straightest seed would have convinced anybody.
# - **Mixing bits and nats.** $\log 2$ nats are one bit. This course uses nats throughout, as PyTorch's losses do.
#
# ## Further reading
#
# - Goodfellow et al. 2014, [Generative adversarial nets](https://arxiv.org/abs/1406.2661): the game, the optimal
#   discriminator and the non-saturating loss, in eight pages.
# - Radford, Metz and Chintala 2016, [DCGAN](https://arxiv.org/abs/1511.06434): the networks, and arithmetic with noise.
# - Chen et al. 2016, [InfoGAN](https://arxiv.org/abs/1606.03657): sections 3 and 4 are the ground of this notebook.
# - Locatello et al. 2019, [Challenging common assumptions in the unsupervised learning of disentangled
#   representations](https://arxiv.org/abs/1811.12359): the argument of our rotation, as a theorem, and 12,000 models
#   that bear it out.
# - MacKay 2003, [Information theory, inference, and learning algorithms](https://www.inference.org.uk/mackay/itila/):
#   chapter 2 for entropy, chapter 8 for mutual information, with many small tables.
