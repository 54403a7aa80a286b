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
# **What you will do.** You play the game of a generative adversarial network (GAN) on a line, where the best move is
# known, and write the two steps that train it. Then you look for the meaning of a GAN's input numbers, first in 24 GANs
# that draw bars, then in one that draws handwritten digits.
#
# **What you will learn.** To write both losses of a GAN, and to say what they don't tell. Why a GAN has no reason to give
# its input numbers a meaning. To compute entropy and mutual information, from which InfoGAN is built.
#
# **What you need.** Python with numpy, a little PyTorch (a module, an optimiser, `backward`), and logarithms and
# averages. No knowledge of GANs. About 120 minutes of reading and exercises. The cells themselves run for about three
# minutes on a CPU, and a GPU makes no difference here because the networks are tiny.

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
import math
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import torch.nn.functional as F
from torch import nn

from infogan_lib import load_pretrained
from infogan_lib.course import bars
from infogan_lib.course import figures as pictures
from infogan_lib.course import theory as exercises
from infogan_lib.course import theory_figures as plots
from infogan_lib.course.checks import compare
from infogan_lib.course.pace import steps  # steps(full, fast=…) is full, except in fast mode
from infogan_lib.evaluation import morphometry
from infogan_lib.figures import number

torch.set_num_threads(1)  # networks this small run faster on one core

# %% [markdown]
# ## Which number is the slant?

# %%
digit_gan, digit_infogan = load_pretrained("mnist-gan"), load_pretrained("mnist-plain")
plots.opening(digit_gan, digit_infogan)
plt.show()

# %% [markdown]
# **What to see.** On the left are five digits that a GAN has drawn. A GAN turns random numbers into an image. Here they
# are 62 numbers, shown as bars below each digit. Nothing else differs between the five, so these numbers decide which
# digit it is and how far it leans. **Which of the numbers is the slant?** Most people expect an answer such as "the
# fifth". You will find out why a GAN has no such answer.
#
# On the right, the same networks were trained with one more term in their objective (and somewhat longer). For most digits
# there is such a number now, and it is called c1. Along each row only c1 changes, and with it the slant. (In the last row
# the digit leans the other way.) How closely the two are tied, you will measure. The images had no labels, and nothing in
# the program mentions slant. This is InfoGAN (Chen et al. 2016), the subject of this course.
#
# ## What this notebook uses
#
# | symbol | meaning |
# |---|---|
# | $x$ | an image, or on the line a number. It is real, or made by $G$ |
# | $z$, $G(z)$ | the noise, which is a list of random numbers, and what the generator makes of it |
# | $D(x)$ | the discriminator's answer: the probability that $x$ is real |
# | $P_{\text{data}}$, $p$, $q$ | the distribution of the data, its density, and the density of what $G$ makes |
# | $V(D, G)$ | the value of the game between the two, equation (1) of the paper |
# | $c$ | the code: numbers that InfoGAN gives to $G$ in addition to $z$ |
# | $H(c)$, $I(c; x)$ | entropy and mutual information, defined below |
# | $\lambda > 0$ | the weight of the information in InfoGAN's objective, equation (2) |
# | $\mathbb{E}$ | an average over the variables that are written below it |
#
# All logarithms are natural, so their unit is the *nat*. A fair coin toss has $\log 2 = 0.693$ nats, which is one bit.
#
# ## Two players

# %%
plots.players()
plt.show()

# %% [markdown]
# The *generator* $G$ turns noise into a sample. The *discriminator* $D$ sees a sample, real or generated, and returns
# the probability that it is real. $D$ wants to be right, and $G$ wants $D$ to be wrong. Equation (1) writes both
# wishes as one number. $D$ makes it large, and $G$ makes it small:
#
# $$\min_G \max_D V(D, G) = \mathbb{E}_{x \sim P_{\text{data}}}[\log D(x)]
#   + \mathbb{E}_{z}[\log(1 - D(G(z)))] \tag{1}$$
#
# ### What is the best that D can do?
#
# Keep $G$ fixed. The density $q(x)$ says how often $G$ makes $x$ when $z$ is drawn at random. So an average over $z$ of
# something that depends on $G(z)$ is the same as an average over $x$ with the weight $q(x)$. Then both terms of (1) are
# integrals over the same $x$:
#
# $$V(D, G) = \int \big(\,p(x) \log D(x) + q(x) \log(1 - D(x))\,\big)\, dx$$
#
# $D$ may choose its answer at each $x$ separately. The derivative of the integrand with respect to $D$ is
# $p/D - q/(1-D)$, and it is zero at
#
# $$D^*(x) = \frac{p(x)}{p(x) + q(x)}.$$
#
# This is a maximum, because the second derivative, $-p/D^2 - q/(1-D)^2$, is negative.
#
# ### Exercise 1: the best discriminator (5 minutes)
#
# The check below the function says what is wrong with an answer. It never stops the notebook. The figures below use your
# function once it is right, and the course's own until then.


# %% tags=["exercise"]
def optimal_discriminator(p_data, p_model):
    """The D(x) that makes V(D, G) largest, from the two densities at x."""
    return ...  # TODO: one line


