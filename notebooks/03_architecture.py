# ---
# jupyter:
#   accelerator: GPU
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# [![Open this notebook in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/infogan-course/infogan-course/blob/v0.1.0/notebooks/03_architecture.ipynb) · [Glossary and notation](https://github.com/infogan-course/infogan-course/blob/v0.1.0/docs/glossary.md)

# %% [markdown]
# # 3. Build G, D and Q, and find out what the paper's table leaves open
#
# **What you will do.** You build the three networks of InfoGAN from the table in the paper's appendix. Then you train
# versions of them that differ in choices about which the table says nothing, and find out which of these choices decide
# whether digits appear within 400 updates.
#
# **What you will learn.** To work out a transposed convolution by hand. What D and Q share, and how to train $G$ through
# $D$ without training $D$. To derive the cost of an update from the layers. What BatchNorm does to a game of two players.
#
# **What you need.** Notebooks 1 and 2, or the two losses of a GAN and the bound $L_I$. PyTorch modules, and what a
# convolution is. About 150 minutes of reading and exercises. The cells run for about five minutes on a CPU, nearly all of
# it in the two experiments with training. A GPU is faster, but not needed.

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
import matplotlib.pyplot as plt
import numpy as np
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from infogan_lib import InfoGAN, data, load_pretrained, objectives
from infogan_lib.course import architecture as exercises
from infogan_lib.course import architecture_figures as plots
from infogan_lib.course import figures as pictures
from infogan_lib.course import network_diagram
from infogan_lib.course.pace import steps
from infogan_lib.evaluation import judge_categories
from infogan_lib.latents import CodeSpec

device = "cuda" if torch.cuda.is_available() else "cpu"  # for the training; everything else is small
torch.set_num_threads(1)  # networks this small run faster on one core

# %% [markdown]
# ## Inside the networks

# %%
plots.opening(load_pretrained("mnist-plain"), category=9, seed=4)
plt.show()

# %% [markdown]
# **What to see.** Above, a trained $G$ (half of the table's channels) turns 74 numbers into many tiny images, these into
# larger ones, and these into a digit. Below, the same sizes are passed in reverse, and two answers come out. $D$ takes the
# digit for a real one, but isn't sure. $Q$ is sure of the category that $G$ was given, 9. (It happens to draw a 2: categories are
# numbered arbitrarily.) It reads c1 roughly, and gets the sign of the small c2 wrong.
#
# The paper describes all layers in one small table. In the section “Silence 3” you will train two networks that are built
# from it, with the same data and the same starting weights. One begins to draw digits. The other draws wallpaper.
# **They differ in a single line of the program, about which the table says nothing.**
#
# ## What this notebook uses
#
# | symbol | meaning |
# |---|---|
# | $x$, $z$, $c$ | an image, the noise, and the code. $G$ makes $x = G(z, c)$ |
# | $D(x)$, logit | D's probability that $x$ is real, and the number whose sigmoid it is |
# | $Q(c \mid x)$ | Q's guess for the code that made $x$ |
# | $L_I$, $\lambda$ | the bound on the information (notebook 2), and its weight. Here $\lambda = 1$ |
# | FC, conv, upconv | a fully connected layer, a convolution, a transposed convolution |
# | channels | the numbers that a layer has for each pixel |
# | BatchNorm | a layer that gives each channel (after an FC layer: each number) mean 0 and variance 1 over the batch, then a learned scale and shift |
#
# $$V(D, G) = \mathbb{E}_x[\log D(x)] + \mathbb{E}_{z, c}[\log(1 - D(G(z, c)))] \tag{1}$$
#
# $$\min_{G, Q} \max_D V(D, G) - \lambda\, L_I(G, Q) \tag{6}$$
#
# ## The table, and what it leaves open

# %%
plots.players()
plt.show()

# %% [markdown]
# **What to see.** $D$ and $Q$ read the same features, which a common *trunk* computes from the image. An update has two
# steps. In D's step the trunk and D's own layer learn. In G's step $G$ and Q's own layers learn, and the trunk is only
# passed through.
#
# This is the whole network for MNIST, from appendix C.1 of the paper. All kernels are 4×4, and leaky ReLU is
# $\max(x, 0.1 x)$:
#
# | G | the trunk of D and Q | on top of the trunk |
# |---|---|---|
# | input: 74 numbers | input: grey image, 28×28 | D: FC, 1 output |
# | FC 1024, BatchNorm, ReLU | conv 64, stride 2, leaky ReLU | Q: FC 128, BatchNorm, leaky ReLU; |
# | FC 7·7·128, BatchNorm, ReLU | conv 128, stride 2, BatchNorm, leaky ReLU | then FC, the parameters of $Q(c\mid x)$ |
# | upconv 64, stride 2, BatchNorm, ReLU | FC 1024, BatchNorm, leaky ReLU | |
# | upconv 1, stride 2 | | |
#
# (The paper names the activation before the BatchNorm. The authors' program applies BatchNorm first, and so do we.) The
# table leaves out the padding too, but only with padding 1 do the sizes come out. We follow four of its other silences:
#
# 1. **Pixels.** How do the last layer's numbers become pixels, and in which range?
# 2. **Start.** Where do the weights begin?
# 3. **Batches.** Does BatchNorm see real and generated images in two batches, or in one?
# 4. **Trunk.** Whose loss moves the layers that two networks share? ((6) doesn't say: the trunk is part of both. We let
#    D's loss alone move it. In the authors' program, $L_I$ moves it too.)
#
# ## The input: 74 numbers
#
# The generator reads 62 numbers of noise $z$, a category out of ten, and the codes c1 and c2. Noise, c1 and c2 are
# uniform on $[-1, 1]$. The category is *one-hot*: ten numbers, of which one is 1 and the others are 0.
#
# ### Exercise 1: the input vector (5 minutes)
#
# Put the parts together: noise, category, continuous codes. All networks below are fed by your function once the check
# accepts it, and by the course's own until then.


