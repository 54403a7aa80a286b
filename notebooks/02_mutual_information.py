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
# **What you will do.** Derive InfoGAN's lower bound on mutual information line by line, and check every line on a world
# so small that all its probabilities fit in a table. Then do the same for a continuous code.
#
# **What you will learn.** To say where the bound comes from and how large its gap is; to write it for a categorical and
# for a continuous code, in nats; to read a bound that a training run prints: why −0.2 may be perfect, why 3 may be
# worthless, and how much of its jitter is only the batch.
#
# **What you need.** Notebook 1, or at least its last section: entropy $H(c)$, conditional entropy $H(c|x)$ and
# $I(c; x) = H(c) - H(c|x)$, in nats. A little PyTorch. About 80 minutes of reading and exercises. The cells run for
# less than half a minute on a CPU, and a GPU makes no difference.

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

from infogan_lib import objectives
from infogan_lib.course import figures as pictures
from infogan_lib.course import mutual_information as exercises
from infogan_lib.course.pace import steps
from infogan_lib.figures import COLOURS, DASHES
from infogan_lib.latents import CodeSpec, Latents

torch.set_num_threads(1)  # networks this small run faster on one core

# %% [markdown]
# **What this notebook uses.** $V(D, G)$ is the value of the game between $D$ and $G$, equation (1) of the paper. $c$ is the
# code, $z$ the noise, $x = G(z, c)$ the image. $H(c) = -\sum_c P(c) \log P(c)$ is the entropy of the code, $I(c; x)$ the
# information that the image has about it, and $\lambda > 0$ the weight of the information. For a continuous variable,
# $h = -\int p \log p$ is the *differential* entropy, which can be negative. $\mathrm{KL}(P\,\|\,Q) = \sum P \log (P/Q)$ is
# the Kullback–Leibler divergence. Everything is in nats.
#
# ## The question
#
# InfoGAN wants a generator whose images reveal the code that they were made from. Equation (2) says so:
#
# $$\min_G \max_D V_I(D, G) = V(D, G) - \lambda\, I(c; G(z, c)) \tag{2}$$
#
# It can't be computed. $I(c; x) = H(c) - H(c|x)$ needs the posterior $P(c|x)$: given this image, how probable is each
# code? The generator runs the other way. To turn it round one would have to find all noise vectors $z$, with 62
# coordinates each, that give this very image with code 0, then with code 1, and so on.
#
# **How can one maximise a number that one can't compute?**
#
# The answer of the paper is to maximise something else, which can be computed from samples, which is never larger than
# $I$, and which equals $I$ when an auxiliary network $Q$ is good. This notebook builds it. We begin where everything
# *can* be computed.
#
# ## A generator small enough to enumerate
#
# The code $c$ is one of three values, each with probability ⅓. The noise $z$ is one of four, each with probability ¼.
# And there are only five possible images, A to E. The generator is then a table of twelve entries, and the noise makes
# it ambiguous: several codes can give the same image.

# %%
# NBVAL_CHECK_OUTPUT
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
# Image C can only come from code 1 and E only from code 2. The others leave a doubt: A, for example, comes from code 0
# three times out of four. Now the information, in three ways that must agree: what the image removes of the uncertainty
# about the code, what the code removes of the uncertainty about the image, and the distance of the joint table from
# independence.


# %%
# NBVAL_CHECK_OUTPUT
def entropy(p):
    """H(p) in nats; 0·log 0 counts as 0."""
    p = np.asarray(p)[np.asarray(p) > 0]
    return float(-np.sum(p * np.log(p)))


h_c = entropy(p_c)
h_c_given_x = sum(p_x[x] * entropy(posterior[:, x]) for x in range(5))
h_x_given_c = sum(p_c[c] * entropy(p_x_given_c[c]) for c in range(3))
cells = joint > 0
information = h_c - h_c_given_x
print(f"H(c) − H(c|x)             = {h_c:.4f} − {h_c_given_x:.4f} = {information:.4f} nats")
print(f"H(x) − H(x|c)             = {entropy(p_x):.4f} − {h_x_given_c:.4f} = {entropy(p_x) - h_x_given_c:.4f} nats")
print(f"KL(P(c,x) ‖ P(c)P(x))     = {np.sum(joint[cells] * np.log((joint / np.outer(p_c, p_x))[cells])):.4f} nats")

# %% [markdown]
# An image of this generator tells 0.64 of the 1.10 nats that there are to know about the code. Keep 0.64 in mind; it is
# the number that the bound will try to reach.
#
# ## Derive the bound (4)
#
# Suppose that we don't know $P(c|x)$ but have a guess $Q(c|x)$ for it: any rule at all that gives probabilities to the
# codes when it is shown an image. Start from the definition and write the conditional entropy out:
#
# $$I(c; x) = H(c) - H(c|x)
#   = H(c) + \mathbb{E}_{x}\big[\,\mathbb{E}_{c' \sim P(c|x)}[\log P(c'|x)]\,\big].$$
#
# Here $x$ is an image of $G(z, c)$, and $c'$ is a second code, drawn from the posterior for that image. Multiply and
# divide by the guess inside the logarithm, $\log P = \log \frac{P}{Q} + \log Q$. The first part, averaged over $c'$, is
# the definition of a Kullback–Leibler divergence:
#
# $$I(c; x) = \mathbb{E}_{x}\big[\mathrm{KL}(P(\cdot|x)\,\|\,Q(\cdot|x))\big]
#   + \mathbb{E}_{x}\big[\,\mathbb{E}_{c' \sim P(c|x)}[\log Q(c'|x)]\,\big] + H(c).$$
#
# That is an equality. Nothing has been lost so far. The last step uses that a KL divergence is never negative. (Why:
# $\log t \le t - 1$ for every $t > 0$, so $-\mathrm{KL} = \sum P \log \frac{Q}{P} \le \sum P\,(\frac{Q}{P} - 1)$, the
# sum over the codes with $P > 0$, and this is at most $1 - 1 = 0$.) Dropping it can only make the right side smaller:
#
# $$I(c; G(z, c)) \;\ge\; \mathbb{E}_{x \sim G(z,c)}\big[\,\mathbb{E}_{c' \sim P(c|x)}[\log Q(c'|x)]\,\big] + H(c)
#   \tag{4}$$
#
# This is equation (4). The price of not knowing the posterior is exactly the KL that was dropped, no more and no less. So
# the bound is tight if and only if $Q(c|x) = P(c|x)$ for every image that can occur.
#
# And $H(c)$? It is a constant. We draw the codes ourselves, from a prior that never changes, so it has no gradient. It is
# kept because with it the number means something: 0 for a $Q$ that only knows the prior, $I$ for a perfect one.
#
# Check each line with a guess that somebody might make after looking at the images carelessly.