optimal_discriminator = exercises.optimal_discriminator(optimal_discriminator)

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
# Where $q = 0$ this is 1, where $p = 0$ it is 0, and where both are equal it is ½.
# </details>
#
# ### What is the game worth against the best D?
#
# Put $D^*$ back into $V$. With the mean density $m = (p+q)/2$ we have $D^* = p/(2m)$ and $1 - D^* = q/(2m)$. So
# $\log D^* = \log (p/m) - \log 2$, and likewise with $q$. Each density sums to 1, so the two $-\log 2$ make $-\log 4$:
#
# $$V(D^*, G) = -\log 4 + \int p \log\frac{p}{m}\,dx + \int q \log\frac{q}{m}\,dx = -\log 4 + 2\,\mathrm{JSD}(p, q).$$
#
# The two integrals are *Kullback–Leibler divergences*. $\mathrm{KL}(p\,\Vert\,m)$ is the average of $\log(p/m)$ over
# samples of $p$: how much more probable they are under $p$ than under $m$, in nats. It is never negative, and 0 only if
# the two are equal. The Jensen–Shannon divergence (JSD) is the mean of the two. So against a $D$ that always plays its
# best, $G$ does best if it makes exactly the distribution of the data. Then $D^* = ½$ everywhere, and
# $V = -\log 4 = -1.386$.
#
# We check this on a line, where a sum over a fine grid takes the place of the integral. The data are a mixture of two
# bumps. The "generator" is, for now, one broad bump that somebody chose.


# %% tags=["nbval-check-output"]
x = np.linspace(-4, 4, 801)
dx = x[1] - x[0]


def normal(x, mean, std):
    return np.exp(-0.5 * ((x - mean) / std) ** 2) / (std * math.sqrt(2 * math.pi))


def value(d):
    """V(D, G) of equation (1) for a function D on the grid."""
    return float(np.sum(p * np.log(d) + q * np.log(1 - d)) * dx)


def kl(a, b):
    return float(np.sum(a * np.log(a / b)) * dx)


p = 0.5 * normal(x, -1.5, 0.4) + 0.5 * normal(x, 1.5, 0.4)  # the data
q = normal(x, 0.3, 1.0)  # what a poor generator makes
p, q = p / (p.sum() * dx), q / (q.sum() * dx)  # the grid ends at ±4: let both sum to 1 on it
best, m = optimal_discriminator(p, q), (p + q) / 2
print(f"V(D*, G)               {value(best):.4f}")
print(f"−log 4 + 2 JSD         {-math.log(4) + kl(p, m) + kl(q, m):.4f}")
print(f"V of a D that says ½   {value(0 * x + 0.5):.4f}")

# %%
plots.best_judge(x, p, q, best)
plt.show()

# %% [markdown]
# **What to see.** $D^*$ crosses ½ (dotted) where the two densities cross. In the valley between the bumps it is close
# to 0, because there $G$ makes samples and the data has hardly any. From this valley $G$ can learn: it fools $D$ better
# if it moves its samples to where $D$ is higher.
#
# ## Two losses
#
# A real $D$ knows no densities. It is a network that sees samples and climbs $V$ by gradient steps. It returns a
# *logit* $l$, the number whose sigmoid is the probability. From a logit, the logarithms in $V$ can be computed without
# rounding to $\log 0$. With $\mathrm{softplus}(l) = \log(1 + e^l)$ we have $-\log D = \mathrm{softplus}(-l)$ and
# $-\log(1-D) = \mathrm{softplus}(l)$. $D$ minimises $-V$:


# %%
def discriminator_loss(real_logits, fake_logits):
    """−V(D, G) of equation (1), in nats."""
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


# %% [markdown]
# A $D$ that can't tell the two apart has the logit 0 and the loss $\log 4 = 1.386$. Remember this number. It may mean
# that $G$ is perfect, or that $D$ is useless.
#
# $G$ could minimise $\log(1 - D(G(z)))$, its term in (1). But early on, once $D$ has learned a little
# and $G$ hasn't, $D$ recognises generated samples with ease, and there this function has hardly any slope: $G$ learns least when it is worst. Goodfellow et al. (2014) therefore let
# $G$ minimise $-\log D(G(z))$, the *non-saturating* loss, whose slope is large where $G$ does badly:

# %% tags=["nbval-check-output"]
logits = torch.tensor([-6.0, -3.0, 0.0, 3.0], requires_grad=True)
(slope_in_game,) = torch.autograd.grad(-F.softplus(logits).sum(), logits)  # log(1 − D)
(other_slope,) = torch.autograd.grad(F.softplus(-logits).sum(), logits)  # −log D
print("D's logit   D(G(z))   slope of log(1 − D)   slope of −log D   (with respect to the logit)")
for logit, a, b in zip(logits.tolist(), slope_in_game.tolist(), other_slope.tolist(), strict=True):
    print(f"{logit:9.0f} {1 / (1 + math.exp(-logit)):9.3f} {a:21.3f} {b:17.3f}")


# %% [markdown]
# ### Exercise 2: the generator's loss (8 minutes)
#
# Write the non-saturating loss from the logits that $D$ gives to generated samples. Your update in the next exercise
# will use it.


# %% tags=["exercise"]
def generator_loss(fake_logits):
    """E[−log D(G(z))] in nats, from D's logits of generated samples."""
    return ...  # TODO: one line


generator_loss = exercises.generator_loss(generator_loss)

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
# `-F.logsigmoid(fake_logits).mean()` is the same. `-torch.log(torch.sigmoid(fake_logits)).mean()` is the same on paper,
# but in float32 it is infinite from a logit of −89 on, because the sigmoid rounds to 0 there.
# </details>
#
# ### Exercise 3: one update of both players (15 minutes)
#
# Now put the pieces together. First $D$ takes a step on its loss. Then $G$ takes a step on its own loss, with the
# answers of the new $D$. The gradient of D's loss must not reach $G$. **All GANs below are trained by your function.**


