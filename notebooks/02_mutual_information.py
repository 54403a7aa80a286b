# ---
# jupyter:
#   accelerator: GPU
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# [![Open this notebook in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/infogan-course/infogan-course/blob/v0.1.0/notebooks/02_mutual_information.ipynb) · [Glossary and notation](https://github.com/infogan-course/infogan-course/blob/v0.1.0/docs/glossary.md)

# %% [markdown]
# # 2. Bound the information that you can't compute
#
# **What you will do.** You derive InfoGAN's lower bound on mutual information and check each line in a world so small
# that all its probabilities fit in a table. Then you write the bound for several codes, and measure with your own
# function how much the pictures of a trained digit generator tell about its codes.
#
# **What you will learn.** Where the bound comes from and how large its gap is. How to write it for several codes. How
# to read the number that a training run prints: why −0.23 can be very good, why 3 can be worthless, and how much of its
# jitter comes from the batch.
#
# **What you need.** Entropy and mutual information, from the section "How much does an image tell?" of notebook 1, and a
# little PyTorch. About 140 minutes of reading and exercises. The cells run for less than a minute on a CPU, and a GPU makes
# no difference.

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

import matplotlib.pyplot as plt
import numpy as np
import torch.nn.functional as F

from infogan_lib import load_pretrained, objectives
from infogan_lib.course import figures as pictures
from infogan_lib.course import mutual_information as exercises
from infogan_lib.course import mutual_information_figures as plots
from infogan_lib.course.pace import steps

torch.set_num_threads(1)  # networks this small run faster on one core

# %% [markdown]
# ## Can a picture tell which code made it?
#
# The course comes with an InfoGAN trained on MNIST. Its generator gets three codes: a category (one of ten) and two
# numbers, c1 and c2, drawn uniformly from $[-1, 1]$. A second network, $Q$, sees only the finished picture and says which
# codes it thinks were used.

# %%
model = load_pretrained("mnist-plain")
drawn = model.codes.sample(steps(2000, fast=200), torch.Generator().manual_seed(0))
images = model.generate_from(drawn)
plots.codes_and_readings(images, drawn, model.infer(images))
plt.show()

# %% [markdown]
# **What to see.** Above each digit are the codes that $G$ was given, below it what $Q$ reads. The categories agree.
# (They are numbered arbitrarily: category 3 needn't draw threes.) For c1 and c2 the points scatter around the dotted
# diagonal, where a perfect reading would be, most of them within a few tenths.
#
# How much information has passed through the pictures? The training run of this model reported a *negative* number for
# c1. At the end of this notebook you will know why, and your own code will give a better answer.
#
# ## What this notebook uses
#
# | symbol | meaning |
# |---|---|
# | $c$, $z$, $x$ | the code, the noise, and the image $x = G(z, c)$ that the generator makes from them |
# | $V(D, G)$ | the value of the GAN game, equation (1): $D$ raises it by telling real images from generated ones, $G$ lowers it by fooling $D$ |
# | $\lambda > 0$ | the weight of the information in the objective |
# | $H(c)$ | the entropy $-\sum_c P(c) \log P(c)$: how uncertain the code is before we see the image. $\log K$ if all $K$ values are equally likely |
# | $I(c; x)$ | the mutual information $H(c) - H(c|x)$: how much of that uncertainty the image removes |
# | $P(c|x)$, $Q(c|x)$ | the true posterior, and a network's guess for it |
# | $\mathrm{KL}(P\,\Vert\,Q)$ | the Kullback–Leibler divergence $\sum_c P(c) \log \frac{P(c)}{Q(c)}$: how far $Q$ is from $P$. Never negative, and 0 only if they are equal |
# | $\mathbb{E}$ | an average over what is written below it |
#
# All logarithms are natural, so everything is in nats.
#
# ## The problem
#
# InfoGAN wants a generator whose images reveal the code. Equation (2) of the paper says so:
#
# $$\min_G \max_D V_I(D, G) = V(D, G) - \lambda\, I(c; G(z, c)) \tag{2}$$
#
# But $I(c; x)$ needs the posterior $P(c|x)$: given this image, how probable is each code? The generator only runs the
# other way, from code to image. To invert it, we would have to find all noise vectors $z$, with 62 numbers each, that
# give exactly this image with code 0, then with code 1, and so on.
#
# **How can we maximise a number that we can't compute?** The paper maximises another one. It can be estimated from
# samples, it is never larger than $I$, and it equals $I$ when $Q$ is the posterior. We begin in a world where
# everything *can* be computed.
#
# ## A generator small enough to enumerate
#
# The code $c$ is one of three values, each with probability ⅓. The noise $z$ is one of four, each with probability ¼.
# There are only five possible images, A to E. So the generator is a table with twelve entries. Some images can come
# from several codes.

# %% tags=["nbval-check-output"]
IMAGES = "ABCDE"
G = np.array([[0, 0, 0, 1], [1, 2, 2, 3], [3, 3, 4, 0]])  # G[c, z] is an image, 0…4
for c, row in enumerate(G):
    print(f"c = {c}:  z = 0…3 gives", " ".join(IMAGES[x] for x in row))

p_x_given_c = np.array([[np.mean(row == x) for x in range(5)] for row in G])  # counting z: (3, 5)
joint = p_x_given_c / 3  # P(c, x)
p_c, p_x = joint.sum(1), joint.sum(0)
posterior = joint / p_x  # P(c|x), one column per image
print("\nP(c|x):      ", "     ".join(IMAGES))
for c in range(3):
    print(f"       c = {c}", " ".join(f"{value:5.2f}" for value in posterior[c]))