# %% tags=["exercise"]
def latent_vector(noise, category, continuous):
    """(n, 62), whole numbers (n,) and (n, 2) → (n, 74)."""
    return ...  # TODO: one line


latent_vector = exercises.latent_vector(latent_vector)

# %% [markdown]
# *Hint.* `F.one_hot(category, 10)` makes ten columns. `torch.cat` joins along `dim=1`.
#
# <details><summary>Solution</summary>
#
# ```python
# def latent_vector(noise, category, continuous):
#     return torch.cat([noise, F.one_hot(category, 10), continuous], dim=1)
# ```
# </details>
#
# ## Grow an image: the transposed convolution
#
# $D$ shrinks an image with convolutions of stride 2. $G$ has to do the opposite. A *transposed convolution* takes each
# number of a small image, multiplies a kernel by it, and adds the result to a larger image, like a stamp. The next stamp
# lies `stride` pixels further on. For example, with input 1, 10, kernel 1, 2, 3, 4 and stride 2:
#
# $$\begin{array}{rrrrrrr}
# 1 \times (1\;2\;3\;4): & 1 & 2 & 3 & 4 & & \\
# 10 \times (1\;2\;3\;4): & & & 10 & 20 & 30 & 40 \\ \hline
# \text{sum:} & 1 & 2 & 13 & 24 & 30 & 40
# \end{array}$$
#
# `padding` also works backwards: it cuts that many numbers off each end. With padding 1, the result is 2, 13, 24, 30. So
# $n$ inputs give $(n-1)\cdot\text{stride} + \text{kernel} - 2\cdot\text{padding}$ outputs. With kernel 4, stride 2 and
# padding 1 these are $2n$: exactly twice as many.
#
# ### Exercise 2: stamp by hand (12 minutes)
#
# Write it with a loop, for one-dimensional tensors. The figure with the bars below uses your function.


# %% tags=["exercise"]
def transposed_convolution(x, kernel, stride, padding):
    """Tensors (n,) and (k,) → ((n − 1)·stride + k − 2·padding,)."""
    return ...  # TODO: add the stamps into zeros, then cut both ends


transposed_convolution = exercises.transposed_convolution(transposed_convolution)

# %% [markdown]
# *Hint.* Start from `torch.zeros((len(x) - 1) * stride + len(kernel))`. Stamp number `i` covers the slice that starts
# at `stride * i`.
#
# <details><summary>Solution</summary>
#
# ```python
# def transposed_convolution(x, kernel, stride, padding):
#     out = torch.zeros((len(x) - 1) * stride + len(kernel))
#     for i, value in enumerate(x):
#         out[stride * i : stride * i + len(kernel)] += value * kernel
#     return out[padding : len(out) - padding]
# ```
#
# `out[padding:-padding]` would be empty for padding 0.
# </details>
#
# In two dimensions nothing changes. With the inputs 1, 10, 100, 1000 and a kernel of single digits, each digit of a sum
# tells which input it came from.

# %%
small = torch.tensor([[1.0, 10.0], [100.0, 1000.0]])[None, None]  # (1, 1, 2, 2)
kernel = torch.tensor([[1.0, 2, 3, 4], [5, 6, 7, 8], [8, 7, 6, 5], [4, 3, 2, 1]])[None, None]
stamped = F.conv_transpose2d(small, kernel, stride=2)  # (1, 1, 6, 6), before the cut

left, middle, right = pictures.panels(3, size=(3.0, 3.0), width_ratios=[1, 2, 3])
pictures.draw_numbers(left, small, "input 2×2")
pictures.draw_numbers(middle, kernel, "kernel 4×4")
pictures.draw_numbers(right, stamped, "sum; padding 1 keeps what is framed", frame=1)
plt.show()

# %% [markdown]
# **What to see.** In the corners of the sum there is one stamp, along the edges two overlap, and in the middle all four.
# Take 5742: there the input 1 met the kernel's 2, the 10 a 4, the 100 a 7, and the 1000 a 5. Check 6831 yourself. The
# frame is the 4×4 image that remains. In $G$ this happens twice: 7 → 14 → 28.
#
# Why are the kernels 4×4 and not 3×3? By the formula, 3×3 gives only $2n - 1$. There is a second reason. Feed a constant
# signal to your function, with weights of 1:

# %%
plots.stamps({f"kernel {k}": transposed_convolution(torch.ones(12), torch.ones(k), 2, 1) for k in (4, 3)})
plt.show()

# %% [markdown]
# **What to see.** With a kernel of 4 and stride 2, two stamps overlap at each pixel but the outermost (left). With a
# kernel of 3, the number alternates between one and two (right). In two dimensions this makes a checkerboard, which the
# weights would have to undo. A kernel whose size is a multiple of the stride avoids it (Odena et al. 2016). A 4×4 kernel
# makes evenness possible. It must still be learned, because even and odd pixels use different weights of the kernel.
#
# ## Build G
#
# Each line of code is an entry of the table. `width` makes smaller networks. 0.5 is the *compact* network of this course,
# and 0.25 is enough for our experiments. Both have 256 FC units where the table has 1024.


# %%
def make_generator(width=1.0):
    """G of appendix C.1: (n, 74) → (n, 1, 28, 28) in [−1, 1]; the shapes are those at width 1."""
    first, second, units = round(128 * width), round(64 * width), 1024 if width == 1 else 256
    return nn.Sequential(
        nn.Linear(74, units, bias=False),  # (n, 1024)
        nn.BatchNorm1d(units),
        nn.ReLU(),
        nn.Linear(units, first * 7 * 7, bias=False),  # (n, 6272)
        nn.BatchNorm1d(first * 7 * 7),
        nn.ReLU(),
        nn.Unflatten(1, (first, 7, 7)),  # (n, 128, 7, 7): the same numbers, now an image of 128 channels
        nn.ConvTranspose2d(first, second, 4, stride=2, padding=1, bias=False),  # (n, 64, 14, 14)
        nn.BatchNorm2d(second),
        nn.ReLU(),
        nn.ConvTranspose2d(second, 1, 4, stride=2, padding=1),  # (n, 1, 28, 28)
        nn.Tanh(),
    )