# %% tags=["exercise"]
def update(generator, discriminator, real, noise, adam_g, adam_d):
    """One step of D, then one of G, on one batch → D's loss and G's loss, as numbers."""
    # TODO: make fake samples, let D take its step, then G

    return ...  # TODO: loss_d.item(), loss_g.item()


update = exercises.update(update)

# %% [markdown]
# *Hint.* Each step has four lines: the loss, `zero_grad`, `backward`, `step`. `fake.detach()` has the same numbers as
# `fake`, but no gradient passes through it.
#
# <details><summary>Solution</summary>
#
# ```python
# def update(generator, discriminator, real, noise, adam_g, adam_d):
#     fake = generator(noise)
#     loss_d = discriminator_loss(discriminator(real), discriminator(fake.detach()))
#     adam_d.zero_grad()
#     loss_d.backward()
#     adam_d.step()
#     loss_g = generator_loss(discriminator(fake))
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
        update(generator, discriminator, draw_real(), draw_noise(), adam_g, adam_d)


# %% [markdown]
# ## Train on the line and watch
#
# Both players are small networks with one number in and one number out. The noise is uniform on $[-1, 1]$. While the cell
# runs, the figure is redrawn every hundred updates. We also measure how far $G$ is from the data: sort 20,000 real and
# 20,000 generated samples, and average the distances between partners. This is the *Wasserstein distance*.


# %%
def draw_bumps(n=256):
    """n samples of the density p: one bump or the other."""
    return torch.randint(0, 2, (n, 1)) * 3.0 - 1.5 + 0.4 * torch.randn(n, 1)


def draw_uniform(n=256):
    return torch.rand(n, 1) * 2 - 1


def distance(a, b):
    """Wasserstein distance between two equally large sets of numbers."""
    return (a.sort(0)[0] - b.sort(0)[0]).abs().mean().item()


torch.manual_seed(0)
generator = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
discriminator = nn.Sequential(
    nn.Linear(1, 32), nn.LeakyReLU(0.1), nn.Linear(32, 32), nn.LeakyReLU(0.1), nn.Linear(32, 1)
)
live, losses, distances = plots.LiveGan(x, p), {}, {}
grid = torch.tensor(x, dtype=torch.float32)[:, None]


@torch.no_grad()
def watch(step):
    if step % 100 == 0:
        real, fake = draw_bumps(20_000), generator(draw_uniform(20_000))
        live.show(step, fake, torch.sigmoid(discriminator(grid)))
        losses[step] = discriminator_loss(discriminator(real), discriminator(fake)).item()
        distances[step] = distance(real, fake)


train(generator, discriminator, draw_bumps, draw_uniform, steps(2400, fast=400), (1e-3, 1e-3), watch)
live.stills()

# %% [markdown]
# **What to see.** Above: the density of the data (line) and what $G$ makes (grey; the tallest bars are cut off). Below:
# $D(x)$. At update 0 all samples sit in one place, and $D$ is almost flat. At 200 $G$ has spread too far. At 800 most
# samples lie in two spikes, and $D$ has found the valley. At the end $G$ has almost left it. A few samples have to stay:
# $G$ is continuous, so some $z$ must land between the bumps.
#
# Does D's loss show this progress?

# %%
floor = distance(draw_bumps(20_000), draw_bumps(20_000))
print(f"D's loss at the end: {list(losses.values())[-1]:.3f} nats; of a D that says ½: {math.log(4):.3f} nats")
print(f"distance at the end: {list(distances.values())[-1]:.3f}; between two samples of the data: {floor:.3f}")
plots.loss_and_distance(losses, distances, floor)
plt.show()

# %% [markdown]
# **What to see.** No. D's loss is close to $\log 4$ all the time, both when $G$ knows nothing and at the end. The
# distance tells what happened. It falls quickly, and then it goes up and down, because each player answers the other's
# last move. The last update isn't always the best one.
#
# Is the trained $D$ close to $D^*$, the best discriminator against this $G$? We know $p$, and a histogram of G's
# samples stands for $q$. Your function from exercise 1 does the rest.

# %%
with torch.no_grad():
    made = generator(draw_uniform(steps(200_000, fast=20_000)))[:, 0].numpy()
    trained = torch.sigmoid(discriminator(grid))[:, 0].numpy()
edges = np.linspace(-4, 4, 81)
made_density, middles = np.histogram(made, edges, density=True)[0], (edges[:-1] + edges[1:]) / 2
p_there, trained_there = np.interp(middles, x, p), np.interp(middles, x, trained)
seen = p_there + made_density > 0.005  # elsewhere there are too few samples to say
star = np.full(80, np.nan)
star[seen] = optimal_discriminator(p_there[seen], made_density[seen])
worst = np.nanargmax(np.abs(star - trained_there))
print(f"largest difference at x = {middles[worst]:.2f}: D* = {star[worst]:.2f}, trained D = {trained_there[worst]:.2f}")
plots.trained_and_best(x, trained, middles, star)
plt.show()