# %% [markdown]
# C can only come from code 1, and E only from code 2. The others leave a doubt. We compute the information in three
# ways that must agree: what the image removes from the uncertainty about the code, what the code removes from the
# uncertainty about the image, and how far the joint table is from independence.


# %% tags=["nbval-check-output"]
def entropy(p):
    """H(p) in nats; 0·log 0 counts as 0."""
    p = np.asarray(p)[np.asarray(p) > 0]
    return float(-np.sum(p * np.log(p)))


h_c = entropy(p_c)
h_c_given_x = sum(p_x[x] * entropy(posterior[:, x]) for x in range(5))
h_x_given_c = sum(p_c[c] * entropy(p_x_given_c[c]) for c in range(3))
cells = joint > 0
information = h_c - h_c_given_x
print(f"H(c) − H(c|x)          = {h_c:.4f} − {h_c_given_x:.4f} = {information:.4f} nats")
print(f"H(x) − H(x|c)          = {entropy(p_x):.4f} − {h_x_given_c:.4f} = {entropy(p_x) - h_x_given_c:.4f} nats")
print(f"KL(P(c,x) ‖ P(c)P(x))  = {np.sum(joint[cells] * np.log((joint / np.outer(p_c, p_x))[cells])):.4f} nats")

# %% [markdown]
# An image of this generator tells 0.6365 of the 1.0986 nats that there are to know about the code. This is the number
# that the bound will try to reach.
#
# ## Derive the bound (4)
#
# We don't know $P(c|x)$, but we have a guess $Q(c|x)$: any rule that gives probabilities to the codes when it sees an
# image. Start from the definition of $I$, with the conditional entropy written out:
#
# $$I(c; x) = H(c) - H(c|x)
#   = H(c) + \mathbb{E}_{x}\big[\,\mathbb{E}_{c' \sim P(c|x)}[\log P(c'|x)]\,\big].$$
#
# Here $x$ is an image of $G(z, c)$, and $c'$ is a second code, drawn from the posterior for that image. Inside the
# logarithm, multiply and divide by the guess: $\log P = \log \frac{P}{Q} + \log Q$. The average of the first part over
# $c'$ is a KL divergence:
#
# $$I(c; x) = \underbrace{\mathbb{E}_{x}\big[\mathrm{KL}(P(\cdot|x)\,\Vert\,Q(\cdot|x))\big]}_{\text{the gap}}
#   + \underbrace{\mathbb{E}_{x}\big[\,\mathbb{E}_{c' \sim P(c|x)}[\log Q(c'|x)]\,\big] + H(c)}_{\text{the bound}}.$$
#
# So far this is an equality. The last step uses that a KL divergence is never negative. (Why? $\log t \le t - 1$ for
# every $t > 0$. Therefore $-\mathrm{KL} = \sum P \log \frac{Q}{P} \le \sum P\,(\frac{Q}{P} - 1) \le 1 - 1 = 0$, with
# sums over the codes with $P > 0$.) If we drop the gap, the right side can only become smaller:
#
# $$I(c; G(z, c)) \;\ge\; \mathbb{E}_{x \sim G(z,c)}\big[\,\mathbb{E}_{c' \sim P(c|x)}[\log Q(c'|x)]\,\big] + H(c)
#   \tag{4}$$
#
# The bound is **tight if and only if $Q$ is the posterior**, for every image that can occur, because only then are all
# the KL divergences 0.
#
# And why keep $H(c)$, which has no gradient? We draw the codes ourselves from a fixed prior, so $H(c)$ is a constant.
# (It is $\log K$ if all $K$ values are equally likely. For another prior, use its own entropy.)
# It gives the number a meaning: 0 for a $Q$ that answers with the prior, $I$ for the best possible $Q$.
#
# We check this with a careless guess.


# %% tags=["nbval-check-output"]
def bound(q):
    """The right side of (4), exactly: q[c, x] is a guess for P(c|x)."""
    return float(np.sum(joint[cells] * np.log(q[cells]))) + h_c


def gap(q):
    """E_x[KL(P(·|x) ‖ Q(·|x))], exactly."""
    return float(np.sum(joint[cells] * np.log(posterior[cells] / q[cells])))


careless = np.array([[0.8, 0.3, 0.1, 0.1, 0.1], [0.1, 0.5, 0.8, 0.3, 0.1], [0.1, 0.2, 0.1, 0.6, 0.8]])
print(f"I(c; x)                        {information:.4f} nats")
print(f"the gap E[KL(P‖Q)]             {gap(careless):.4f} nats")
print(f"the bound E[log Q] + H(c)      {bound(careless):.4f} nats")
print(f"gap + bound                    {gap(careless) + bound(careless):.4f} nats")
print(f"bound if Q is the posterior    {bound(posterior):.4f} nats")

# %% [markdown]
# Here are a thousand random guesses, from sensible to absurd.

# %%
random = np.random.default_rng(0)
tables = []
for trust in random.uniform(0, 1, 1000):  # a mixture of the truth and a random table
    noise = random.dirichlet(np.full(3, random.uniform(0.2, 2)), size=5).T
    tables.append(trust * posterior + (1 - trust) * np.clip(noise, 1e-6, 1))
plots.guesses(np.array([gap(q) for q in tables]), np.array([bound(q) for q in tables]), information)
plt.show()