# %%
# NBVAL_CHECK_OUTPUT
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
# One guess could be luck. Take a thousand random ones, from sensible to absurd, and put each into a picture with its
# gap across and its bound upwards.

# %%
random = np.random.default_rng(0)
guesses = []
for trust in random.uniform(0, 1, 1000):  # a mixture of the truth and a random table
    noise = random.dirichlet(np.full(3, random.uniform(0.2, 2)), size=5).T
    guesses.append(trust * posterior + (1 - trust) * np.clip(noise, 1e-6, 1))
gaps, bounds = np.array([gap(q) for q in guesses]), np.array([bound(q) for q in guesses])
assert np.allclose(gaps + bounds, information) and bounds.max() <= information

axes = pictures.panels(size=(5.5, 3.0))
axes.scatter(gaps, bounds, s=8, color=COLOURS[0], alpha=0.5, label="a guess Q")
axes.axhline(information, color="black", linestyle="--", linewidth=1, label="I(c; x)")
axes.axhline(0, color="black", linewidth=0.6)
axes.set(
    title="A thousand guesses", xlabel="gap E[KL(P‖Q)] (nats)", ylabel="bound (nats)", xlim=(-0.05, 2.5), ylim=(-2, 1)
)
axes.legend()
plt.show()

# %% [markdown]
# **What to see.** All the points lie on one straight line that starts at $I$ on the left and falls with slope −1: bound
# plus gap is always the information. No point is above the dashed line. Many are below zero, although information is
# never negative. A negative bound is not an error. It says that this $Q$ does worse than one that knows nothing and always
# answers with the prior, and it says hardly anything about $I$.
#
# Make $Q$ worse and better yourself. The first slider is its confidence: 0 is a $Q$ that always answers ⅓, 1 is the
# posterior, and between them $Q$ is a mixture of the two. Above 1 it is over-confident: the posterior raised to that
# power and normalised again. The second slider mixes in an error: the codes 0, 1, 2 taken for 1, 2, 0.


# %%
def guess(confidence, confusion):
    """A Q that is right at (1, 0)."""
    q = confidence * posterior + (1 - confidence) / 3 if confidence <= 1 else posterior**confidence
    q = q / q.sum(0)
    return (1 - confusion) * q + confusion * np.roll(q, 1, axis=0)


def show_bound(confidence=1.0, confusion=0.0):
    """Bound and gap of one guess, laid end to end beside the information."""
    q = guess(confidence, confusion)
    low, missing = bound(q), gap(q)
    axes = pictures.panels(size=(6.0, 1.7))
    axes.invert_yaxis()
    axes.barh(["I(c; x)"], [information], color=pictures.GREY)
    axes.barh(["bound + gap"], [low], color=COLOURS[0], label=f"bound L_I = {low:.3f}")
    axes.barh(
        ["bound + gap"], [missing], left=low, color=COLOURS[4], hatch="//", alpha=0.7, label=f"gap KL = {missing:.3f}"
    )
    axes.set(xlim=(-1, 2), xlabel="nats", title=f"confidence {confidence:.1f}, confusion {confusion:.2f}")
    axes.legend(loc="upper right", fontsize=8)


pictures.show_with_sliders(
    show_bound,
    confidence=pictures.slider(0, 5, 1, 0.1, "confidence"),
    confusion=pictures.slider(0, 0.95, 0, 0.05, "confusion"),
)

# %% [markdown]
# **Think.** Why is the bound exactly 0 at confidence 0? Set confusion to 0.3: is the best confidence still 1? And at 0.6?
# Which is punished more in the end, too little confidence or too much?
#
# <details><summary>Answer</summary>
#
# At confidence 0, $Q$ always answers ⅓, so $\log Q = -\log 3$ cancels $H(c) = \log 3$. At a confusion of 0.3 the best
# confidence is still 1, but for larger confusions it falls: a $Q$ that is usually wrong does better to say little. Too
# little confidence costs at most $I$. Too much has no limit.
# </details>
#
# Still pictures: one setting, and then the bound over all confidences for three degrees of confusion.

# %%
show_bound(confidence=0.5, confusion=0.2)
plt.show()

# %% [markdown]
# **What to see.** The bound (solid) and the gap (hatched) end exactly where the grey bar ends. That is the equality
# before the last step of the derivation, as a picture.

# %%
confidences = np.linspace(0, 5, 101)
curves = {f"confusion {m}": [bound(guess(s, m)) for s in confidences] for m in (0.0, 0.1, 0.3)}
axes = pictures.panels(size=(5.5, 3.0))
pictures.lines(
    axes, confidences, curves, title="Better and worse guesses", xlabel="confidence", ylabel="bound L_I (nats)"
)
axes.axhline(information, color="black", linestyle=":", linewidth=1)
axes.text(5, information + 0.02, "I(c; x)", ha="right")
axes.set_ylim(-0.6, 0.8)
plt.show()