# %% [markdown]
# Layers before a BatchNorm have no bias, because BatchNorm subtracts each channel's mean and with it any constant. The
# tanh is our answer to the first silence: pixels lie in $[-1, 1]$, and black is −1. The data must have the same scale.
# They come as bytes from 0 to 255, so `data.to_float` divides by 127.5 and subtracts 1:

# %% tags=["nbval-check-output"]
digits = data.load("mnist-5k")
order = torch.randperm(len(digits), generator=torch.Generator().manual_seed(0))
images, labels = data.to_float(digits.images[order]), digits.labels[order]  # labels are for measuring only
print(f"{len(images):,} digits, pixels from {images.min():.0f} to {images.max():.0f}")
for digit in (0, 1):
    print(f"mean pixel of the {digit}s: {images[labels == digit].mean():.2f}")
print(exercises.describe(make_generator(), torch.zeros(2, 74)))

# %% [markdown]
# ## Why is there no BatchNorm next to the images?
#
# G's last layer makes the image, and D's first layer reads it. Neither has a BatchNorm. DCGAN's authors found training
# unstable with it there. For G's last layer, the printed means suggest why: a batch of 0s has more ink than a batch of 1s.
# With BatchNorm, every batch would enter the tanh with the same mean and spread. Mixed batches differ less, so this is
# only part of the reason.
#
# D's first layer is linear. If all generated digits have half of the ink, each pixel $x$ is $(x - 1)/2$ instead, because
# black is −1. That only scales and shifts the layer's outputs, except at the image's edge. BatchNorm would undo both, and $D$ could hardly teach $G$ how much ink a digit has. The BatchNorm
# after D's second convolution doesn't hide the ink, because a bias and a leaky ReLU come before it.
#
# ## Build D and Q
#
# Here is the trunk:


# %%
def make_trunk(width=1.0):
    """What D and Q share: (n, 1, 28, 28) → features (n, 1024)."""
    first, second, units = round(64 * width), round(128 * width), 1024 if width == 1 else 256
    return nn.Sequential(
        nn.Conv2d(1, first, 4, stride=2, padding=1),  # (n, 64, 14, 14)
        nn.LeakyReLU(0.1),
        nn.Conv2d(first, second, 4, stride=2, padding=1, bias=False),  # (n, 128, 7, 7)
        nn.BatchNorm2d(second),
        nn.LeakyReLU(0.1),
        nn.Flatten(),  # (n, 6272)
        nn.Linear(second * 7 * 7, units, bias=False),  # (n, 1024)
        nn.BatchNorm1d(units),
        nn.LeakyReLU(0.1),
    )


# %% [markdown]
# $D$ adds one FC layer to the trunk, and $Q$ adds two. D's output is a *logit*, as in notebook 1. Q's last layer has an
# output for each category of each categorical code, and one mean for each continuous code. (Here σ is fixed at 1. A
# learned σ would need a second output for each.)
#
# ### Exercise 3: Q's own layers, for any codes (10 minutes)
#
# Write Q's own layers from the table. In the paper, house numbers (SVHN) have four codes of ten categories and four
# continuous ones. All networks below get their $Q$ from your function.


# %% tags=["exercise"]
def make_q_head(units, categorical, continuous):
    """Q's own layers, (n, units) → (n, outputs).

    categorical: how many categories each categorical code has, for example (10,); continuous: how many there are.
    """
    return ...  # TODO: FC 128, BatchNorm, leaky ReLU with slope 0.1, FC


make_q_head = exercises.make_q_head(make_q_head)

# %% [markdown]
# *Hint.* `sum(categorical)` counts the categories of all codes. A layer before a BatchNorm needs no bias.
#
# <details><summary>Solution</summary>
#
# ```python
# def make_q_head(units, categorical, continuous):
#     return nn.Sequential(
#         nn.Linear(units, 128, bias=False),
#         nn.BatchNorm1d(128),
#         nn.LeakyReLU(0.1),
#         nn.Linear(128, sum(categorical) + continuous),
#     )
# ```
# </details>
#
# Now all parts can be put together:


# %%
class Network(nn.Module):
    """G, the trunk, and the layers that D and Q have on top of it."""

    def __init__(self, width=1.0):
        super().__init__()
        units = 1024 if width == 1 else 256
        self.generator, self.trunk = make_generator(width), make_trunk(width)
        self.d_head, self.q_head = nn.Linear(units, 1), make_q_head(units, (10,), 2)

    def parts(self):
        return self.generator, self.trunk, self.d_head, self.q_head


net = Network()
network_diagram.draw_infogan(net.generator, net.trunk, nn.Sequential(net.d_head), net.q_head)
plt.show()

# %% [markdown]
# **What to see.** Boxes are to scale: 16 channels are drawn as long as one pixel is high. Grey numbers are parameters. $G$ turns
# a long thin vector into a large flat image, and the trunk goes back through the same sizes. Two arrows carry more than
# six million parameters each. What branches off to $D$ and $Q$ is tiny by comparison.
#
# We copy the weights of the library's trained compact network into yours, and look at what it draws.

# %%
ours = Network(width=0.5).eval()
exercises.copy_weights(load_pretrained("mnist-plain"), ours.parts())
codes = CodeSpec(categorical=(10,), continuous=2, noise=62)
rows = {}
with torch.no_grad():
    for style in range(3):
        noise = codes.sample(1, torch.Generator().manual_seed(style)).noise.expand(10, -1)
        rows[f"z {style + 1}"] = ours.generator(latent_vector(noise, torch.arange(10), torch.zeros(10, 2)))
pictures.image_rows(rows, [f"{k}" for k in range(10)], "Your network with trained weights: category 0 to 9 in each row")