# %% [markdown]
# **What to see.** All points lie on one line. It starts at $I$, where the gap is 0, and falls with slope −1. No point
# lies above $I$. About one bound in seven is negative, although information never is. A negative bound is no error: this $Q$ does
# worse than one that ignores the image and answers with the prior. About $I$ it says almost nothing.
#
# ### How confident should Q be?
#
# Now you make $Q$ worse in two ways. *Confusion* is the share of each probability that goes to a wrong code: from
# code 0 to code 1, from 1 to 2, and from 2 to 0. *Confidence* is a power to which the table is raised before it is normalised. At 0 it says
# ⅓ everywhere, at 1 it is the table itself, and above 1 it exaggerates.
#
# **Predict.** A $Q$ with confusion 0.3 gives three tenths of each probability to a wrong code. Where is its bound
# highest: with a confidence below 1, at 1, or above 1? Write your answer into the next cell before you go on.

# %%
prediction = ...  # "below 1", "at 1" or "above 1"


# %%
def guess(confidence, confusion):
    """A Q that is right at (1, 0)."""
    q = ((1 - confusion) * posterior + confusion * np.roll(posterior, 1, axis=0)) ** confidence
    return q / q.sum(0)


def show(confidence, confusion):
    q, title = guess(confidence, confusion), f"confidence {confidence:.1f}, confusion {confusion:.2f}"
    plots.bound_and_gap(bound(q), gap(q), information, title)


pictures.show_with_sliders(
    show,
    confidence=pictures.slider(0, 5, 1, 0.1, "confidence"),
    confusion=pictures.slider(0, 0.95, 0, 0.05, "confusion"),
)

# %% [markdown]
# Now for all confidences at once, with four degrees of confusion:

# %%
confidences = np.linspace(0, 5, 101)
curves = {m: [bound(guess(s, m)) for s in confidences] for m in (0.0, 0.1, 0.3, 0.6)}
plots.over_confidence(confidences, curves, information)
plt.show()
best = confidences[np.argmax(curves[0.3])]
happened = "at 1" if abs(best - 1) < 0.01 else "below 1" if best < 1 else "above 1"
exercises.compare(prediction, happened, ["below 1", "at 1", "above 1"])
for confidence in (1, best):
    q = guess(confidence, 0.3)
    favourite = q.argmax(0)
    claimed = np.sum(p_x * q[favourite, range(5)])
    print(f"confidence {confidence:.2f}: the likeliest code is claimed with {claimed:.0%}", end=", ")
    print(f"and right in {np.sum(joint[favourite, range(5)]):.0%}")

# %% [markdown]
# **What to see.** Without confusion, the curve touches $I$ at confidence 1 and stays below it everywhere else. With a
# confusion of 0.3 the best confidence is above 1. The last lines say why: the code that this $Q$ finds likeliest is right
# more often than $Q$ claims, so it may claim more.
#
# But the bound weighs the probability of *every* code, not only of the likeliest. With a confusion of 0.6 and confidence
# 1, claim and truth agree for the likeliest code: 50 %. Yet the bound is below 0. For image C, for example, this $Q$ gives
# 60 % to a wrong code and 40 % to the only possible one. With such a $Q$ it is best to claim hardly anything.
#
# At confidence 0 all curves meet at 0, because $\log Q = -\log 3$ cancels $H(c)$. (Just above 0
# they jump: where this $Q$ says 0, it says 0 at any confidence above 0. Without confusion that excludes all impossible
# codes, with confusion only one code each at C and E. Most of the last curve's best value comes from these.) So with too little confidence you can lose
# the whole bound, but no more than that. Too much has no such limit: $-\log Q$ grows without end where $Q$ gives the true
# code a probability close to 0.
#
# ## Remove the posterior with Lemma 5.1
#
# The bound (4) still has a flaw: $c'$ is drawn from $P(c|x)$, which we don't have. The paper's Lemma 5.1 removes it.
# Draw a code $c$, then an image $x$ from it, then a second code $c'$ from the posterior of that image. The lemma says
# that the pair $(c', x)$ has the same distribution as $(c, x)$, so that for any function $f$
#
# $$\mathbb{E}_{c \sim P(c),\; x \sim P(x|c),\; c' \sim P(c|x)}\big[f(c', x)\big]
#   = \mathbb{E}_{c \sim P(c),\; x \sim P(x|c)}\big[f(c, x)\big]. \tag{Lemma 5.1}$$
#
# The proof regroups a sum. Only $P(c, x)$ contains $c$, so we sum over $c$ first, and $P(x)$ remains:
#
# $$\sum_{c, x, c'} P(c, x)\, P(c'|x)\, f(c', x)
#   = \sum_{x, c'} P(x)\, P(c'|x)\, f(c', x)
#   = \sum_{x, c'} P(c', x)\, f(c', x).$$
#
# Now take $f = \log Q$. The left side is the expectation in (4). On the right, the only code is the one that *made* the
# image, and we know it because we drew it. This gives equation (5):
#
# $$L_I(G, Q) = \mathbb{E}_{c \sim P(c),\; x \sim G(z, c)}[\log Q(c|x)] + H(c) \;\le\; I(c; G(z, c)) \tag{5}$$
#
# First we compute both sides from the tables. Then we draw samples, as a training run does.

# %% tags=["nbval-check-output"]
f = np.log(careless)  # f[c, x]
left = np.einsum("c,cx,kx,kx->", p_c, p_x_given_c, posterior, f)  # c, then x, then another code k
right = np.einsum("c,cx,cx->", p_c, p_x_given_c, f)
print(f"with the posterior (left side)  {left:.6f} nats")
print(f"without it (right side)         {right:.6f} nats")

# %%
n = steps(200_000, fast=2_000)
c = random.integers(0, 3, n)
z = random.integers(0, 4, n)
seen = G[c, z]
print(f"L_I from {n:,} draws {f[c, seen].mean() + h_c:.3f} nats, exactly {bound(careless):.3f}")