# %% [markdown]
# **What to see.** No. $D^*$ jumps between 0.1 and 1, wherever $G$ makes too much or too little. The trained $D$ has
# learned the valley in the middle, and elsewhere it says about ½. So the theory above describes a $D$ that nobody has. A
# real $D$ is smoother, and a step behind $G$. A loss near $\log 4$ says that *this* $D$ can't tell real from generated,
# not that nobody could.
#
# ## Look for meaning in the noise
#
# On the line, one number of noise makes one number of data. Now we take images whose truth we know: 16×16 pictures of a
# bar. They differ in exactly two *factors*, the slant and the width, both uniform on $[-1, 1]$.

# %%
leaning = torch.linspace(-1, 1, 7)
rows = {f"width {number(w, 1)}": bars.draw(leaning, torch.full((7,), w))[:, None] for w in (-1.0, 0.0, 1.0)}
pictures.image_rows(rows, [number(s, 1) for s in leaning.tolist()], "The data: slant from −1 to 1 along each row")

# %% [markdown]
# **What to see.** Whoever made these pictures had two knobs, one for each factor. The GANs that we train now see only the
# pictures. Their noise has two numbers, from a normal distribution, so that each number *could* take one factor. We train
# 24 GANs that differ only in their random numbers. The library stacks their layers, so that your update trains all of
# them in one go, independently of each other.

# %%
GANS = 24
torch.manual_seed(0)
generators = nn.Sequential(bars.many(GANS, 2, 64, 64, 256, activation=nn.ReLU), nn.Tanh(), nn.Unflatten(2, (16, 16)))
discriminators = nn.Sequential(nn.Flatten(2), bars.many(GANS, 256, 64, 64, 1, activation=nn.LeakyReLU))


def draw_pictures(n=64):
    return bars.draw(*torch.rand(2, GANS, n) * 2 - 1)


def draw_normal(n=64):
    return torch.randn(GANS, n, 2)


train(generators, discriminators, draw_pictures, draw_normal, steps(3000, fast=60), (1e-3, 5e-4))

# %% [markdown]
# Have they learned to draw bars? D's loss doesn't tell. But we can measure the slant and the width of each bar from its
# white pixels, and compare with the data.

# %%
torch.manual_seed(0)
n = steps(4000, fast=400)
z, knobs = draw_normal(n), torch.rand(GANS, n, 2) * 2 - 1
with torch.no_grad():
    made, real = bars.measure(generators(z)), bars.measure(draw_pictures(n))
again = bars.measure(bars.draw(*knobs.unbind(-1)))
print("Wasserstein distance of slant and width to those of the data, whose range is 2")
for name, sample in {"the data once more": again, f"the {GANS} GANs": made}.items():
    far = (sample.sort(1)[0] - real.sort(1)[0]).abs().mean(1).numpy()  # (GANs, factors)
    print(f"{name:18}  median {np.median(far, 0).round(2)}, worst {far.max(0).round(2)}")

# %% [markdown]
# The slants are distributed almost like those of the data, the widths a little less so. A distance of 0.25 in one of the
# 24 is an eighth of the range.
#
# Now we ask each GAN what its two numbers do. The correlations of z1 and z2 with the measured slant make an arrow in the
# plane of the noise. It points to where the slant increases. The longer it is, the more closely the slant follows this
# direction. If z1 were the slant, the arrow would lie on the horizontal axis.

# %%
directions = bars.correlations(z, made)  # (GANs, noise coordinates, factors)
angle = torch.rad2deg(torch.atan2(directions[:, 1, 0], directions[:, 0, 0]))  # of the blue arrows
off_axis = ((angle + 45) % 90 - 45).abs()  # degrees from the nearest axis
print("The two knobs of the data (rows), correlated with the measured slant and width (columns):")
print(bars.correlations(knobs, again).mean(0).numpy().round(2))
print(f"slant within 15° of an axis: {int((off_axis < 15).sum())} of {GANS} GANs; of random arrows {4 * 30 / 360:.0%}")
plots.compass(directions, 15)
plt.show()

# %% [markdown]
# **What to see.** First the yardstick, printed above the figure: each knob of the data changes its own factor and leaves
# the other alone. Such numbers are called *disentangled*. The arrows of the GANs point everywhere. In 6 of 24 the slant
# lies in a grey sector, within 15° of an axis. Of 24 arrows at random angles, a third would: 8. (Six or fewer
# come up in a quarter of all random draws.) So these GANs show
# no preference for the axes. (An arrow can't leave the circle, and a short one says that the factor follows no straight
# direction of the noise closely.)
#
# Here are the numbers of two of them at work: the straightest, in which each number belongs most clearly to one factor,
# and a mixed one. (The mixed one is the GAN with two long arrows whose slant arrow lies closest to a diagonal.)

# %%
own = (directions[:, :, 0].abs() - directions[:, :, 1].abs()).abs()  # large if a number belongs to one factor
long = directions.norm(dim=1).min(1)[0] > 0.9  # both arrows are
straight, mixed = int(own.min(1)[0].argmax()), int((off_axis * long).argmax())
walk = torch.linspace(-2, 2, 9)
labels = [number(v, 1) for v in walk.tolist()]
rows = {}
with torch.no_grad():
    for name, gan in {"straightest": straight, "mixed": mixed}.items():
        for coordinate in (0, 1):
            one = torch.zeros(9, 2)
            one[:, coordinate] = walk
            rows[f"{name}: z{coordinate + 1}"] = generators(one)[gan][:, None]