# %% [markdown]
# **What to see.** The solid curve touches $I$ (dotted) at one point, confidence 1, and stays below it everywhere else.
# (The kink at 1 is where our recipe changes from mixing to sharpening.) Confusion lowers the curve. In these three the top
# stays at confidence 1; the printed line below shows where it goes when confusion grows. At the left all three curves
# meet at 0: a uniform $Q$ knows nothing, and $\log Q = -\log 3$ cancels $H(c)$. To the right, over-confidence costs more
# and more, because a wrong answer given with certainty costs $-\log$ of a number near 0. Where a curve is below 0, this
# $Q$ would do better to say nothing.

# %%
for m in (0.0, 0.3, 0.5, 0.6, 0.7, 0.8):
    values = np.array([bound(guess(s, m)) for s in confidences])
    print(f"confusion {m}: best confidence {confidences[values.argmax()]:.2f}, bound there {values.max():.3f} nats")

# %% [markdown]
#
# ## Remove the posterior with Lemma 5.1
#
# A sharp eye sees that (4) cheats. It was to free us from $P(c|x)$, and $c'$ is still drawn from it. The paper's Lemma
# 5.1 removes it. For random variables $X$ and $Y$ and (nearly) any function $f$ (careful: in the lemma $x$ will be the code
# and $y$ the image),
#
# $$\mathbb{E}_{x \sim X,\; y \sim Y|x,\; x' \sim X|y}\big[f(x', y)\big]
#   = \mathbb{E}_{x \sim X,\; y \sim Y|x}\big[f(x, y)\big] \tag{Lemma 5.1}$$
#
# In words: draw $x$, from it $y$, and from $y$ go back to a fresh $x'$. Then the pair $(x', y)$ is distributed as the
# pair $(x, y)$ was, so that averages over them are equal. The proof is two regroupings of a sum:
#
# $$\sum_x p(x) \sum_y p(y|x) \sum_{x'} p(x'|y) f(x', y)
#   = \sum_y \Big(\sum_x p(x, y)\Big) \sum_{x'} p(x'|y) f(x', y)
#   = \sum_{y, x'} p(x', y) f(x', y).$$
#
# The bracket is $p(y)$, because nothing after it contains $x$; and $p(y)\,p(x'|y) = p(x', y)$. Now let $X$ be the code,
# $Y$ the image, and $f = \log Q$. On the left stands the expectation of (4). On the right the only code left is the one
# that *made* the image, and that one we know, for we drew it ourselves. The bound becomes equation (5):
#
# $$L_I(G, Q) = \mathbb{E}_{c \sim P(c),\; x \sim G(z, c)}[\log Q(c|x)] + H(c) \;\le\; I(c; G(z, c)) \tag{5}$$
#
# First both sides of the lemma exactly, by summing over the tables, for the careless $Q$. Then by drawing samples,
# which is how a training run does it.

# %%
# NBVAL_CHECK_OUTPUT
f = np.log(careless)  # f[c, x]
left = np.einsum("c,cx,kx,kx->", p_c, p_x_given_c, posterior, f)  # c, then x, then back to another code k
right = np.einsum("c,cx,cx->", p_c, p_x_given_c, f)
print(f"with the posterior (left side)  {left:.6f} nats")
print(f"without it (right side)         {right:.6f} nats")

# %%
n = steps(200_000, fast=2_000)
c = random.integers(0, 3, n)
z = random.integers(0, 4, n)
images = G[c, z]  # what a training run does: draw a code, draw noise, generate
again = (random.uniform(size=(n, 1)) > posterior.T[images].cumsum(1)).sum(1).clip(max=2)  # c' ~ P(c|x), left side only
print(f"left side from {n:,} draws:  {f[again, images].mean():.3f} nats")
print(f"right side from {n:,} draws: {f[c, images].mean():.3f} nats")
print(f"L_I, equation (5): {f[c, images].mean() + h_c:.3f} nats; exactly {bound(careless):.3f}")
assert abs(f[c, images].mean() - right) < 0.1

# %% [markdown]
# The right side needed `G[c, z]` and `Q`, and nothing else. That is the whole algorithm: draw a code, generate,
# and ask $Q$ how probable it thinks the code is that was used. For a categorical code $Q$'s answer is a softmax, and
# $-\mathbb{E}[\log Q(c|x)]$ is the cross-entropy of a classifier whose labels are the codes. So **$L_I$ is $H(c)$ minus
# the loss of a classifier.** The labels cost nothing, because we made them.
#
# ### Exercise 1: the bound of a categorical code (10 minutes)
#
# Write (5) for a batch. A network returns logits, one row per image; the prior is uniform over the $K$ columns.


# %% tags=["exercise"]
def categorical_bound(logits, codes):
    """L_I in nats from logits (n, K) and the codes (n,) that made the images."""
    return ...  # TODO: E[log Q(c|x)] + H(c)


exercises.categorical_bound(categorical_bound)

# %% [markdown]
# *Hint.* `F.log_softmax(logits, dim=1)` gives $\log Q$ for all codes, and `gather` picks one per row. Or use
# `F.cross_entropy`, and mind its sign.
#
# <details><summary>Solution</summary>
#
# ```python
# def categorical_bound(logits, codes):
#     log_q = F.log_softmax(logits, dim=1).gather(1, codes[:, None])  # (n, 1)
#     return log_q.mean() + math.log(logits.shape[1])
# ```
#
# A softmax before the cross-entropy, a frequent slip, doesn't stop the training. It squeezes the logits into $[0, 1]$,
# so that even a perfect $Q$ gives its code only $e/(e + K - 1)$. For ten categories the bound then ends at 0.84 instead
# of 2.303 nats.
# </details>
#
# The library computes the same for every code of a model at once. The next cell writes it once more in sight and
# asserts that the library agrees.

# %%
spec = CodeSpec(categorical=(3,), continuous=0, noise=1)
codes, seen = torch.tensor(c[:500]), torch.tensor(images[:500])
logits = torch.log(torch.tensor(careless.T, dtype=torch.float32))[seen]  # the careless Q's, (500, 3)
ours = F.log_softmax(logits, dim=1).gather(1, codes[:, None]).mean() + math.log(3)