# %% [markdown]
# That is the whole method: draw a code, make an image, and ask $Q$ how probable it thinks that code is. For a
# categorical code, $Q$ is a classifier, the codes are its labels, and $-\mathbb{E}[\log Q(c|x)]$ is its cross-entropy.
# So **$L_I$ is $H(c)$ minus a classifier's loss.** The labels are free, because we made them.
#
# ### Exercise 1: the bound of a categorical code (10 minutes)
#
# Write (5) for a batch. A network returns logits, one row per image. The prior is uniform over the $K$ columns.


# %% tags=["exercise"]
def categorical_bound(logits, codes):
    """L_I in nats from logits (n, K) and the codes (n,) that made the images."""
    return ...  # TODO: E[log Q(c|x)] + H(c)


categorical_bound = exercises.categorical_bound(categorical_bound)

# %% [markdown]
# *Hint.* `F.log_softmax(logits, dim=1)` gives $\log Q$ of all codes, and `gather` picks one per row. Or use
# `F.cross_entropy`, and mind its sign.
#
# <details><summary>Solution</summary>
#
# ```python
# def categorical_bound(logits, codes):
#     log_q = F.log_softmax(logits, dim=1).gather(1, codes[:, None])  # (n, 1)
#     return log_q.mean() + math.log(logits.shape[1])
# ```
# </details>
#
# A frequent slip is a softmax before a loss that applies one itself. Training goes on, but the "logits" now lie between
# 0 and 1. The next cell gives your function a $Q$ that is certain of the right one of ten categories, with the slip and
# without it.

# %% tags=["nbval-check-output"]
ten = torch.arange(10)
certain = 100 * F.one_hot(ten, 10).float()
print(
    f"logits: {categorical_bound(certain, ten):.3f} nats,",
    f"softmax twice: {categorical_bound(certain.softmax(1), ten):.3f} nats",
)

# %% [markdown]
# If the bound of ten categories goes flat just below 0.84 instead of 2.30 nats, look for this bug.
#
# ## Let Q climb, then let G climb
#
# InfoGAN puts the bound in the place of the information. This is equation (6), the objective of the rest of the course:
#
# $$\min_{G, Q} \max_D V_{\text{InfoGAN}}(D, G, Q) = V(D, G) - \lambda\, L_I(G, Q) \tag{6}$$
#
# $G$ and $Q$ both raise $L_I = I - \text{gap}$. $Q$ can only close the gap. $G$ can do two things: raise $I$, or change
# the images so that this $Q$ reads them better. In our small world $Q$ is a table of logits, and $G$ is a table of
# probabilities $P(x|c)$, so that gradients can flow. There is no $D$ here. First $Q$ learns alone, then both learn.


# %%
def climb(g, q, updates, players, path):
    """Adam on −L_I for the logits in `players`; adds (I, L_I) to `path` before each update."""
    adam = torch.optim.Adam(players, lr=0.03)
    for _ in range(updates):
        table = g.softmax(1) / 3  # P(c, x), (3, 5)
        l_i = (table * q.log_softmax(1).T).sum() + h_c  # equation (5), exactly
        i = (table * (table / (table.sum(0) * table.sum(1, keepdim=True))).log()).sum()
        path.append((i.item(), l_i.item()))
        adam.zero_grad()
        (-l_i).backward()
        adam.step()


g = torch.tensor(np.log(p_x_given_c + 0.001), dtype=torch.float32, requires_grad=True)  # no log 0; one row per code
q = torch.zeros(5, 3, requires_grad=True)  # one row per image
path = []
climb(g, q, 300, [q], path)
climb(g, q, 300, [g, q], path)
axes = pictures.panels(size=(7.2, 3.4))
plots.climb(
    axes, np.array(path), {"Q learns": 0, "Q and G learn": 300}, h_c, "Q closes the gap, G raises the information"
)
plt.show()

# %% [markdown]
# **What to see.** On the left $I$ is constant, because $G$ is, and $L_I$ climbs until the gap is almost closed. On the
# right both climb to $H(c) = \log 3$, the highest value that a three-way code allows. In this world nothing stops $G$
# from giving each code its own image. In InfoGAN, $D$ also demands that the images look like the data, and $\lambda$
# sets the exchange rate.
#
# ### Does a rising bound mean rising information?
#
# Now $G$ learns alone. It starts with images that tell the code well. But $Q$ was made for another generator: it takes
# C and E for images of code 0, and it thinks that D comes from code 1 or code 2, with equal chances.
#
# **Predict.** $G$ climbs $L_I$, and $Q$ stays as it is. After 300 updates, is $I(c; x)$ higher or lower than at the
# start? Write your answer into the next cell.

# %%
prediction = ...  # "higher" or "lower"

# %% tags=["nbval-check-output"]
start = torch.tensor([[0.92, 0.02, 0.02, 0.02, 0.02], [0.02, 0.02, 0.90, 0.04, 0.02], [0.02, 0.02, 0.02, 0.04, 0.90]])
stubborn = torch.tensor([[0.8, 0.1, 0.1], [1 / 3, 1 / 3, 1 / 3], [0.8, 0.1, 0.1], [0.04, 0.48, 0.48], [0.8, 0.1, 0.1]])
g, q = start.log().requires_grad_(), stubborn.log().requires_grad_()
path = []
climb(g, q, 300, [g], path)
exercises.compare(prediction, "lower" if path[-1][0] < path[0][0] else "higher", ["higher", "lower"])
print("start: I = {:.3f}, L_I = {:.3f} nats".format(*path[0]))
print("end:   I = {:.3f}, L_I = {:.3f} nats".format(*path[-1]))
for code, row in enumerate(g.softmax(1)):
    print(f"code {code} makes", " ".join(f"{IMAGES[x]} {p:.2f}" for x, p in enumerate(row.tolist()) if p > 0.005))