# %% [markdown]
# **What to see.** Digits, from a network of which you have read every line. Most columns are one digit, whatever the
# noise is.
#
# ### Other codes, and colour
#
# What changes with the codes, and what with colour, in the paper's tables for other data sets (appendices C.2 to C.5)?

# %% tags=["nbval-check-output"]
print(f"{'':7} {'image':>8} {'input':>6} {'Q returns':>10} {'first conv':>11} {'all of G':>11} {'all of D':>11}")
for name in ("mnist", "svhn", "celeba", "faces", "chairs"):
    model = InfoGAN(architecture=name)
    size = "×".join(map(str, model.image_shape))
    counts = [sum(p.numel() for p in part.parameters()) for part in (model.generator, model.discriminator)]
    outputs = sum(model.codes.categorical) + model.codes.continuous
    edges = model.discriminator.trunk[0].weight.numel()
    print(f"{name:7} {size:>8} {model.codes.input_size:6} {outputs:10} {edges:11,} {counts[0]:11,} {counts[1]:11,}")

svhn = InfoGAN(architecture="svhn")
theirs = sum(p.numel() for p in svhn.recognition.parameters())
yours = make_q_head(svhn.discriminator.features, svhn.codes.categorical, svhn.codes.continuous)
print(
    f"Q's own layers for SVHN: yours have {sum(p.numel() for p in yours.parameters()):,} parameters, theirs {theirs:,}"
)

# %% [markdown]
# SVHN's $G$ reads 124 + 4 · 10 + 4 = 168 numbers, and its $Q$ returns 44. Codes change only G's first layer and Q's last.
# A colour image has three channels instead of one, so D's first layer and G's last have three times as many weights.
# Colour by itself changes nothing else. SVHN's table also has other layers. It has hardly any FC layers, which explains
# the small totals. Q's own layers there begin with one that reads the trunk's 4×4 image, and it has most of the 530,220.
#
# ## Train G through D, without training D
#
# In G's step, gradients must pass *through* $D$ to the image, because only $D$ knows what is wrong with it. But D's
# weights shouldn't be touched. In PyTorch, weights with `requires_grad` switched off get no gradient, and gradients
# still pass through the layer to its input.
#
# ### Exercise 4: freeze D in G's step (12 minutes)
#
# Apply a module to $x$ so that the result has a gradient with respect to $x$, but not to the module's weights.
# Afterwards the module must be able to learn again. G's step below uses your function.


# %% tags=["exercise"]
def through_frozen(module, x):
    """module(x), with gradients for x and none for the module's weights."""
    return ...  # TODO: freeze the weights, apply the module, and thaw them again


through_frozen = exercises.through_frozen(through_frozen)

# %% [markdown]
# *Hint.* `module.requires_grad_(False)` freezes all weights of a module.
#
# <details><summary>Solution</summary>
#
# ```python
# def through_frozen(module, x):
#     module.requires_grad_(False)
#     y = module(x)
#     module.requires_grad_(True)
#     return y
# ```
#
# In the library this is the context manager `infogan_lib.modes.frozen`, which thaws the weights even if an error occurs.
# </details>
#
# Only the weights are frozen. BatchNorm's *running statistics*, its moving averages for the time after training, change
# in this pass too. (The library computes them again on real images at the end. This is *calibration*.)

# %% [markdown]
# With your function we can write both losses of an update. The trunk is D's, so in G's step it is frozen as well. G's
# loss is the non-saturating one of notebook 1, $-\log D(G(z, c))$, and not the $\log(1 - D(G(z, c)))$ of (1).


# %%
def make(network, latents):
    """The images of G for these codes and noise."""
    return network.generator(latent_vector(latents.noise, latents.categorical[:, 0], latents.continuous))


def bounds(network, features, latents):
    """L_I of the category, c1 and c2 (notebook 2), in nats."""
    outputs = network.q_head(features)
    means = outputs[:, 10:]
    posterior = objectives.Posterior([outputs[:, :10]], means, log_std=torch.zeros_like(means))
    return objectives.mutual_information_bound(posterior, latents, codes)


def loss_of_d(network, real, fake, together=False):
    """D's loss, −V of equation (1). together: BatchNorm sees real and generated images in one batch."""
    both = torch.cat([real, fake])
    features = network.trunk(both) if together else torch.cat([network.trunk(real), network.trunk(fake)])
    logits = network.d_head(features)[:, 0]
    return objectives.discriminator_loss(logits[: len(real)], logits[len(real) :])


def loss_of_g(network, fake, latents, company=None):
    """G's loss in the game, E[−log D(G(z, c))], and the three bounds. company: real images in the same batch."""
    batch = fake if company is None else torch.cat([fake, company])
    features = through_frozen(network.trunk, batch)[: len(fake)]
    logits = through_frozen(network.d_head, features)[:, 0]
    return objectives.generator_loss(logits), bounds(network, features, latents)


# %% tags=["nbval-check-output"]
torch.manual_seed(0)
network = Network(width=0.25)
latents = codes.sample(64)
fake = make(network, latents)
loss, bound = loss_of_g(network, fake, latents)
(loss - bound.sum()).backward()
for name, part in zip(("G", "the trunk", "D's layer", "Q's layers"), network.parts(), strict=True):
    print(f"{name:10} {'gradients' if any(p.grad is not None for p in part.parameters()) else 'no gradients'}")

# %% [markdown]
# This is what the diagram promised: G's step moves $G$ and Q's own layers.
#
# **Think.** Your function switches `requires_grad` back on *before* `backward` is called. Why do the weights still get
# no gradient?
#
# <details><summary>Answer</summary>
#
# PyTorch decides in the forward pass which tensors need a gradient, and writes that into the graph. `backward` only walks
# through the graph. At the time of `module(x)` the weights needed none, so the graph doesn't lead to them. The image
# needed one, because it depends on G's weights, so the graph leads through $D$ to the image.
# </details>
#
# ## What an update costs
#
# An FC layer uses each weight once for an image. A convolution uses each weight once for every *output* pixel, and a
# transposed one once for every *input* pixel, because each input pixel makes one stamp. We count these products, the
# *multiply–adds*.