nothing = torch.zeros(500, 0)  # there is no continuous code
theirs = objectives.mutual_information_bound(
    objectives.Posterior([logits], mean=nothing, log_std=nothing),
    Latents(categorical=codes[:, None], continuous=nothing, noise=torch.zeros(500, 1)),
    spec,
)
torch.testing.assert_close(theirs, ours[None])
print(f"ours {ours:.4f}, the library's {theirs.item():.4f} nats")

# %% [markdown]
# ## Let Q climb, then let G climb
#
# InfoGAN puts the bound in the place of the information. This is equation (6), the objective that the rest of the
# course trains:
#
# $$\min_{G, Q} \max_D V_{\text{InfoGAN}}(D, G, Q) = V(D, G) - \lambda\, L_I(G, Q) \tag{6}$$
#
# Both $G$ and $Q$ want $L_I = I - \text{gap}$ large. $Q$ can only close the gap. $G$ can do either: raise $I$, up to
# $H(c)$, or change the images so that $Q$ reads them better, which closes the gap. Watch them one after the other. For the
# first 300 updates $Q$, a table of logits, learns from batches of 64 while $G$ is fixed. Then $G$ learns as well. A
# table of images has no pixels through which a gradient could flow, so for this part $G$ is a table of probabilities
# $P(x|c)$ (the counts from above, each raised by 0.001 so that every entry can move), and we differentiate the exact
# sum. There is no $D$ here.

# %%
torch.manual_seed(0)
first = second = steps(300, fast=100)
q_logits = torch.zeros(5, 3, requires_grad=True)  # Q: one row per image
g_logits = torch.tensor(np.log(p_x_given_c + 1e-3), dtype=torch.float32, requires_grad=True)  # G: one row per code
adam = torch.optim.Adam([{"params": [q_logits]}, {"params": [g_logits], "lr": 0.0}], lr=0.03)
log = {"batch": [], "bound": [], "information": []}