# %%
climb(g, q, 600, [g, q], path)  # then both learn
axes = pictures.panels(size=(7.2, 3.4))
plots.climb(
    axes, np.array(path), {"G learns": 0, "Q and G learn": 300}, h_c, "The bound rises while the information falls"
)
plt.show()

# %% [markdown]
# **What to see.** While $G$ learns alone, $L_I$ rises and $I$ falls. Codes 1 and 2 end on the same image, D, because
# there this $Q$ gives them their best probability. $G$ has given up a difference that $Q$ couldn't read. When $Q$
# learns too, the gap closes, but $I$ stays where it is: as long as codes 1 and 2 make the same image, $Q$ can't tell
# them apart, and $G$ has no reason to separate them. A tiny difference finally grows, and the codes part.
#
# So a rising $L_I$ doesn't prove that $I$ rises, only that $I$ is at least this large. In the same way, a falling $L_I$ may
# only mean that the gap has grown.
#
# ## A continuous code
#
# The slant of a digit isn't a category. For such properties InfoGAN has codes that are uniform on $[-1, 1]$. In (5),
# densities take the place of probabilities:
#
# - The entropy becomes the *differential entropy* $h = -\int p \log p$. For the density ½ on an interval of length 2 it
#   is $H(c) = \log 2 = 0.693$ nats. It can be negative, because a density can be larger than 1.
# - $Q(c|x)$ is a Gaussian. A network reads its mean μ and its standard deviation σ from the image.
#
# ### Exercise 2: the Gaussian log density (8 minutes)
#
# Networks return $\log σ$, so that σ can't become negative. Write $\log \mathcal{N}(c;\, \mu, σ^2)$.


# %% tags=["exercise"]
def gaussian_log_density(value, mean, log_std):
    """log N(value; mean, exp(log_std)²) in nats, elementwise."""
    return ...  # TODO: three terms


gaussian_log_density = exercises.gaussian_log_density(gaussian_log_density)

# %% [markdown]
# *Hint.* The density is $\exp(-\frac{(c-\mu)^2}{2σ^2}) / (σ\sqrt{2\pi})$. Its logarithm has a constant, a term with
# $\log σ$ and a term with the squared error.
#
# <details><summary>Solution</summary>
#
# ```python
# def gaussian_log_density(value, mean, log_std):
#     error = (value - mean) * torch.exp(-log_std)
#     return -0.5 * math.log(2 * math.pi) - log_std - 0.5 * error**2
# ```
#
# The constant has no gradient. A program that leaves it out trains as well, but its nats are wrong.
# </details>
#
# ### A world with a known answer
#
# Let the "image" be one number, the code plus uniform noise: $x = c + w u$ with $u$ uniform on $[-1, 1]$ and a noise
# width $w \le 1$. For a given $c$, $x$ is uniform on a length of $2w$, so $h(x|c) = \log(2w)$. The density of $x$ is a
# trapezoid, whose entropy is $h(x) = \log 2 + w/2$. The difference is
#
# $$I(c; x) = h(x) - h(x|c) = \tfrac{w}{2} - \log w .$$
#
# The posterior of $c$ is uniform on the part of $[x-w, x+w]$ that lies in $[-1, 1]$. Call its length $\ell(x)$. Its
# variance is $\ell^2/12$. We let three Gaussian $Q$s compete, all with the right mean:
#
# - the best σ *for each* $x$, which is $\ell(x)/\sqrt{12}$;
# - the best *single* σ for all $x$;
# - σ = 1, as in the authors' program.
#
# With a single σ, the bound depends only on $Q$'s mean squared error $e^2 = \mathbb{E}[(c - \mu)^2]$:
#
# $$L_I(σ) = \log 2 - ½\log 2\pi - \log σ - \frac{e^2}{2σ^2}$$
#
# Its derivative is 0 at $σ = e$: the best single σ is $Q$'s own error.


# %% tags=["nbval-check-output"]
def world(w, points=200_001):
    """The length ℓ(x) of the posterior's interval, and the probability of each grid point."""
    x = np.linspace(-1 - w, 1 + w, points)[1:-1]
    length = np.minimum(1, x + w) - np.maximum(-1, x - w)
    return length, length / length.sum()  # p(x) = ℓ(x) / 4w


def bound_at(std, w):
    """L_I in nats with one σ for all x and the right mean."""
    length, p = world(w)
    return math.log(2) - 0.5 * math.log(2 * math.pi) - np.log(std) - np.sum(p * length**2) / 12 / (2 * std**2)


def exact(w):
    """I(c; x), and L_I with the best σ for each x, with the best single σ, and with σ = 1, in nats."""
    length, p = world(w)
    each = np.sum(p * np.log(length / math.sqrt(12)))  # E[log σ(x)]
    error = math.sqrt(np.sum(p * length**2) / 12)
    best_each = math.log(2) - 0.5 * math.log(2 * math.pi) - each - 0.5
    return math.log(2) - np.sum(p * np.log(length)), best_each, bound_at(error, w), bound_at(1.0, w)


print("noise w   w/2 − log w   I(c; x)   σ for each x   one σ   σ = 1")
for w in (1.0, 0.3, 0.1, 0.01):
    i, each, one, fixed = exact(w)
    print(f"{w:7.2f} {w / 2 - math.log(w):13.3f} {i:9.3f} {each:14.3f} {one:7.3f} {fixed:7.3f}")