# %%
def multiply_adds(layer, x, y):
    """Products that a layer computes for one image, from its input and output."""
    if isinstance(layer, nn.Conv2d):
        return layer.weight.numel() * y.shape[2] * y.shape[3]
    if isinstance(layer, nn.ConvTranspose2d):
        return layer.weight.numel() * x.shape[2] * x.shape[3]
    return layer.weight.numel()


features = torch.zeros(2, 1024)
parts = {
    "G": (net.generator, torch.zeros(2, 74)),
    "trunk": (net.trunk, torch.zeros(2, 1, 28, 28)),
    "D's layer": ([net.d_head], features),
    "Q's layers": (net.q_head, features),
}
weights, products = {}, {}
for part, (layers, x) in parts.items():
    for layer, before, after in exercises.walk(layers, x):
        if isinstance(layer, exercises.WEIGHTED):
            name = f"{part}: {exercises.SHORT[type(layer)]} to {'×'.join(map(str, after.shape[1:]))}"
            weights[name], products[name] = layer.weight.numel(), multiply_adds(layer, before, after)
plots.costs(weights, products)
plt.show()

# %% [markdown]
# **What to see.** On the left, two FC layers have nearly all weights. On the right, each has a convolution next to it
# that costs exactly as much with a 49th of the weights, because it uses each of them 49 times.
#
# Now a whole update. Going back through a network takes two more passes of the same cost as the one forward: one for the
# gradients of the layers' inputs, which earlier layers need, and one for the gradients of the weights. Frozen weights
# don't need the second.
#
# ### Exercise 5: the cost of an update (8 minutes)
#
# Let $g$ and $d$ be the costs of one forward pass of $G$ and of $D$ (with the trunk). An update generates one batch.
# D's step judges it, and as many real images, and D's weights learn. G's step judges the generated images again, and
# gradients flow through the frozen $D$ to $G$, whose weights learn. What does this cost for each image of the batch?
# (Leave out Q's own layers, which are small.)


# %% tags=["exercise"]
def update_cost(g, d):
    """The cost of one update for each image of the batch, in the unit of g and d."""
    return ...  # TODO: a times g plus b times d


update_cost = exercises.update_cost(update_cost)

# %% [markdown]
# *Hint.* A network whose weights learn costs three passes for each batch. Count D's batches. In D's step nothing flows
# back to $G$.
#
# <details><summary>Solution</summary>
#
# ```python
# def update_cost(g, d):
#     d_step = 2 * 3 * d  # real and generated images: forward, back to inputs, back to weights
#     g_step = 2 * d  # forward, and back to the image; D's weights don't learn here
#     return 3 * g + d_step + g_step  # G: forward once, back to inputs, back to weights
# ```
# </details>
#
# We compare your formula with PyTorch's own counter, which watches a real update. A multiply–add is two floating-point
# operations (FLOP).


# %% tags=["nbval-check-output"]
g = 2 * sum(n for name, n in products.items() if name[0] == "G")
d = 2 * sum(n for name, n in products.items() if name[0] in "tD")
latents = codes.sample(2)
with FlopCounterMode(display=False) as counter:
    fake = make(net, latents)
    loss_of_d(net, torch.zeros(2, 1, 28, 28), fake.detach()).backward()
    loss, bound = loss_of_g(net, fake, latents)
    (loss - bound.sum()).backward()
print(f"forward: G {g / 1e6:.0f}, D {d / 1e6:.0f} MFLOP per image")
print(
    f"update, by the formula: {update_cost(g, d) / 1e6:.0f} MFLOP per image, of which D {8 * d / update_cost(g, d):.0%}"
)
print(f"update, counted:        {counter.get_total_flops() / 2e6:.0f} MFLOP per image")

# %% [markdown]
# (The counter also sees Q's own layers, and it leaves out gradients that nobody asks for, such as those of real pixels.
# The two nearly cancel.) Q's own layers cost almost nothing. So InfoGAN costs hardly more than a GAN, as the paper says.
#
# ## Silence 2: where the weights start
#
# The authors' program and DCGAN draw weights from $\mathcal{N}(0, 0.02^2)$. Is this large or small? An output is a sum of
# many products, one for each input. For independent weights with mean 0, the variances of these products add up. So the
# output has the standard deviation
#
# $$0.02 \cdot \sqrt{\text{inputs}} \cdot \text{(root mean square of the inputs)}.$$
#
# An output pixel of an upconv gets 2×2 of the 16 kernel weights per channel (kernel / stride in each direction): 128 · 4
# inputs for 128 channels.
#
# A layer keeps the size of its signal if the weights have the standard deviation $1/\sqrt{\text{inputs}}$. ReLU lets
# only half of the mean square through. So with ReLU the weights need $\sqrt{2/\text{inputs}}$. This is *He's start*, after Kaiming He (He et
# al. 2015). For G's first layer, with 74 inputs, it is 0.16, eight times as much as 0.02.


# %%
def start(network, he=False):
    """Draw all weights anew: from N(0, 0.02²), or for `he` from N(0, 2/inputs)."""
    for layer in network.modules():
        if isinstance(layer, exercises.WEIGHTED):
            nn.init.normal_(layer.weight, 0.0, (2 / exercises.inputs_of(layer)) ** 0.5 if he else 0.02)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, exercises.BATCH_NORMS):
            nn.init.normal_(layer.weight, 1.0, 0.02)
    return network


drawn, sizes = codes.sample(100, torch.Generator().manual_seed(0)), {}
vectors = latent_vector(drawn.noise, drawn.categorical[:, 0], drawn.continuous)
for kind in ("0.02, with BatchNorm", "0.02, without", "He, with BatchNorm", "He, without"):
    small = Network(width=0.25)
    judge = nn.Sequential(*small.trunk, small.d_head)
    for name, layers, x, last in (("G", small.generator, vectors, "tanh"), ("D", judge, images[:100], "(logit)")):
        torch.manual_seed(0)
        kept = exercises.without_norm(layers) if "without" in kind else layers
        sizes.setdefault(name, {})[kind] = exercises.signal_sizes(start(kept, "He" in kind), x, last)