pictures.image_rows(rows, labels, "Two of the 24 GANs: one number from −2 to 2, the other 0", scale=4)

# %% [markdown]
# **What to see.** In the straightest GAN, z1 turns the bar and z2 makes it wider. In the mixed one, either number
# does both. Such numbers are called *entangled*.
#
# ## Turn the noise
#
# Was the straightest GAN rewarded for being straight? Take it, and turn its noise by an angle before it reaches $G$.
# We call the new noise $u$, so the generator is now $G'(u) = G(Ru)$ with a rotation $R$.
#
# **Predict.** As the angle grows from 0° to 90°, does D's loss rise, fall, or stay the same? Write your answer into
# the next cell before you go on.

# %%
prediction = ...  # "rise", "fall" or "stay"


# %%
def turned(u, degrees):
    """u rotated by an angle: (n, 2) → (n, 2)."""
    a = math.radians(degrees)
    return u @ torch.tensor([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])


torch.manual_seed(0)
u, angles, ties, turned_losses = torch.randn(n, 2), range(0, 91, 10), [], []
with torch.no_grad():
    real_logits = discriminators(draw_pictures(n))[straight]
    for degrees in angles:
        images = generators(turned(u, degrees))
        ties.append(bars.correlations(u, bars.measure(images))[straight, 0].abs().numpy())
        turned_losses.append(discriminator_loss(real_logits, discriminators(images)[straight]).item())
change = turned_losses[-1] - turned_losses[0]
compare(prediction, "stay" if abs(change) < 0.1 else "rise" if change > 0 else "fall", ["rise", "fall", "stay"])
print(f"D's loss over all angles: from {min(turned_losses):.3f} to {max(turned_losses):.3f} nats")
plots.rotation(np.array(angles), np.array(ties), np.array(turned_losses))
plt.show()

# %% [markdown]
# **What to see.** On the left, u1 starts as the slant, is tied to both factors halfway, and ends as the width. On the
# right, nothing happens. All of these generators are equally good GANs.
#
# Why is that so? A two-dimensional normal distribution is round. If $u$ is drawn from it, then $Ru$ has the same
# distribution. So $G'$ makes exactly the same distribution of images as $G$. In the game (1), a generator counts only
# through this distribution. **Both have the same value against every $D$.** The game has no reason to prefer one
# meaning of the numbers to another.
#
# A rotation is only the simplest example. Anything that reshuffles the noise and keeps its distribution works as well,
# also for uniform noise. The argument doesn't say that the numbers *must* be mixed, only that nothing prevents it. The
# arrows above showed that they usually are.
#
# Turn the noise of any of the GANs yourself. (GitHub doesn't show sliders. The picture below them stands for them.)


# %%
@torch.no_grad()
def show_turned(degrees=0.0, gan=0):
    """What the two numbers do after a rotation, for one of the GANs."""
    axes = {"u1": torch.tensor([1.0, 0.0]), "u2": torch.tensor([0.0, 1.0])}
    rows = {name: generators(turned(walk[:, None] * axis, degrees))[int(gan)][:, None] for name, axis in axes.items()}
    return pictures.image_rows(rows, labels, f"GAN {gan:.0f}, noise turned by {degrees:.0f} degrees")


pictures.show_with_sliders(
    show_turned,
    degrees=pictures.slider(0, 180, 0, 5, "rotation (degrees)"),
    gan=pictures.slider(0, GANS - 1, mixed, 1, "GAN"),
)

# %%
aligned = float(angle[mixed])  # u1 then lies along the blue arrow
u1 = walk[:, None] * torch.tensor([1.0, 0.0])
with torch.no_grad():
    rows = {
        f"turned by {(aligned + more) % 360:.0f}°": generators(turned(u1, aligned + more))[mixed][:, None]
        for more in (0, 30, 60, 90)
    }
pictures.image_rows(rows, labels, "The mixed GAN: u1 from −2 to 2, after turning the noise", scale=4)

# %% [markdown]
# **What to see.** Four rows, but one GAN. In the first row its noise is turned so that u1 changes the slant and hardly
# the width. In the last one, u1 changes mostly the width. To the game no row is better than another.
#
# **Think.** With the sliders, find such an angle for another GAN. How did you decide that it was the right one?
#
# <details><summary>Answer</summary>
#
# You used your eyes, and with them a notion of "slant" that you brought along. The GAN has none. The cell above used
# the blue arrow. But to draw this arrow we had to measure slant, so somebody had told the program what slant is.
# </details>
#
# ## The same on digits
#
# Back to the 62 numbers at the top. We measure the slant of 4,000 digits of the plain GAN, and its correlation with each
# number. For comparison, we take the best mixture: a weighted sum of all 62, found by least squares on one half of the
# digits and tested on the other.