# %%
widths = np.geomspace(0.01, 1, 25)
plots.over_noise(widths, np.array([exact(w) for w in widths]).T)
plt.show()

# %% [markdown]
# **What to see.** Three things.
#
# 1. $I$ passes $H(c) = 0.693$ and keeps rising. For a category $I \le H(c)$, because a remaining entropy $H(c|x)$ can't
#    be negative. A differential entropy can: $h(c|x)$ goes to $-\infty$ as the code is known to more and more decimals.
# 2. The bound with the best σ for each $x$ runs 0.176 nats below $I$. This gap is the KL divergence between a uniform
#    distribution and the Gaussian with its mean and variance, the price of the wrong shape. A single σ costs a little
#    more where the noise is wide.
# 3. With σ = 1 the bound is negative for every $w$, even where the image gives the code away almost exactly.
#
# ## What σ = 1 measures
#
# Why is a perfect $Q$ negative if 0 is the value of answering with the prior? A $Q$ with σ = 1 *can't* answer with the
# prior. It always answers with a Gaussian that is wider than the whole interval, and gives probability to codes that
# don't exist.

# %% tags=["nbval-check-output"]
code = torch.linspace(-1, 1, 100_001, dtype=torch.float64)
inside = 0.5 * (torch.erf((1 - code) / math.sqrt(2)) + torch.erf((1 + code) / math.sqrt(2)))  # of N(c, 1) in [−1, 1]
print(f"probability outside of [−1, 1], on average {1 - inside.mean():.0%}")
for name, mean in (("the code itself", code), ("always 0", 0 * code), ("minus the code", -code)):
    value = gaussian_log_density(code, mean, 0 * code)
    print(f"Q's mean is {name:15}  L_I = {value.mean() + math.log(2):6.3f} nats")
cut_off = -0.5 * math.log(2 * math.pi) - inside.log().mean() + math.log(2)
print(f"the first one, cut off at ±1 and normalised: {cut_off:.3f} nats")

# %% [markdown]
# So −0.226 is the highest value with σ = 1, and −0.392 is what a $Q$ gets that knows nothing and answers 0. A $Q$ that
# is wrong gets less, without limit. With σ = 1 the formula above becomes $L_I = -0.226 - e^2/2$. As a *loss* this is
# least squares. As a *number* it is a measurement of $Q$'s error.
#
# ### Exercise 3: read the error from the bound (5 minutes)
#
# A run with σ = 1 prints $L_I$ of a continuous code. Compute $Q$'s mean squared error $e^2$. Use the exact constant,
# not −0.226.


# %% tags=["exercise"]
def squared_error(bound):
    """Q's mean squared error for a code uniform on [−1, 1], from its L_I in nats at σ = 1."""
    return ...  # TODO: solve L_I(σ = 1) for e²


squared_error = exercises.squared_error(squared_error)

# %% [markdown]
# *Hint.* Put σ = 1 into $L_I(σ)$ above: one term vanishes.
#
# <details><summary>Solution</summary>
#
# ```python
# def squared_error(bound):
#     return 2 * (math.log(2) - 0.5 * math.log(2 * math.pi) - bound)
# ```
# </details>
#
# ## Several codes
#
# InfoGAN for digits has three codes. They are drawn independently, so their entropies add: $H(c) = \sum_i H(c_i)$. If
# $Q$ also treats them as independent given the image, then $\log Q(c|x) = \sum_i \log Q_i(c_i|x)$, and (5) becomes a
# sum with one bound per code:
#
# $$L_I(G, Q) = \sum_i \big(\,\mathbb{E}[\log Q_i(c_i|x)] + H(c_i)\,\big) = \sum_i L_I^{(i)}$$
#
# **The bounds add.** Each is a bound on $I(c_i; x)$, and the sum is a bound on the information about all codes
# together, because (5) allows any $Q$. But such a $Q$ can't say that two codes are tied together. An extreme case: the
# codes are two coins $a$ and $b$, and the image shows only whether they are equal.

# %% tags=["nbval-check-output"]
print(f"Q answers for each coin separately: each ½, so L_I = {math.log(0.5) + math.log(2):.3f} nats per coin")
print(
    f"Q answers for the pair: two of four cases, ½ each, so L_I = {math.log(0.5) + math.log(4):.3f} nats = I(a, b; x)"
)

# %% [markdown]
# ### Exercise 4: L_I of every code (12 minutes)
#
# This is the function that InfoGAN's training needs: the bounds of all categorical codes, then those of all continuous
# codes, as one tensor. The categorical codes can have different $K$. All continuous codes are uniform on $[-1, 1]$.


# %% tags=["exercise"]
def code_bounds(logits, categories, mean, log_std, values):
    """L_I of each code in nats → (number of codes,), differentiable.

    logits: a list with one (n, K) tensor per categorical code; categories: (n, len(logits)), the values drawn.
    mean, log_std: (n, C), what Q says about the continuous codes; values: (n, C), the values drawn.
    """
    return ...  # TODO: use categorical_bound and gaussian_log_density


code_bounds = exercises.code_bounds(code_bounds)

# %% [markdown]
# *Hint.* `categories[:, i]` are the values of the code with `logits[i]`. A density is averaged over the images,
# dimension 0. `torch.stack` makes a tensor of a list of numbers, and `torch.cat` joins two tensors. There may be no
# categorical code at all.
#
# <details><summary>Solution</summary>
#
# ```python
# def code_bounds(logits, categories, mean, log_std, values):
#     categorical = [categorical_bound(scores, categories[:, i]) for i, scores in enumerate(logits)]
#     continuous = gaussian_log_density(values, mean, log_std).mean(dim=0) + math.log(2)
#     return torch.cat([torch.stack(categorical), continuous]) if categorical else continuous
# ```
# </details>
#
# ## How much do the digits tell?
#
# Back to the first figure. We give your function what $Q$ says about the 2,000 pictures, and the codes that made them.