plots.sizes(sizes)
plt.show()

for name, part in (("G", small.generator), ("D", judge), ("Q's layers", small.q_head)):
    inputs = np.array([exercises.inputs_of(layer) for layer in part if isinstance(layer, exercises.WEIGHTED)])
    print(f"He's weights / those from 0.02, {name}: {np.round((2 / inputs) ** 0.5 / 0.02, 1)}")
tanh = {kind: values[-1] for kind, (_, values) in sizes["G"].items()}
print(f"what enters the tanh: {tanh['0.02, with BatchNorm']:.2f}, with He's start {tanh['He, with BatchNorm']:.2f}")

# %% [markdown]
# **What to see** (at width 0.25, as in the experiments below). Without BatchNorm (dashed), the signal shrinks from layer
# to layer with 0.02, and keeps its size with He's start. With BatchNorm (solid), the layer after a BatchNorm gets inputs
# of the same size from both. (D's second convolution has no BatchNorm before it, hence the dip, which the next one mends.)
#
# But the last layers of $G$, $D$ and $Q$ have no BatchNorm after them. There nothing makes up for He's weights, which are
# 8.8, 4.4 and 6.2 times as large. The tanh gets 1.11 instead of 0.13, so $G$ begins with noise in full contrast. Does the
# start matter, then? The last experiment will tell.
#
# ## Silence 3: one batch or two
#
# BatchNorm is the only layer in which the images of a batch see each other.
#
# ### Exercise 6: normalise a batch (8 minutes)
#
# Write BatchNorm without the learned scale and shift. Add $10^{-5}$ to the variance, so that nothing is divided by
# zero. The next figure uses your function.


# %% tags=["exercise"]
def batch_norm(x):
    """(n, C, H, W) → the same, each channel with mean 0 and variance 1."""
    return ...  # TODO: which dimensions does the mean run over?


batch_norm = exercises.batch_norm(batch_norm)

# %% [markdown]
# *Hint.* `x.mean((0, 2, 3), keepdim=True)` keeps the channels. BatchNorm's variance is the plain mean of the squares,
# without the usual correction: `correction=0`.
#
# <details><summary>Solution</summary>
#
# ```python
# def batch_norm(x):
#     mean = x.mean((0, 2, 3), keepdim=True)
#     variance = x.var((0, 2, 3), correction=0, keepdim=True)
#     return (x - mean) / torch.sqrt(variance + 1e-5)
# ```
# </details>
#
# In D's step there are real and generated images. Should they go through the trunk as two batches or as one? Look at what
# reaches the first BatchNorm before training, in the channel in which the two differ most.

# %%
torch.manual_seed(0)
network = start(Network(width=0.25), he=True)
with torch.no_grad():
    real, fake = images[:100], make(network, codes.sample(100))
    before = network.trunk[:3](real), network.trunk[:3](fake)  # up to the first BatchNorm: (100, 32, 7, 7)
    two, one = [batch_norm(x) for x in before], batch_norm(torch.cat(before)).split(100)
channel = (before[0].mean((0, 2, 3)) - before[1].mean((0, 2, 3))).abs().argmax()
cases = {"before BatchNorm": before, "two batches": two, "one batch": one}
plots.normalised({name: [x[:, channel].flatten().numpy() for x in pair] for name, pair in cases.items()})
plt.show()

# %% [markdown]
# **What to see.** Before BatchNorm, the generated images (outline) have another mean and a narrower spread. As two
# batches, both have mean 0 and the same spread. As one batch, the difference between them stays, so D's task is easier.
# (This is He's start. With 0.02, generated images vary so little at first that the $10^{-5}$ keeps their spread below 1.)
#
# Is that bad? We try three ways:
#
# | | D's step: the trunk sees … | G's step: the trunk sees … |
# |---|---|---|
# | two batches | real and generated images in two batches | generated images |
# | one batch in D's step | both in one batch | generated images |
# | one batch in both steps | both in one batch | both in one batch |
#
# The second way is a natural program: in G's step, nobody needs the real images.
#
# **Predict.** Take the second way. After a few hundred updates, who wins? If $D$ can't tell, its loss is
# $\log 4 = 1.39$ and G's is $\log 2 = 0.69$. We say that $D$ wins if its loss is below half of that, $\log 2$, and that $G$
# wins if its loss is below $\log 2$. Write your answer into the next cell before you go on.

# %%
prediction = ...  # "D wins", "G wins", "both" or "nobody"


# %%
def train(network, real_images, one_batch="", trunk_learns_bound=False, rates=1):
    """Train in place → (updates, 3): D's loss, G's loss in the game and the category's bound, in nats.

    one_batch: the steps, "D" or "DG", in which BatchNorm sees real and generated images in one batch.
    rates: multiplies the learning rates of both players.
    """

    def adam(rate, *parts):
        return torch.optim.Adam([p for part in parts for p in part.parameters()], rate, betas=(0.5, 0.999))

    adam_d = adam(2e-4 * rates, network.trunk, network.d_head)  # the trunk is D's
    adam_g = adam(1e-3 * rates, network.generator, network.q_head)  # equation (6): min over G and Q
    history = []
    for _ in range(steps(400, fast=6)):
        real = real_images[torch.randint(len(real_images), (64,))].to(device)
        latents = codes.sample(64).to(device)
        fake = make(network, latents)
        loss_d = loss = loss_of_d(network, real, fake.detach(), "D" in one_batch)
        if trunk_learns_bound:
            loss = loss_d - bounds(network, network.trunk(fake.detach()), latents).sum()
        adam_d.zero_grad()
        loss.backward()
        adam_d.step()
        loss_g, bound = loss_of_g(network, fake, latents, real if "G" in one_batch else None)
        adam_g.zero_grad()
        (loss_g - bound.sum()).backward()  # λ = 1
        adam_g.step()
        history.append(torch.stack([loss_d, loss_g, bound[0]]).detach())
    return torch.stack(history).cpu().numpy()