# %%
n = steps(4000, fast=500)
noise = torch.rand(n, 62, generator=torch.Generator().manual_seed(0)) * 2 - 1
slant = morphometry.measure(plots.digits_from(digit_gan, noise)).slant
numbers = noise.numpy()
ties = np.array([abs(np.corrcoef(one, slant)[0, 1]) for one in numbers.T])
first, second = slice(0, n // 2), slice(n // 2, n)
mixture = np.linalg.lstsq(numbers[first], slant[first] - slant[first].mean(), rcond=None)[0]
together = np.corrcoef(numbers[second] @ mixture, slant[second])[0, 1]
strongest = int(np.argmax(ties))
print(f"strongest number, z{strongest + 1}: {ties[strongest]:.2f}; all 62 together: {together:.2f}")
plots.who_decides(ties, together)
plt.show()

# %% [markdown]
# **What to see.** No bar comes near the dashed line. The slant is in the noise, but it is spread over most of the
# numbers, a little in each. This is the answer to the question at the top.
#
# And the InfoGAN on the right? We draw digits from it with all its inputs at random, and measure the same within each of
# its ten categories.

# %%
drawn = digit_infogan.codes.sample(n, torch.Generator().manual_seed(0))
leaning = morphometry.measure(digit_infogan.generate_from(drawn)).slant
category = drawn.categorical[:, 0].numpy()
within = np.array(
    [
        [abs(np.corrcoef(code[category == k], leaning[category == k])[0, 1]) for k in range(10)]
        for code in drawn.continuous.numpy().T
    ]
)
for name, row in zip(("c1", "c2"), within, strict=True):
    print(f"{name} and slant, within a category: {row.min():.2f} to {row.max():.2f}, median {np.median(row):.2f}")
print(f"categories in which c1 is tied to slant more closely than c2: {int((within[0] > within[1]).sum())} of 10")

# %% [markdown]
# Within most categories one number, c1, is tied to the slant. In the GAN it took a mixture of 62. For some digits c2 does
# more: nobody told
# the program that a code should mean the same everywhere, or that slant should be *one* number.
#
# Back to the GAN. Walk along its strongest number, and along the mixture. Training drew the noise from $[-1, 1]$. The
# walk along one number stays there. Along the mixture all numbers move together, each by less, and are cut at ±1.

# %%
reach = torch.linspace(-1, 1, 9)
direction = torch.tensor(mixture / np.linalg.norm(mixture), dtype=torch.float32)
rows = {}
for i, base in enumerate(torch.rand(2, 62, generator=torch.Generator().manual_seed(3)) * 2 - 1):
    alone = base.repeat(9, 1)
    alone[:, strongest] = reach
    mixed_walk = base + (1.2 * reach[:, None] - base @ direction) * direction  # −2 to 2 std of this mixture
    rows[f"digit {i + 1}: z{strongest + 1} alone"] = plots.digits_from(digit_gan, alone)
    rows[f"digit {i + 1}: mixture"] = plots.digits_from(digit_gan, mixed_walk.clamp(-1, 1))
for name, images in rows.items():
    ends = morphometry.measure(images).slant[[0, -1]]
    print(f"{name:18} slant {ends[0]:.2f} at the left end, {ends[1]:.2f} at the right end")
pictures.image_rows(rows, ["start", *[""] * 7, "end"], "A plain GAN: one number of noise, and a mixture of all")

# %% [markdown]
# **What to see.** Along the single number the slant changes little, although we picked the strongest of 62. Along the
# mixture both digits lean more and more, but other things change as well: the bent 1 becomes straight, and the 7 grows thicker. And to
# find the mixture we had to *measure* slant, so we had to know in advance what to look for.
#
# The networks of this GAN follow DCGAN (Radford et al. 2016), which made GANs on images trainable, with convolutions and
# batch normalisation (notebook 3). DCGAN also found directions in the noise, one of which puts glasses on a face. But
# somebody had to pick faces with glasses first, because DCGAN left the objective (1) as it was.
#
# ## How much does an image tell?
#
# Could we ask $G$ for a number that *is* something? Then we need a measure of how much an image tells about a number.
# Take a code $c$ that is 0 or 1, and an image that is narrow or wide. A table of joint probabilities says everything
# about this world. How uncertain are we about $c$ before we see the image? The *entropy* is the average of $-\log p$:
#
# $$H(c) = -\sum_c p(c) \log p(c)$$
#
# How uncertain are we when we have seen the image? The *conditional entropy* $H(c|x)$ is the same with $p(c|x)$, averaged
# over the images. The difference is the *mutual information*, what the image tells about the code. It can be written from
# either side:
#
# $$I(c; x) = H(c) - H(c|x) = H(x) - H(x|c)$$
#
# The second form says how much the code tells about the image. Both give the same number.


# %% tags=["nbval-check-output"]
def entropy(p):
    """H(p) in nats, of a table of probabilities; 0·log 0 counts as 0."""
    p = np.asarray(p, dtype=float)
    return float(-np.sum(p[p > 0] * np.log(p[p > 0])))


def conditional_entropy(joint):
    """H of the rows given the column: each column's entropy, weighted by how often the column occurs."""
    return sum(column.sum() * entropy(column / column.sum()) for column in joint.T if column.sum() > 0)


joint = np.array([[0.40, 0.10], [0.15, 0.35]])  # rows: c = 0, 1; columns: narrow, wide
h_c, h_x = entropy(joint.sum(1)), entropy(joint.sum(0))
h_c_given_x, h_x_given_c = conditional_entropy(joint), conditional_entropy(joint.T)
print(f"H(c) − H(c|x) = {h_c:.4f} − {h_c_given_x:.4f} = {h_c - h_c_given_x:.4f} nats")
print(f"H(x) − H(x|c) = {h_x:.4f} − {h_x_given_c:.4f} = {h_x - h_x_given_c:.4f} nats")

# %% [markdown]
# Whoever guesses the code from this image is right three times out of four. And yet the image removes only 0.13 of the
# 0.69 nats of uncertainty.
#
# Now a code with ten values, all equally likely: $H(c) = \log 10 = 2.303$ nats. Say that it is read correctly nine times
# out of ten, and that an error gives each of the nine other values equally often. Where do the 2.303 nats go?

# %% tags=["nbval-check-output"]
wrong = 0.1
lost_whether, lost_which = entropy([wrong, 1 - wrong]), wrong * math.log(9)
told = math.log(10) - lost_whether - lost_which
print(f"told {told:.3f} nats, {told / math.log(10):.0%} of H(c)")
plots.where_it_goes(
    {"told": told, "lost: is this an error?": lost_whether, "lost: if it is, which of nine?": lost_which}
)
plt.show()

# %% [markdown]
# **What to see.** One error in ten costs a quarter of the information, in two parts. We don't know whether a reading is
# an error: this costs the entropy of a coin that shows heads one time in ten. And if it is one, we don't know which of
# nine values it should have been: $0.1 \log 9$ nats on average.
#
# ### Exercise 4: mutual information from a table (10 minutes)
#
# There is a third way to write it. It compares the table with one in which code and image are independent:
#
# $$I(c; x) = \sum_{c,x} p(c,x) \log \frac{p(c,x)}{p(c)\,p(x)}$$
#
# This is a KL divergence, so information is never negative. (Split the logarithm into $\log p(c|x) - \log p(c)$, and the
# sum becomes $-H(c|x) + H(c)$.) Write it, and mind the cells that are zero. With your function we will measure the digit
# GANs.


# %% tags=["exercise"]
def mutual_information(joint):
    """I(c; x) in nats for a table joint[c, x] that sums to 1."""
    return ...  # TODO: compare with the table of independent rows and columns, over the cells that aren't zero


mutual_information = exercises.mutual_information(mutual_information)

# %% [markdown]
# *Hint.* `joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)` is the table of independent rows and columns, and
# `joint > 0` is a mask that picks the same cells out of both tables.
#
# <details><summary>Solution</summary>
#
# ```python
# def mutual_information(joint):
#     independent = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
#     cells = joint > 0
#     return float(np.sum(joint[cells] * np.log(joint[cells] / independent[cells])))
# ```
# </details>
#
# Now let the image be wrong about a one-bit code more and more often.


# %%
def channel(prior, flip):
    """The joint table of a code with p(c=1) = prior whose image is wrong with probability flip."""
    return np.array([[(1 - prior) * (1 - flip), (1 - prior) * flip], [prior * flip, prior * (1 - flip)]])


flips = np.linspace(0, 1, 101)
curves = {prior: np.array([mutual_information(channel(prior, e)) for e in flips]) for prior in (0.5, 0.2, 0.05)}
plots.over_flips(flips, curves)
plt.show()

# %% [markdown]
# **What to see.** Each curve starts at its $H(c)$, the most that there is to know. It falls to 0 where every second image
# is wrong.
#
# **Think.** Why does the information rise again to the right of ½? Why is an image that is *always* wrong as good as one
# that is always right?
#
# <details><summary>Answer</summary>
#
# If the image is always wrong, read the opposite of what it shows, and you are always right. At ½ no reading helps,
# because the image is a coin toss that has nothing to do with the code.
# </details>
#
# ### Exercise 5: half of the information (5 minutes)
#
# With $p(c=1) = ½$, which share of wrong images leaves half of the information, $½ \log 2 = 0.347$ nats? Guess first.
# Then solve it with code. Two decimals are enough.

# %% tags=["exercise"]
flip_rate = ...  # TODO: a number between 0 and 0.5

exercises.half_information(flip_rate)

# %% [markdown]
# *Hint.* $I = \log 2 - H(e)$ where $H(e)$ is the entropy of a coin that shows heads with probability $e$. A loop over
# many values of $e$ finds the crossing.
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
# ## A code that nobody asks for
#
# Both generators of the first picture have twelve more inputs. Ten of them are for a category: one is 1, and the others
# are 0. The last two are c1 and c2. So far we kept all twelve still in the plain GAN. In its training they were drawn at
# random, like the noise, and (1) never mentions them. In the InfoGAN they are part of the objective. (The networks are
# the same, but the InfoGAN was trained for 5,000 updates and the GAN for 3,000.)
#
# How much can be read from the images of each? We draw 10,000 categories, let $G$ make images, and let a
# classifier read the categories from the images. For the plain GAN we train one for this purpose, and the InfoGAN comes
# with its own. Counting gives a 10×10 table, and your function does the rest. The reading is computed from the image, so
# it can't know more than the image does: the result is a lower bound on $I(c; x)$.
#
# **Predict.** How much of the category, of 2.303 nats, will the classifier read from the plain GAN's images? Write your
# answer into the next cell.

# %%
prediction = ...  # "below 0.5", "0.5 to 1.5" or "above 1.5"


# %%
@torch.no_grad()
def table_of_readings(gan, read):
    """How often each category (row) is read as each category (column); sums to 1."""
    drawn = gan.codes.sample(steps(10_000, fast=500), torch.Generator().manual_seed(1))
    read_as = read(gan.generate_from(drawn)).argmax(1)
    joint = np.zeros((10, 10))
    np.add.at(joint, (drawn.categorical[:, 0].numpy(), read_as.numpy()), 1)
    return joint / joint.sum()


reader = exercises.fresh_reader(digit_gan, steps(400, fast=10))
tables = {
    "plain GAN": table_of_readings(digit_gan, reader),
    "InfoGAN": table_of_readings(digit_infogan, lambda images: digit_infogan.infer(images).categorical[0]),
}
measured = {name: mutual_information(joint) for name, joint in tables.items()}
plain = measured["plain GAN"]
happened = "below 0.5" if plain < 0.5 else "0.5 to 1.5" if plain < 1.5 else "above 1.5"
compare(prediction, happened, ["below 0.5", "0.5 to 1.5", "above 1.5"])
for name, joint in tables.items():
    print(f"{name:9}  category read correctly {np.trace(joint):.0%}, information at least {measured[name]:.2f} nats")

# %%
plots.categories(
    {
        f"Plain GAN: at least {measured['plain GAN']:.2f} of 2.30 nats": digit_gan,
        f"InfoGAN: at least {measured['InfoGAN']:.2f} of 2.30 nats": digit_infogan,
    }
)

# %% [markdown]
# **What to see.** Each column is a category, and each row one draw of the noise. Here c1 = c2 = 0. In the InfoGAN almost
# every column is one digit, whatever the noise. In the plain GAN a column isn't tied to a digit. There the noise decides.
#
# Does the plain GAN ignore the category, then? We take the next category, or draw one of the other inputs anew, keep the rest, and see
# how much the pixels change (root mean square, for pixels from −1 to 1).

# %%
drawn = digit_gan.codes.sample(steps(2000, fast=200), torch.Generator().manual_seed(0))
other = digit_gan.codes.sample(len(drawn), torch.Generator().manual_seed(1))
images = digit_gan.generate_from(drawn)
one_number = torch.cat([other.noise[:, :1], drawn.noise[:, 1:]], dim=1)
changes = {
    "another category": replace(drawn, categorical=(drawn.categorical + 1) % 10),
    "another z1": replace(drawn, noise=one_number),
    "everything": other,
}
for name, latents in changes.items():
    print(f"{name:17} {(digit_gan.generate_from(latents) - images).square().mean().sqrt():.2f}")

# %% [markdown]
# The category changes the image more than z1 does. So $G$ uses it, but as more noise: what it does depends on all other
# numbers. Our classifier, which sees only the image, can hardly read it. **A code that
# the objective never mentions may be used, and still be hard to read.** (This is a lower bound. A better classifier may
# read more. Notebook 2 is about such bounds.)
#
# ## What InfoGAN adds

# %%
plots.players(with_code=True)
plt.show()

# %% [markdown]
# InfoGAN splits the input of $G$ in two: the noise $z$, and the *code* $c$. For digits the code is a category of ten and
# two numbers, c1 and c2, uniform on $[-1, 1]$. A third network, $Q$, has to read the code from the image, and $G$ is
# rewarded if it can. Equation (2) of the paper says this without $Q$:
#
# $$\min_G \max_D V_I(D, G) = V(D, G) - \lambda\, I(c; G(z, c)) \tag{2}$$
#
# $\lambda$ says how much a nat of information is worth to $G$, compared with a nat of fooling $D$.
#
# **What exactly is unsupervised here?** Training sees images without labels.
#
# | chosen by a person | left to training |
# |---|---|
# | the data set | what the images have in common, and what varies |
# | that the code has ten equally likely categories and two numbers | which image belongs to which category |
# | the networks, λ, and how long to train | what a category or a number stands for, and in which direction |
# | which run to keep, and the names "slant" or "7" that we give afterwards | whether slant gets a number at all |
#
# Does (2) guarantee that the code is disentangled? No. One could rearrange the square of c1 and c2 by any map that can be
# undone and keeps it uniform, such as a swirl. $G$ would draw the same images equally often, and as the map can be undone,
# they would tell as much about the two codes together. What
# speaks for (2) is a hope: a code that must be readable in spite of all the noise is easiest to tie to something large
# and steady in the image, such as the kind of digit or its slant. (Notebook 2 shows a code that isn't.) Whether
# this happens is an experiment. Notebooks 4 and 5 make it, and show the runs in which it fails.
#
# ---
# ## Recap
#
# - The game (1) rewards a generator for the right *distribution* and for nothing else. What a single number of its noise
#   means is an accident of training.
# - A trained $D$ isn't the best one, and its loss doesn't say how good $G$ is.
# - Mutual information says how much of the uncertainty about a code the image removes. A code that the objective never
#   mentions can change the image and still be hard to read.
# - InfoGAN adds $-\lambda I(c; G(z, c))$ to the game. For a table we can compute $I$. For the images of a network we
#   can't, and notebook 2 shows what to do instead.
#
# ## Common mistakes
#
# - **Reading the losses as progress.** A perfect $G$ and a useless $D$ both give $D$ the loss 1.386.
# - **A sigmoid before a loss that takes logits.** Softplus, `logsigmoid` and `binary_cross_entropy_with_logits` apply it
#   themselves. With two sigmoids, training runs, and $D$ can never be sure.
# - **Forgetting `detach` in D's step.** In code like ours PyTorch stops with "Trying to backward through the graph a
#   second time". Code that makes new samples for G's step doesn't stop. There, G's gradients must be cleared between
#   D's `backward` and G's, or $G$ learns to be caught.
# - **Leaving the range of training.** A $G$ that saw noise from −1 to 1 promises nothing at 3.
# - **Judging by one seed.** The straightest of our 24 GANs would have convinced anybody.
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