# %%
with torch.no_grad():
    answer = model.recognition(model.discriminator.trunk(images))  # Q reads the features of D's trunk
printed = code_bounds(answer.logits, drawn.categorical, answer.mean, answer.log_std, drawn.continuous)
library = objectives.mutual_information_bound(answer, drawn, model.codes)
for name, yours, theirs in zip(model.codes.names, printed.tolist(), library.tolist(), strict=True):
    print(f"{name:8}  your bound {yours:6.3f} nats, the library's {theirs:6.3f}")
print(f"sum       {printed.sum():.3f} nats")

# %% [markdown]
# The category is close to its ceiling, $\log 10 = 2.303$ nats. The bounds of c1 and c2 are negative.
#
# **Predict.** How much information do the pictures carry about c1? Is $I(c1; x)$ close to 0, somewhere up to
# $H(c1) = 0.693$ nats, or above? Write your answer into the next cell.

# %%
prediction = ...  # "close to 0", "up to 0.693" or "above 0.693"

# %%
errors = squared_error(printed[1:])  # of c1 and c2, from your exercise 3
better = printed.clone()
better[1:] = math.log(2) - 0.5 * torch.log(2 * math.pi * math.e * errors)  # L_I at σ = e
happened = "above 0.693" if better[1] > math.log(2) else "up to 0.693"
exercises.compare(prediction, happened, ["close to 0", "up to 0.693", "above 0.693"])
measured = (answer.mean - drawn.continuous).square().mean(0)
print("e² from the bound ", [round(value, 4) for value in errors.tolist()])
print("e² measured       ", [round(value, 4) for value in measured.tolist()])
print(f"sum of the bounds: {printed.sum():.2f} nats with σ = 1, {better.sum():.2f} nats with σ = e")
plots.printed_and_better(model.codes.names, printed, better, model.codes.entropies)
plt.show()

# %% [markdown]
# **What to see.** Both bars of a code come from the same means. Only σ has changed, from 1 to $Q$'s error. (5) holds
# for every σ, so the higher bar is a bound as well: the pictures carry more than $H(c1)$ about c1. With σ = 1 the bound
# is loose, but it gave us $e^2$, and $e^2$ gave us a better bound.
#
# **Think.** Two runs with σ = 1 print −0.247 and −0.235 for c1. How different are they?
#
# <details><summary>Answer</summary>
#
# $e^2 = 2\,(-0.2258 - L_I)$ is 0.042 and 0.018, so the second $Q$'s typical error is about a third smaller. In the
# better bound this is $½\log(0.042/0.018) = 0.42$ nats. A difference in the second decimal is large here.
# </details>
#
# ## Why not learn σ?
#
# If σ = 1 is so loose, why not let $Q$ learn σ? We look at $L_I(σ)$ for three noise widths.

# %%
plots.over_std(np.vectorize(bound_at), (0.3, 0.1, 0.02))
plt.show()

# %% [markdown]
# **What to see.** Each curve has its top at $σ = e$. To the left, $Q$ claims to be more exact than it is, and the term
# $e^2/2σ^2$ grows quickly. To the right, $Q$ is too modest. At σ = 1 the curves nearly coincide. The tops have no
# common ceiling.
#
# A learned σ is honest: $L_I \le I$ still holds. (A $Q$ that knows nothing then reaches −0.18 instead of −0.392, because it
# can say so: its σ is the error of always answering 0, $1/\sqrt 3$.) But in InfoGAN the noise width is up to $G$. It can write the code
# into the image as exactly as it likes, for example into the brightness of one corner pixel, too faint for $D$ to mind.
# Then the bound grows by $\log 2$ nats each time the error is halved, while a category never gives more than 2.303. (If
# an image determined its code exactly, $I$ itself would be infinite.) What doesn't grow is what a person can see: three
# nats in a corner pixel are worth nothing.
#
# In our runs something else goes wrong: the categories suffer. [docs/results/continuous_std.md](../docs/results/continuous_std.md) has three runs on MNIST with one
# seed. When each category stands for one digit, $Q$'s category is right for 86 % of the real test images with σ = 1. With a
# learned σ it is 36 % with the same weight for c1 and c2 (0.5), and 63 % with a weight of 0.1. The bounds of c1 and c2 are
# then above 1.2 nats. This is one seed, and the seeds of a single recipe can differ by 17 to 26
# percentage points (notebook 5). So only the 36 % is clearly more than luck. The library therefore fixes σ by default, and keeps a learned $\log σ$
# within ±3.
#
# ### A wrong prior
#
# Some programs draw a continuous code uniformly but score the prior as a standard normal. Instead of (5) they print
# $\mathbb{E}[\log Q(c|x) - \log \mathcal{N}(c; 0, 1)]$.

# %% tags=["nbval-check-output"]
wrong_entropy = 0.5 * math.log(2 * math.pi) + 0.5 / 3  # E[−log N(c; 0, 1)] for c uniform on [−1, 1], instead of log 2
for name, value in (
    ("σ = 1, mean 0", -0.5 * math.log(2 * math.pi) - 1 / 6),
    ("σ = 1, perfect", -0.5 * math.log(2 * math.pi)),
):
    print(f"{name:15}: (5) gives {value + math.log(2):6.3f}, the wrong prior {value + wrong_entropy:6.3f} nats")