networks, histories = {}, {}


def train_seeds(name, seeds=3, real_images=images, he=False, pixels=None, **options):
    """Train one network per seed, and keep them under a name."""
    networks[name], runs = [], []
    for seed in range(seeds):
        torch.manual_seed(seed)
        network = start(Network(width=0.25), he).to(device)
        if pixels is not None:
            network.generator[-1] = pixels
        runs.append(train(network, real_images, **options))
        networks[name].append(network)
    histories[name] = np.stack(runs)  # (seeds, updates, 3)


# %%
train_seeds("two batches")
train_seeds("one batch in D's step", one_batch="D")

# %%
train_seeds("one batch in both steps", one_batch="DG")

# %% [markdown]
# The networks have a quarter of the paper's channels, and they get 400 updates of 64 images, with three seeds for each
# way. The learning rates, $2 \cdot 10^{-4}$ for $D$ and $10^{-3}$ for $G$, are the paper's (appendix C).


# %%
def late(name):
    """D's loss, G's loss and the category's bound over the last 50 updates of each seed: (seeds, 3)."""
    return histories[name][:, -50:].mean(1)


low = (late("one batch in D's step")[:, :2] < np.log([2, 2])).all(0)  # half of log 4 is log 2
happened = "both" if low.all() else "D wins" if low[0] else "G wins" if low[1] else "nobody"
exercises.compare(prediction, happened, ["D wins", "G wins", "both", "nobody"])
ways = ("two batches", "one batch in D's step", "one batch in both steps")
plots.losses({name: histories[name] for name in ways})
plt.show()

# %% [markdown]
# **What to see.** With one batch in D's step alone, both losses are low, in all three seeds. D's is almost 0: it tells
# real from generated without fail. G's is far below $\log 2$: it fools $D$. With one batch in *both* steps, $D$ is far
# ahead at first, and G's loss says so. Then $G$ gains ground. What do they draw?

# %%
twelve = codes.sample(12, torch.Generator().manual_seed(1)).to(device)


@torch.no_grad()
def drawn_by(name, seed):
    """What a network draws of the same twelve inputs, in −1…1."""
    drawn = make(networks[name][seed], twelve)
    return drawn * 2 - 1 if "0…1" in name else drawn


columns = [f"{k}" for k in twelve.categorical[:, 0].tolist()]
rows = {f"{name}, seed {seed}": drawn_by(name, seed) for name in ways for seed in range(3)}
pictures.image_rows(
    rows, columns, "Only where the two steps normalise alike are there digits (columns: category)", scale=2
)

# %% [markdown]
# **What to see.** Each row is a network, and each column has the same input. With two batches, digits begin to appear.
# With one batch in D's step alone, $G$ draws wallpaper. With one batch in both steps there are digits again, with more
# contrast than with two batches. (Two columns of the same category are often alike. So far these networks make little of
# $z$.)
#
# How can both players win? They don't play against each other. Take the same generated images, and ask the same $D$ in
# both ways:

# %%
network = networks["one batch in D's step"][0]
with torch.no_grad():
    real, fake = images[:64].to(device), make(network, codes.sample(64).to(device))
    judge = nn.Sequential(network.trunk, network.d_head)
    together, alone = judge(torch.cat([real, fake])).sigmoid(), judge(fake).sigmoid()
print(f"in one batch:  D says {together[:64].mean():.2f} of real digits, {together[64:].mean():.2f} of generated ones")
print(f"on their own:  D says {alone.mean():.2f} of the same generated ones")

# %% [markdown]
# $D$ has learned to compare the two halves of its batch. In G's step the real half is missing, so this skill is of no
# use, and $G$ is told that its images look rather real. With one batch in both steps, $G$ learns to please the same $D$
# that was trained. So real and generated images may share a batch. **But let D's step and G's step normalise alike: if
# they differ, the two players play different games.** (So don't put the trunk into `eval()` mode for G's step alone.) The authors' program and this course use two batches in both steps,
# which needs no real images in G's step.
#
# ## The other silences
#
# The networks with two batches are what the course does: pixels in −1…1, weights from $\mathcal{N}(0, 0.02^2)$, and a
# trunk that learns from D's loss alone. The networks below differ from them in one silence, with two seeds for each. All
# are tried again with six times the learning rates, the wallpapers too: perhaps 400 updates were only too few.

# %%
others = {
    "pixels in 0…1": {"real_images": (images + 1) / 2, "pixels": nn.Sigmoid()},
    "He's start": {"he": True},
    "L_I also moves the trunk": {"trunk_learns_bound": True},
}
for name, options in others.items():
    train_seeds(name, seeds=2, **options)

# %%
for name, options in {"two batches": {}, **others, "one batch in D's step": {"one_batch": "D"}}.items():
    train_seeds(f"{name}, 6 × rates", seeds=2, rates=6, **options)

# %% [markdown]
# We also ask how well $Q$ reads the 5,000 *real* digits. Q's own layers have never been trained on them; the trunk has,
# through D's loss. Category numbers are arbitrary. So each category is assigned one digit, no digit twice, in the way
# that makes most answers right: this is the *one-to-one accuracy*. Two rows without training are the baselines. The
# table's $L_I$ is the category's bound.


# %%
@torch.no_grad()
def accuracy(network, seen):
    """One-to-one accuracy of Q on the real digits; BatchNorm uses their own statistics."""
    outputs = network.q_head(network.trunk(seen.to(device))).cpu()
    return judge_categories(outputs[:, :10].argmax(1), labels, categories=10).accuracy