for step in range(first + second):
    adam.param_groups[1]["lr"] = 0.03 if step >= first else 0.0
    table = g_logits.softmax(1) / 3  # P(c, x), (3, 5)
    exact = (table * q_logits.log_softmax(1).T).sum() + h_c
    draws = torch.multinomial(table.flatten(), 64, replacement=True)  # 64 pairs (c, x)
    batch = q_logits.log_softmax(1)[draws % 5, draws // 5].mean() + h_c
    truth = (table * (table / (table.sum(0) * table.sum(1, keepdim=True))).log()).sum()
    for name, value in zip(log, (batch, exact, truth), strict=True):
        log[name].append(value.item())
    adam.zero_grad()
    (-(exact if step >= first else batch)).backward()
    adam.step()

log = {name: np.array(values) for name, values in log.items()}
assert np.all(log["bound"] <= log["information"] + 1e-5) and log["bound"][-1] > log["bound"][0]

# %%
updates = np.arange(first + second)
axes = pictures.panels(size=(6.5, 3.2))
axes.scatter(updates, log["batch"], s=3, color=pictures.GREY, label="L_I on a batch of 64")
curves = {"I(c; x)": log["information"], "L_I, exactly": log["bound"]}
pictures.lines(axes, updates, curves, title="First Q alone, then Q and G", xlabel="update", ylabel="nats")
axes.axvline(first, color="black", linewidth=0.8)
axes.axhline(h_c, color="black", linestyle=":", linewidth=1)
axes.text(0, h_c - 0.07, "H(c) = log 3")
plt.show()
print(f"after Q alone: bound {log['bound'][first - 1]:.3f}, I = {log['information'][first - 1]:.3f}")
print(f"after both:    bound {log['bound'][-1]:.3f}, I = {log['information'][-1]:.3f}, H(c) = {h_c:.3f} nats")

# %% [markdown]
# **What to see.** Left of the line $I$ (solid) doesn't move, since $G$ doesn't, and the exact bound (dashed) climbs to
# just below it. Right of the line both climb together to $H(c) = \log 3$, the ceiling that no categorical code can
# pass. The dashed curve is never above the solid one. The grey dots often are: they are estimates from 64 samples, and
# an estimate of a lower bound is not itself a lower bound. More about that at the end.
#
# In this small world nothing stops $G$ from giving each code images of its own that look like anything. In InfoGAN, $D$
# asks that the images look like the data, and $\lambda$ sets the exchange rate between looking real and being readable.
#
# ### Can the bound rise while the information falls?
#
# **Predict.** Freeze $Q$, and let $G$ alone climb $L_I$. Can $I$ go down while $L_I$ goes up? Decide before you run the
# next cell. In it, $G$ starts with images that tell the code well, but $Q$ was made for another generator: it takes codes
# 1 and 2 for each other.

# %%
telling = torch.tensor([[40.0, 1, 1, 1, 1], [1, 25, 15, 1, 1], [1, 1, 1, 25, 15]]).log().requires_grad_()
stubborn = torch.tensor([[0.8, 0.1, 0.1], [0.1, 0.1, 0.8], [0.1, 0.1, 0.8], [0.1, 0.8, 0.1], [0.1, 0.8, 0.1]])  # Q(c|x)
adam = torch.optim.Adam([telling], lr=0.05)
path = []
for _ in range(101):
    table = telling.softmax(1) / 3
    climbing = (table * stubborn.log().T).sum() + h_c
    truth = (table * (table / (table.sum(0) * table.sum(1, keepdim=True))).log()).sum()
    path.append((climbing.item(), truth.item()))
    adam.zero_grad()
    (-climbing).backward()
    adam.step()
path = np.array(path)
lowest = int(path[:, 1].argmin())
print(f"up to update {lowest}: L_I from {path[0, 0]:.3f} to {path[lowest, 0]:.3f} nats, ", end="")
print(f"I from {path[0, 1]:.3f} to {path[lowest, 1]:.3f} nats")
assert path[lowest, 0] > path[0, 0] and path[lowest, 1] < path[0, 1] - 0.1

axes = pictures.panels(size=(5.5, 2.8))
curves = {"I(c; x)": path[:, 1], "L_I": path[:, 0]}
pictures.lines(
    axes, np.arange(101), curves, title="G climbs L_I, and I falls at first", xlabel="update of G", ylabel="nats"
)
plt.show()

# %% [markdown]
# **What to see.** At first $L_I$ rises and $I$ falls: $G$ gives up images that tell the code well but that this $Q$
# misreads. Later it has found images that this $Q$ reads rightly, and both rise. In training $Q$ learns at the same time,
# so this doesn't last. But a rising $L_I$ doesn't prove that the information rises. It only proves that $I$ is at least
# this large.
#
# ## Several codes
#
# InfoGAN for digits has a category and two continuous codes. They are drawn independently, so $H(c) = \sum_i H(c_i)$.
# If $Q$ also treats them independently given the image, $\log Q(c|x) = \sum_i \log Q_i(c_i|x)$, then (5) falls apart into
# one bound per code, and **the bounds add**: $L_I = \sum_i L_I^{(i)}$. The sum is still a lower bound of the information
# that the image has about all codes together, since (5) allows any $Q$. What is lost is in the gap: if the true posterior
# ties two codes together, a $Q$ that factorises can't say so.
#
# ## A continuous code: why σ matters
#
# The slant of a digit is no category. For it InfoGAN has codes uniform on $[-1, 1]$. The bound (5) is the same with
# densities in place of probabilities, $Q(c|x)$ is a Gaussian whose mean and standard deviation σ a network reads off
# the image, and the prior's entropy is that of a density ½ on an interval of length 2: $H(c) = \log 2 = 0.693$ nats.
# Little seems to have changed. Two things have. A density can be larger than 1, so $\log Q$ has no ceiling at 0. And the
# bound now depends on σ. The next two exercises take one each.
#
# ### Exercise 2: the Gaussian log density (8 minutes)
#
# Networks return $\log σ$ rather than σ, so that it can't become negative. Write $\log \mathcal{N}(c;\, \mu, σ^2)$.


# %% tags=["exercise"]
def gaussian_log_density(value, mean, log_std):
    """log N(value; mean, exp(log_std)²) in nats, elementwise."""
    return ...  # TODO: three terms


exercises.gaussian_log_density(gaussian_log_density)

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
# The constant has no gradient, and many programs leave it out. Their losses are right and their nats are not.
# </details>
#
# To know the truth as well as the bound, we again choose a world that can be solved. The "image" is one number, the code
# plus uniform noise: $x = c + w u$ with $u$ uniform on $[-1, 1]$ and a noise width $w \le 1$. Then $x$ given $c$ is
# uniform on a length $2w$, so $h(x|c) = \log 2w$. The density of $x$ is a trapezoid, whose entropy is $h(x) = \log 2 +
# w/2$. So
#
# $$I(c; x) = h(x) - h(x|c) = \tfrac{w}{2} - \log w .$$
#
# And the posterior of $c$ given $x$ is uniform on what remains possible: the part of $[x-w, x+w]$ that lies in $[-1,
# 1]$. Call its length $\ell(x)$. We check the formula by integrating on a grid, and let two kinds of $Q$ compete, both
# with the right mean: one with the best σ for each $x$ (the standard deviation of a uniform distribution of length $\ell$,
# which is $\ell/\sqrt{12}$), and one with σ fixed at 1 as in the authors' own program.


# %%
# NBVAL_CHECK_OUTPUT
def world(w, points=200_001):
    """The length ℓ(x) of the posterior's interval and the probability of each grid point."""
    x = np.linspace(-1 - w, 1 + w, points)[1:-1]
    length = np.minimum(1, x + w) - np.maximum(-1, x - w)
    return length, length / length.sum()  # p(x) = ℓ(x) / 4w


def exact_bounds(w):
    """I(c; x), and L_I of the best Gaussian Q and of the best with σ = 1, in nats."""
    length, p = world(w)
    information = math.log(2) - np.sum(p * np.log(length))  # H(c) − h(c|x)
    log_q_best = -np.log(length / math.sqrt(12)) - 0.5 * math.log(2 * math.pi) - 0.5
    log_q_fixed = -0.5 * math.log(2 * math.pi) - length**2 / 24  # E[(c − μ)²] = ℓ²/12
    return information, math.log(2) + np.sum(p * log_q_best), math.log(2) + np.sum(p * log_q_fixed)


print("noise w    I(c; x)   w/2 − log w   L_I, best σ   gap     L_I, σ = 1")
for w in (1.0, 0.3, 0.1, 0.01):
    information, best, fixed = exact_bounds(w)
    print(
        f"{w:7.2f} {information:10.3f} {w / 2 - math.log(w):13.3f} {best:13.3f} {information - best:5.3f} {fixed:14.3f}"
    )

# %% [markdown]
# Three things stand in this table. The formula is right. The best Gaussian misses the information by the same 0.176
# nats everywhere: that is the KL between a uniform distribution and the Gaussian with its mean and variance,
# $½\log\frac{2\pi e}{12}$, the price of giving $Q$ the wrong shape. And the bound with σ fixed at 1 is negative in
# every row, even in the last, where the image gives the code away almost exactly.
#
# ### Exercise 3: the ceiling of a fixed σ (5 minutes)
#
# If σ is fixed, how large can the bound become? Let the mean be exactly the code, and
# write the value of $L_I$ as a function of σ.


# %% tags=["exercise"]
def fixed_std_ceiling(std):
    """The highest L_I in nats that a code uniform on [−1, 1] can reach when Q's std is fixed."""
    return ...  # TODO: H(c) + the height of the Gaussian's logarithm at its top


exercises.fixed_std_ceiling(fixed_std_ceiling)

# %% [markdown]
# *Hint.* With $c = \mu$ the error term is gone.
#
# <details><summary>Solution</summary>
#
# ```python
# def fixed_std_ceiling(std):
#     return math.log(2) - 0.5 * math.log(2 * math.pi) - math.log(std)
# ```
#
# For σ = 1 it is $\log 2 - ½\log 2\pi = -0.226$ nats.
# </details>
#
# So a run with fixed σ that reports −0.226 nats for its slant code is *perfect*. Why is a perfect $Q$ negative, if 0 is
# what knowing only the prior gives? Because this $Q$ isn't allowed to answer with the prior. Its answer is always a
# Gaussian with σ = 1, and that wastes probability on codes that can't occur: around $c = 0$, 32% of it lies outside
# $[-1, 1]$, and around $c = 1$ 52%.
#
# With σ fixed, (5) says nothing but $L_I = -0.226 - e^2/2$, where $e^2$ is Q's mean squared error. So the number is a
# *measurement* in disguise: read it as $e^2 = 2\,(-0.226 - L_I)$. A $Q$ that always answers 0 makes an error of ⅓, the
# variance of the prior, and gets −0.392. A $Q$ that answers worse than that gets less, without limit, and a batch of 128
# images scatters around the mean:

# %%
draws = torch.rand(2000, 128) * 2 - 1  # 2,000 batches of codes
for name, means in (("the code itself", draws), ("always 0", 0 * draws), ("the code with the wrong sign", -draws)):
    log_q = -0.5 * math.log(2 * math.pi) - 0.5 * (draws - means) ** 2 + math.log(2)
    batches = log_q.mean(1)
    error = 2 * (-0.226 - batches.mean())
    print(f"Q says {name:28}: L_I {batches.mean():6.3f} ± {batches.std():.3f} per batch; e² = {error:.3f}")

# %% [markdown]
# As a bound on $I$ the number is loose. As a *loss* it is sound: with σ = 1, $-\log Q$ is half the squared error and a
# constant, so $G$ and $Q$ are trained by least squares to make the code readable.

# %% [markdown]
# ### Exercise 4: the bounds of several codes (12 minutes)
#
# Now all codes of a model at once. $Q$ returns a list with the logits of each categorical code, and the mean and $\log σ$
# of all continuous ones. Return one bound per code, categorical codes first. The rest of the notebook computes with your
# function once the check accepts it.


# %% tags=["exercise"]
def code_bounds(logits, categories, mean, log_std, values):
    """L_I of each code in nats, (number of codes,).

    logits: a list of (n, K_i), one per categorical code; categories: (n, number of them), the values that were drawn.
    mean, log_std: (n, C), what Q says about the continuous codes; values: (n, C), drawn uniformly from [−1, 1].
    """
    return ...  # TODO: E[log Q] + H(c) for every code


code_bounds = exercises.code_bounds(code_bounds)

# %% [markdown]
# *Hint.* Collect the bounds of the categorical codes in a list, each with its own $\log K_i$. The continuous ones come
# from `gaussian_log_density`; their mean over the batch is `mean(dim=0)`. `torch.stack` and `torch.cat` join the two.
#
# <details><summary>Solution</summary>
#
# ```python
# def code_bounds(logits, categories, mean, log_std, values):
#     categorical = [
#         math.log(scores.shape[1]) - F.cross_entropy(scores, drawn) for scores, drawn in zip(logits, categories.T)
#     ]
#     error = (values - mean) * torch.exp(-log_std)
#     densities = -0.5 * math.log(2 * math.pi) - log_std - 0.5 * error**2
#     return torch.cat([torch.tensor([]) if not categorical else torch.stack(categorical), densities.mean(0) + math.log(2)])
# ```
#
# The sum of the entries is $L_I$ of all codes together. They are kept separate because a sum hides a code that nobody
# can read.
# </details>

# %%
mnist = CodeSpec()  # one category of ten, two continuous codes
drawn = mnist.sample(1000, torch.Generator().manual_seed(0))
sure = 8 * F.one_hot(drawn.categorical[:, 0], 10).float()  # a Q that is nearly certain of the category,
hazy = 0.5 * drawn.continuous  # and only half follows the two numbers
yours = code_bounds([sure], drawn.categorical, hazy, torch.zeros_like(hazy), drawn.continuous)
print("bounds of the category, c1 and c2:", [round(value, 3) for value in yours.tolist()], "nats")
answer = objectives.Posterior([sure], mean=hazy, log_std=torch.zeros_like(hazy))
torch.testing.assert_close(yours, objectives.mutual_information_bound(answer, drawn, mnist))  # the library agrees

# %%
widths = np.geomspace(0.01, 1, 25)
table = np.array([exact_bounds(w) for w in widths]).T
axes = pictures.panels(size=(5.5, 3.2))
curves = {"I(c; x)": table[0], "L_I with the best σ": table[1], "L_I with σ = 1": table[2]}
pictures.lines(axes, widths, curves, title="A continuous code", xlabel="noise width w", ylabel="nats")
axes.axhline(math.log(2), color="black", linestyle=":", linewidth=1)
axes.text(0.011, math.log(2) - 0.32, "H(c) = log 2")
axes.set_xscale("log")
plt.show()

# %% [markdown]
# **What to see.** The information (solid) and the bound with the best σ (dashed) rise side by side as the noise
# shrinks, 0.176 apart. The bound with σ = 1 (dash-dotted) hardly notices. And the dotted line: $H(c) = 0.693$ is **no
# ceiling** here. For a category $I \le H(c)$, since a remaining uncertainty can't be less than zero. A differential
# entropy can: $h(c|x)$ goes to $-\infty$ when the code is known ever more exactly, and the information has no upper
# end. To give a real number to ever more decimals is ever more information.
#
# ## Why a learned σ invites hidden codes
#
# If one σ serves for all images, the bound is a function of σ and of $Q$'s mean squared error $e^2$,
#
# $$L_I = \log 2 - ½\log 2\pi - \log σ - \frac{e^2}{2σ^2}.$$
#
# Its derivative in σ is zero at $σ = e$: the best σ is Q's own error. (This is the best *single* σ. The table above had
# the best σ *for each* $x$, which gives a little more.) Move the noise and σ, and look for the best σ.


# %%
def bound_at(std, w):
    """L_I in nats with one σ for all x and the right mean."""
    length, p = world(w, points=20_001)
    return math.log(2) - 0.5 * math.log(2 * math.pi) - np.log(std) - np.sum(p * length**2) / 24 / std**2


stds = np.geomspace(0.005, 2, 200)


def show_std(w=0.1, std=0.3):
    """The bound over σ for one noise width, with the information above it."""
    axes = pictures.panels(size=(5.5, 2.8))
    pictures.lines(axes, stds, {"L_I": bound_at(stds, w)}, xlabel="σ of Q", ylabel="nats")
    axes.axhline(exact_bounds(w)[0], color="black", linestyle=":", linewidth=1, label="I(c; x)")
    axes.plot([std], [bound_at(std, w)], "o", color=COLOURS[1], label=f"σ = {std:.2f}: L_I = {bound_at(std, w):.2f}")
    axes.set(xscale="log", ylim=(-3, 5), title=f"noise width {w:.2f}")
    axes.legend(fontsize=8)


pictures.show_with_sliders(
    show_std,
    w=pictures.slider(0.01, 1, 0.1, 0.01, "noise width w"),
    std=pictures.slider(0.01, 1.5, 0.3, 0.01, "σ of Q"),
)

# %% [markdown]
# **Think.** For a noise width of 0.3, at which σ is the bound highest? Compare it with the standard deviation of the
# noise, $w/\sqrt{3}$. What happens to the left of the top, and why so fast?
#
# <details><summary>Answer</summary>
#
# A little below $w/\sqrt{3} = 0.173$, because near the ends of $[-1, 1]$ the code is known more exactly. To the left of
# the top $Q$ claims to be more exact than it is, and the term $e^2/2σ^2$ grows without limit.
# </details>
#
# The same as a still picture, for three widths.

# %%
axes = pictures.panels(size=(5.5, 3.2))
for i, w in enumerate((0.3, 0.1, 0.02)):
    axes.plot(stds, bound_at(stds, w), DASHES[i], color=COLOURS[i], label=f"w = {w}")
    best = stds[np.argmax(bound_at(stds, w))]
    print(f"w = {w:4}: best σ {best:.3f} (w/√3 = {w / math.sqrt(3):.3f}), bound {bound_at(best, w):.2f} nats")
axes.axvline(1, color="black", linewidth=0.8, linestyle=":")
axes.set(xscale="log", ylim=(-3, 4.5), title="The bound over σ", xlabel="σ of Q", ylabel="L_I (nats)")
axes.legend()
plt.show()

# %% [markdown]
# **What to see.** Each curve has one top, where σ equals $Q$'s real error. Left of it $Q$ claims to be more exact than
# it is and is punished at once. Right of it $Q$ is too modest and loses $\log σ$. At σ = 1 (dotted) the three curves
# are almost one. And the tops have no common ceiling: the less noise, the further left and the higher.
#
# A learned σ is honest: $L_I \le I$ holds for every σ. But in InfoGAN the "noise" is in the generator's hands. $G$ may
# write the code into the image as exactly as it likes, for instance into the brightness of one corner pixel, too faint
# for $D$ to mind. Then the information really grows: each halving of the error is worth $\log 2$ nats more, without end,
# while everything that a category could give ends at 2.303. What doesn't grow is what a person can *see*. So a learned σ
# tempts $G$ to spend its effort on hiding continuous codes.
#
# It happens. `docs/results/continuous_std.md` in the course's repository has three runs on MNIST, one seed, 2,000 updates,
# with their commands. They are judged by how well the category that Q reads from real digits matches the digits, when each
# category is assigned to one digit (notebook 5 explains the measure; guessing gives about 0.1). With σ = 1 it was 0.863,
# with a learned σ 0.631 where the continuous codes had a weight of 0.1, and 0.360 at a weight of 0.5. The library
# therefore fixes σ by default, and where it is learned keeps $\log σ$ within ±3. Its ceilings:

# %%
# NBVAL_CHECK_OUTPUT
for learned in (False, True):
    ceilings = objectives.bound_ceilings(mnist, learned_std=learned)
    print("learned σ:" if learned else "fixed σ:  ", {name: round(value, 3) for name, value in ceilings.items()})

# the library's Gaussian, against the formula in sight
value, mean, log_std = torch.tensor(0.5), torch.tensor(0.2), torch.tensor(-1.0)
ours = -0.5 * math.log(2 * math.pi) - log_std - 0.5 * ((value - mean) / log_std.exp()) ** 2
torch.testing.assert_close(objectives.gaussian_log_density(value, mean, log_std), ours)

# %% [markdown]
# One more wrong number is so common that it deserves a cell. Some programs score the prior of the continuous code as
# a standard normal, although they draw it uniformly, and report $\log Q(c|x) - \log \mathcal{N}(c; 0, 1)$:

# %%
# NBVAL_CHECK_OUTPUT
c_grid = np.linspace(-1, 1, 100_001)
wrong_entropy = np.mean(0.5 * math.log(2 * math.pi) + 0.5 * c_grid**2)  # E[−log N(c; 0, 1)] over U(−1, 1)
for name, error in (("knows nothing", 1 / 3), ("is perfect", 0.0)):
    log_q = -0.5 * math.log(2 * math.pi) - 0.5 * error
    right, false = log_q + math.log(2), log_q + wrong_entropy
    print(f"Q {name:14}: with H(c) = log 2 {right:6.3f}, with the wrong prior {false:6.3f} nats")

# %% [markdown]
# The wrong number starts at 0 and ends at ⅙. With σ = 1 it happens to be a valid bound all the same, and even a tighter
# one: it is $\mathbb{E}[f]$ with $f = c\mu - \mu^2/2$, and since $\mathbb{E}_c[e^f] \le 1$ for a code uniform on $[-1, 1]$, it
# can't exceed $I$. But it isn't (5), so it must not be compared with numbers that are. And with a learned σ it breaks: the next cell takes
# the world from above at $w = 0.1$, with the best single σ.

# %%
length, probability = world(0.1)
information, _, _ = exact_bounds(0.1)
error = np.sum(probability * length**2) / 12  # e²
log_q = -0.5 * math.log(2 * math.pi) - 0.5 * math.log(error) - 0.5  # E[log Q] at σ = e
print(f"I = {information:.3f}; (5) gives {log_q + math.log(2):.3f}, the wrong prior {log_q + wrong_entropy:.3f} nats")

# %% [markdown]
# The wrong number is larger than the information itself.
#
# ## How much of it is noise
#
# Back to the category. A training run sees $L_I$ through a batch: the mean of $n$ values $\log Q(c|x) + H(c)$. Such a
# mean has a standard error of $s/\sqrt{n}$, where $s$ is the spread of a single value. How bad is it? We take the
# three-code world with the best $Q$ there is, so that the bound is exactly $I$.

# %%
single = np.log(posterior[c, images]) + h_c  # one value for each draw from above
spread, truth = single.std(), bound(posterior)
print(f"a single value: mean {single.mean():.3f} (exactly {truth:.3f}), spread s = {spread:.3f} nats")

sizes, repeats = [16, 32, 64, 128, 256, 512, 1024], steps(2000, fast=100)
estimates = {n: random.choice(single, (repeats, n)).mean(1) for n in sizes}
for n, values in estimates.items():
    above = np.mean(values > truth)
    print(f"batch {n:5}: standard error {values.std():.3f}, s/√n = {spread / math.sqrt(n):.3f}, above I: {above:.0%}")

# %%
axes = pictures.panels(size=(5.5, 3.0))
axes.boxplot(list(estimates.values()), showfliers=False, whis=(2.5, 97.5), medianprops={"color": COLOURS[1]})
axes.set_xticks(range(1, len(sizes) + 1), [str(n) for n in sizes])
axes.axhline(truth, color="black", linestyle="--", linewidth=1, label="I(c; x), which the bound reaches here")
axes.set(title="The same bound, estimated from batches", xlabel="batch size", ylabel="estimate of L_I (nats)")
axes.legend(fontsize=8)
plt.show()

# %% [markdown]
# **What to see.** Boxes hold half of the estimates, and the whiskers 95%. They shrink by half when the batch is four
# times as large, and they are centred on the truth: the estimate is unbiased. About half of the estimates are above
# $I$. That isn't a contradiction, because the *expectation* is a lower bound and one batch is not. One thing a batch
# can't do for a category: pass $H(c)$. Each single value is $\log Q + H(c)$ with $\log Q \le 0$. A program that prints
# more than 2.303 nats for ten categories has a bug.
#
# ### Exercise 5: how large a batch? (5 minutes)
#
# You want to compare two runs whose bounds differ by 0.1 nats, and would like a standard error of 0.02 or less. Write
# the function that gives the smallest batch for a given spread of single values.


# %% tags=["exercise"]
def batch_needed(spread, error):
    """The smallest batch size whose standard error is at most `error`; both in nats."""
    return ...  # TODO: a whole number


exercises.batch_needed(batch_needed)

# %% [markdown]
# *Hint.* Solve $s/\sqrt{n} \le$ error for $n$, then round in the right direction.
#
# <details><summary>Solution</summary>
#
# ```python
# def batch_needed(spread, error):
#     return math.ceil((spread / error) ** 2)
# ```
#
# `batch_needed(spread, 0.02)` is several times a training batch of 128. So either evaluate on many batches, or
# average the curve over many updates, as the library's plots do.
# </details>
#
# ---
# ## Recap
#
# The information needs a posterior that a generator doesn't give. Putting any guess $Q$ in its place loses exactly
# $\mathbb{E}_x[\mathrm{KL}(P\|Q)]$, which leaves the bound (4); Lemma 5.1 replaces the draw from the posterior by the
# code that made the image, which leaves (5), a quantity that needs only draws and a classifier. $Q$ raises it by
# closing the gap, $G$ by closing the gap or by raising the information, and both stand on the same side of (6). Bounds of
# independent codes add. A categorical code's bound ends at $H(c) = \log K$. A continuous code's depends on σ: at most
# −0.226 nats with σ = 1, without end if σ may shrink. And what a run prints is an estimate, with a standard error of $s/\sqrt n$.
#
# ## Common mistakes
#
# - **A softmax before a loss that applies one.** The bound of ten categories then stops at 0.84 nats and never says
#   why.
# - **Reading a continuous code's bound like a category's.** Negative may be perfect, and above $H(c)$ is allowed.
# - **Scoring U(−1, 1) as a normal distribution.** It turns "nothing" into 0 and "perfect" into 0.167.
# - **A variance used as a standard deviation**, or the raw output of a network put into a logarithm, which is NaN as
#   soon as it is negative. Let the network return $\log σ$.
# - **Taking one batch for the bound.** Half of the batches are above it.
# - **Calling the bound the information.** It is a lower bound. A small $L_I$ says that this $Q$ can't read the code,
#   not that nobody could.
#
# ## Further reading
#
# - Chen et al. 2016, [InfoGAN](https://arxiv.org/abs/1606.03657): section 5, and its appendix for the lemma.
# - Barber and Agakov 2003, *The IM algorithm: a variational approach to information maximization* (NIPS): the bound
#   (4), thirteen years earlier, for noisy channels.
# - Poole et al. 2019, [On variational bounds of mutual information](https://arxiv.org/abs/1905.06922): this bound among
#   its relatives, and how bias and variance trade off between them.
# - McAllester and Stratos 2020, [Formal limitations on the measurement of mutual
#   information](https://arxiv.org/abs/1811.04251): why no bound that holds for every distribution can certify a large value from samples. Compare it
#   with what our continuous code did.