i, _, one, _ = exact(0.1)
print(
    f"w = 0.1, best σ: (5) gives {one:6.3f}, the wrong prior {one - math.log(2) + wrong_entropy:6.3f}, I = {i:.3f} nats"
)

# %% [markdown]
# The wrong number is on average $½\log 2\pi + ⅙ - \log 2 = 0.392$ nats too high. With σ = 1 it happens to remain a
# bound. The difference of the two logarithms is $f = c\mu - \mu^2/2$, and $\mathbb{E}_c[e^f] \le 1$ for every μ. So $P(c)\,e^f$ is a
# guess for the posterior whose probabilities add up to at most 1, and for such a guess (4) holds as well.
# With a learned σ it isn't a bound any more: in the last line it is above the information itself.
#
# ## How much of it is noise?
#
# A training run estimates $L_I$ from a batch: the mean of $n$ values $\log Q(c|x) + H(c)$. Such a mean has a standard
# error of $s/\sqrt{n}$, where $s$ is the standard deviation of a single value. We test this in the three-code world
# with the best $Q$, whose bound is exactly $I$.

# %%
single = np.log(posterior[c, seen]) + h_c  # one value for each draw of (c, x) in "Remove the posterior"
sizes, repeats = [16, 32, 64, 128, 256, 512, 1024], steps(2000, fast=100)
estimates = {n: random.choice(single, (repeats, n)).mean(1) for n in sizes}
for n, values in estimates.items():
    predicted, above = single.std() / math.sqrt(n), np.mean(values > information)
    print(f"batch {n:5}: standard error {values.std():.3f}, s/√n = {predicted:.3f}, above I: {above:.0%}")
plots.over_batches(estimates, information)
plt.show()

# %% [markdown]
# **What to see.** A box holds half of the estimates, and the whiskers 95 %. They are centred on the truth, and four
# times the batch halves them. About half of the estimates lie above $I$. That is no contradiction: the *expectation* is
# a lower bound, one batch is not. (And the expectation is over *fresh* draws. On codes that $Q$ has just been trained on,
# it looks better than it is.) Only one thing can't happen for a category. Each value is $\log Q + H(c)$ with
# $\log Q \le 0$, so not even one batch can exceed $H(c)$. A program that prints more than 2.303 nats for ten categories
# has a bug.
#
# ### Exercise 5: how large a batch? (5 minutes)
#
# You want a standard error of at most `error`. Write the smallest batch for a given spread $s$ of single values.


# %% tags=["exercise"]
def batch_needed(spread, error):
    """The smallest batch size whose standard error is at most `error`; both in nats."""
    return ...  # TODO: a whole number


batch_needed = exercises.batch_needed(batch_needed)

# %% [markdown]
# *Hint.* Solve $s/\sqrt{n} \le$ error for $n$, then round in the right direction.
#
# <details><summary>Solution</summary>
#
# ```python
# def batch_needed(spread, error):
#     return math.ceil((spread / error) ** 2)
# ```
# </details>

# %%
spreads = objectives.log_likelihoods(answer, drawn).std(dim=0).tolist()  # s of each code of the digit model
for name, spread in [("toy", single.std()), *zip(model.codes.names, spreads, strict=True)]:
    needed = [batch_needed(spread, error) for error in (0.02, 0.002)]
    print(f"{name:8}: s = {spread:.3f} nats; a standard error of 0.02 needs {needed[0]} images, of 0.002 {needed[1]:,}")

# %% [markdown]
# One training batch of 128 images gives the digit model's category to about 0.01 nats, and c1 to about 0.003, because
# single values scatter less there than in the toy. But for c1 the interesting differences are small too, as you have seen. So average a
# curve over many updates before you compare two runs.
#
# ---
# ## Recap
#
# - With a guess $Q$ in the place of the posterior, we lose exactly $\mathbb{E}_x[\mathrm{KL}(P\Vert Q)]$. That gives
#   the bound (4). Lemma 5.1 then puts the code that made the image in the place of a draw from the posterior. That
#   gives (5), which needs only samples and a classifier.
# - $Q$ raises $L_I$ by closing the gap. $G$ can close the gap or raise $I$, so $L_I$ can rise while $I$ falls.
# - The bounds of independent codes add. A category's ends at $\log K$. A continuous code's ends at −0.226 with σ = 1,
#   where it measures $Q$'s squared error. With a learned σ it has no end but the one that a program sets.
# - What a run prints is an estimate with a standard error of $s/\sqrt n$.
#
# ## Common mistakes
#
# - **Reading a continuous code's bound like a category's.** A negative value can be very good, and one above $H(c)$ is
#   allowed.
# - **A variance used as a standard deviation**, or the logarithm of a raw output, which is NaN where the output is
#   negative. Let the network return $\log σ$.
# - **Calling the bound the information.** A small $L_I$ says that this $Q$ can't read the code, not that nobody could.
#
# ## Further reading
#
# - Chen et al. 2016, [InfoGAN](https://arxiv.org/abs/1606.03657): section 5, and the appendix for the lemma.
# - Barber and Agakov 2003, *The IM algorithm: a variational approach to information maximization* (NIPS): the bound
#   (4), thirteen years earlier, for noisy channels.
# - Poole et al. 2019, [On variational bounds of mutual information](https://arxiv.org/abs/1905.06922): this bound among
#   its relatives, and how they trade bias for variance.
# - McAllester and Stratos 2020, [Formal limitations on the measurement of mutual
#   information](https://arxiv.org/abs/1811.04251): no bound that must hold for *every* distribution can certify a large
#   value from few samples. We have an advantage: the entropy of the code is known.