def row(name, scores, losses=()):
    """Print means of losses and bound, and the mean accuracy with its range over the seeds."""
    numbers = "".join(f"{value:8.2f}" for value in losses)
    print(f"{name:34}{numbers:24}{np.mean(scores):10.2f} ({min(scores):.2f} to {max(scores):.2f})")


print(f"{'':34}{'loss D':>8}{'loss G':>8}{'L_I':>8}   accuracy on real digits")
torch.manual_seed(0)
row("random categories", [judge_categories(torch.randint(10, labels.shape), labels, 10).accuracy for _ in range(3)])
row("not trained", [accuracy(start(Network(width=0.25)).to(device), images) for _ in range(3)])
for name, trained_ones in networks.items():
    seen = (images + 1) / 2 if "0…1" in name else images
    row(name, [accuracy(network, seen) for network in trained_ones], late(name).mean(0))

# %%
names = ["two batches", *others, *(name for name in networks if "×" in name)]
rows = {f"{name}, seed {seed}": drawn_by(name, seed) for name in names for seed in (0, 1)}
title = "Larger steps bring digits, but not where the two steps normalise differently (columns: category)"
pictures.image_rows(rows, columns, title, scale=2)

# %% [markdown]
# **What to see.** First the usual learning rates. *Pixels* in 0…1 draw grey noise, and *He's start* draws patterns in full
# contrast. A trunk that $L_I$ moves too draws pale digits at best. With six times the learning rates all three draw
# digits, as two batches do, and about as clearly. So none of these three silences prevents digits: they only need larger
# steps, and probably more of them would do. One batch in D's step alone is another matter. There, larger steps bring only
# other wallpaper.
#
# Why does He's start take longer, although BatchNorm makes up for the size of most weights? Adam moves a weight by about
# the learning rate, however large the weight is. So large weights need more steps until they have changed by the same
# share, and behind a BatchNorm only the share counts. And where no BatchNorm follows, these rows began as noise in full contrast. The runs don't separate the two causes.
# But they say that a start must be judged together with its learning rates.
#
# *The accuracy.* Random categories reach 0.12. A network that was only started reaches 0.21, because even random features
# tell some digits apart. The wallpapers are hardly better than that, although their bound is at its ceiling,
# $\log 10 = 2.30$ nats.
#
# But the accuracy doesn't prove that $G$ draws digits, either. With pixels in 0…1 $Q$ reads 0.35 of the real digits, while
# $G$ draws grey noise. The trunk has seen the real digits too, in D's step.
#
# (The run in which $L_I$ moves the trunk adds the bound in D's step. Doing it in G's step would require blocking the
# game's gradient.)
#
# These are small networks after 400 updates, with two or three seeds each. They show what starts quickly, and not what
# is best in the end.
#
# **Think.** The bound of the category is close to its ceiling in every trained row, the wallpapers included. Is that a
# contradiction?
#
# <details><summary>Answer</summary>
#
# No. $L_I$ says how well $Q$ can read the codes from G's images, and nothing about what the images are. Ten different
# wallpapers tell ten categories perfectly well. It is up to $D$ to ask for digits. A trunk that learns from $D$ alone is
# enough for the bound, because $G$ and Q's own layers both learn to raise it. It isn't enough for real digits if $D$
# doesn't need strokes: the wallpapers' $Q$ reads them hardly better than an untrained one.
# </details>
#
# ## What the authors' program does
#
# Their program is [public](https://github.com/openai/InfoGAN). It answers most of our questions, and not always as the
# text does:
#
# | | the paper's text | the authors' MNIST program | this course |
# |---|---|---|---|
# | pixels | not said | sigmoid, 0…1 | tanh, −1…1 |
# | weights at the start | not said | N(0, 0.02²), convolutions cut off at 2σ | N(0, 0.02²) |
# | batches | not said | two | two |
# | the trunk moves with | not said | D and $L_I$ | D |
# | Q's own layers move with | G, by (6) | D's optimiser | G |
# | slope of leaky ReLU | 0.1 | 0.01 | 0.1 |
# | σ of c1 and c2 | exp of an output | fixed at 1 | fixed at 1, learned on request |
#
# ---
# ## Recap
#
# - A transposed convolution stamps a kernel. With 4×4, stride 2 and padding 1 it doubles an image.
# - Two FC layers hold nearly all weights. An update costs $3g + 8d$, and Q's own layers add almost nothing for MNIST.
# - In G's step, gradients pass through the frozen $D$ to the image. Which tensors get a gradient is decided in the
#   forward pass.
# - BatchNorm makes up for the size of the weights before it. The last layers have none, and a start has to be judged
#   together with the learning rates.
# - Within 400 updates, the range of the pixels, the start and the trunk decide how soon digits appear. With
#   larger steps all of these draw them. With one batch in D's step alone, no digits come.
# - A bound at its ceiling and two low losses don't prove that there are digits. Look at the images.
#
# ## Common mistakes
#
# - **Data in $[-1, 1]$ and a sigmoid at the end of G.** The background is −1 in the data, and no pixel of $G$ can be below
#   0. So $D$ wins at once, and $G$ can do nothing about it. (The other way round, $G$ can at least learn the range.)
# - **The trunk in G's optimiser, and not frozen against the game's loss.** Then G's step teaches $D$ to be fooled.
#
# ## Further reading
#
# - Chen et al. 2016, [InfoGAN](https://arxiv.org/abs/1606.03657): appendix C.
# - Radford, Metz and Chintala 2016, [DCGAN](https://arxiv.org/abs/1511.06434): section 3 is the list of rules behind
#   these networks.
# - Ioffe and Szegedy 2015, [Batch normalization](https://arxiv.org/abs/1502.03167), and Salimans et al. 2016,
#   [Improved techniques for training GANs](https://arxiv.org/abs/1606.03498), whose “virtual batch normalization” is
#   another answer to the third silence.
# - Odena, Dumoulin and Olah 2016, [Deconvolution and checkerboard
#   artifacts](https://distill.pub/2016/deconv-checkerboard/).
