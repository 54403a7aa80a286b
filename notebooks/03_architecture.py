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
# **What you will do.** Build the three networks of InfoGAN line by line from the table in the paper's appendix, count
# what they learn and what an update costs, and then train versions of them that differ in choices the table doesn't
# make.
#
# **What you will learn.** To work out by hand what a transposed convolution does; to derive the cost of an update
# from the sizes of the layers; to say what D and Q share and what that costs; to say where the weights start and what
# BatchNorm has to do with it; why D's step and G's step must normalise alike.
#
# **What you need.** Notebooks 1 and 2, or the two losses of a GAN and the bound $L_I$ in nats. PyTorch modules, and
# what a convolution is. About 90 minutes of reading and exercises. The cells run for six to ten minutes on two CPU
# cores, nearly all of it in the last experiment, and for less than one on a GPU.
#
# **What this notebook uses.** The game between D and G is equation (1) of the paper, and equation (6) adds the bound
# $L_I$ of notebook 2, with a weight $\lambda$:
#
# $$V(D, G) = \mathbb{E}_x[\log D(x)] + \mathbb{E}_z[\log(1 - D(G(z)))] \tag{1}$$
#
# $$\min_{G, Q} \max_D V(D, G) - \lambda\, L_I(G, Q) \tag{6}$$

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
import time

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from infogan_lib import InfoGAN, data, load_pretrained, objectives
from infogan_lib.architectures import ARCHITECTURES
from infogan_lib.course import architecture as exercises
from infogan_lib.course import figures as pictures
from infogan_lib.course import network_diagram
from infogan_lib.course.pace import steps
from infogan_lib.evaluation import judge_categories
from infogan_lib.figures import COLOURS, number
from infogan_lib.latents import CodeSpec
from infogan_lib.modes import frozen

device = "cuda" if torch.cuda.is_available() else "cpu"  # for the training at the end; the rest is small

# %% [markdown]
# ## The question
#
# This is the whole network for MNIST, from appendix C.1 of the paper (FC is a fully connected layer, upconv a
# transposed convolution, leaky ReLU is $\max(x, ax)$ with a small slope $a$, and all kernels are 4×4):
#
# | G | the trunk of D and Q | on top of the trunk |
# |---|---|---|
# | input: 74 numbers | input: grey image, 28×28 | D: FC, 1 output |
# | FC 1024, BatchNorm, ReLU | conv 64, stride 2, leaky ReLU | Q: FC 128, BatchNorm, leaky ReLU; |
# | FC 7·7·128, BatchNorm, ReLU | conv 128, stride 2, BatchNorm, leaky ReLU | then FC, the parameters of $Q(c\mid x)$ |
# | upconv 64, stride 2, BatchNorm, ReLU | FC 1024, BatchNorm, leaky ReLU | |
# | upconv 1 | | |
#
# (The paper's table names the activation before the BatchNorm. The authors' program applies BatchNorm first, and so
# do we.) The first layer of D and the last of G have no BatchNorm. DCGAN's authors found that training becomes
# unstable with it there: G's last layer must be free to give its pixels the mean and spread that the data have, and
# D's first layer must be able to see them.
#
# The table is enough to draw the network and too little to train it. It leaves four questions open: how the last
# layer's numbers become pixels, where the weights start, whether BatchNorm sees real and generated digits in one
# batch or in two, and whose loss moves the trunk that two networks share.
#
# **Which of these four silences matter?** We build the network first, and then train a network for each.
#
# ## The input: 74 numbers
#
# The generator reads 62 numbers of noise $z$, a category out of ten, and two continuous codes, c1 and c2: 62 + 10 + 2
# = 74. Noise and continuous codes are uniform on $[-1, 1]$. The category is *one-hot*: ten numbers, of which one is
# 1.
#
# ### Exercise 1: the input vector (5 minutes)
#
# Put the three parts together: noise, category, continuous codes. The order is a convention, but the weights of a
# trained network depend on it.


# %% tags=["exercise"]
def latent_vector(noise, category, continuous):
    """(n, 62), whole numbers (n,) and (n, 2) → (n, 74)."""
    return ...  # TODO: one line


exercises.latent_vector(latent_vector)

# %% [markdown]
# *Hint.* `F.one_hot(category, 10)` gives whole numbers; `torch.cat` joins along `dim=1`.
#
# <details><summary>Solution</summary>
#
# ```python
# def latent_vector(noise, category, continuous):
#     return torch.cat([noise, F.one_hot(category, 10).float(), continuous], dim=1)
# ```
#
# Why not the category as a single number? Because the first layer multiplies its inputs. Category 4 would then always
# be halfway between 3 and 5, and the network would have to unlearn an order that the categories don't have.
# </details>
#
# The library does it in `Latents.vector`. Twelve draws:

# %%
torch.manual_seed(0)
codes = CodeSpec(categorical=(10,), continuous=2, noise=62)
vectors = codes.sample(12).vector(codes)

axes = pictures.panels(size=(9.0, 2.2))
axes.imshow(vectors, cmap="RdBu", vmin=-1, vmax=1, aspect="auto")
for edge in (61.5, 71.5):
    axes.axvline(edge, color="black", linewidth=1.5)
axes.set_xticks([30, 66.5, 72.5], ["noise z\n62", "category\n10", "c1, c2\n2"])
axes.set(title="Twelve inputs of the generator", ylabel="draw", yticks=[])
plt.colorbar(axes.images[0], ax=axes, label="value", ticks=[-1, 0, 1])
axes.grid(False)
plt.show()

# %% [markdown]
# **What to see.** Left of the first line, noise of both signs; between the lines one dark cell in each row, the 1 of
# its category. The first layer treats all 74 columns alike. It is the bound $L_I$ that asks for twelve of them back.
#
# ## Grow an image: the transposed convolution
#
# D shrinks an image to a number, with convolutions of stride 2. G has to do the opposite. A *transposed convolution*
# takes each number of a small image, multiplies a kernel by it, and stamps the result into a larger image, `stride`
# pixels further on for each input pixel. Where stamps overlap they are added. In one dimension, with input 1, 10,
# kernel 1, 2, 3, 4 and stride 2:
#
# $$\begin{array}{rrrrrrr}
# 1 \times (1\;2\;3\;4): & 1 & 2 & 3 & 4 & & \\
# 10 \times (1\;2\;3\;4): & & & 10 & 20 & 30 & 40 \\ \hline
# \text{sum:} & 1 & 2 & 13 & 24 & 30 & 40
# \end{array}$$
#
# `padding` then works backwards as well: it cuts that many numbers off each end. With padding 1 what is left is 2,
# 13, 24, 30. So $n$ inputs give $(n-1)\cdot\text{stride} + \text{kernel} - 2\cdot\text{padding}$ outputs, and with
# kernel 4, stride 2 and padding 1 that is $2(n - 1) + 4 - 2 = 2n$: exactly twice as many.
#
# ### Exercise 2: stamp by hand (10 minutes)
#
# Write it with a loop, for one-dimensional tensors.


# %% tags=["exercise"]
def transposed_convolution(x, kernel, stride, padding):
    """Tensors (n,) and (k,) → ((n − 1)·stride + k − 2·padding,)."""
    return ...  # TODO: add the stamps into zeros, then cut both ends


exercises.transposed_convolution(transposed_convolution)

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
# In two dimensions nothing changes. With the input 1, 10, 100, 1000 and a kernel of single digits, each digit of a
# sum tells which input it came from.

# %%
small = torch.tensor([[1.0, 10.0], [100.0, 1000.0]])[None, None]  # (1, 1, 2, 2)
kernel = torch.tensor([[1.0, 2, 3, 4], [5, 6, 7, 8], [8, 7, 6, 5], [4, 3, 2, 1]])[None, None]
stamped = F.conv_transpose2d(small, kernel, stride=2)  # (1, 1, 6, 6), before the cut
cut = F.conv_transpose2d(small, kernel, stride=2, padding=1)  # (1, 1, 4, 4)
assert torch.equal(cut, stamped[..., 1:-1, 1:-1])

left, middle, right = pictures.panels(3, size=(3.0, 3.0), width_ratios=[1, 2, 3])
pictures.draw_numbers(left, small, "input 2×2")
pictures.draw_numbers(middle, kernel, "kernel 4×4")
pictures.draw_numbers(right, stamped, "sum; padding 1 keeps the frame", frame=1)
plt.show()

# %% [markdown]
# **What to see.** In the corners of the sum there is one stamp, along the edges two overlap, and in the middle all
# four. Take 5742: there the input 1 met the kernel's 2, the 10 a 4, the 100 a 7 and the 1000 a 5. Check 6831
# yourself. The frame is the 4×4 image that remains, twice the input's size. In G this happens twice: 7 → 14 → 28.
#
# Why *transposed*? A convolution is linear, so it is a matrix $A$. The transposed convolution with the same kernel
# multiplies by $A^\top$, as backpropagation through a convolution does. So for any $a$ and $b$ it must hold that
# $\langle Aa, b\rangle = \langle a, A^\top b\rangle$:

# %%
large, weight = torch.randn(1, 1, 28, 28, dtype=torch.float64), torch.randn(64, 1, 4, 4, dtype=torch.float64)
few = torch.randn(1, 64, 14, 14, dtype=torch.float64)
down, up = F.conv2d(large, weight, stride=2, padding=1), F.conv_transpose2d(few, weight, stride=2, padding=1)
torch.testing.assert_close((down * few).sum(), (large * up).sum())
print(f"⟨conv(a), b⟩ = {(down * few).sum():.6f}    ⟨a, upconv(b)⟩ = {(large * up).sum():.6f}")

# %% [markdown]
# Why 4×4 kernels? Feed a constant image through two upconvs whose kernels are all ones, once 4×4 as in the paper and
# once 3×3, which double the size too.

# %%
grown = {}
for size, options in ((4, {"padding": 1}), (3, {"padding": 1, "output_padding": 1})):
    x = torch.ones(1, 1, 7, 7)
    for _ in range(2):
        x = F.conv_transpose2d(x, torch.ones(1, 1, size, size), stride=2, **options)
    grown[f"{size}×{size} kernels"] = x[0, 0]

torch.manual_seed(0)
random_kernel = F.conv_transpose2d(torch.ones(1, 1, 7, 7), torch.randn(1, 1, 4, 4), stride=2, padding=1)[0, 0]
print(
    "one upconv with a random 4×4 kernel, in each block of 2×2 pixels:",
    random_kernel[4:6, 4:6].flatten().numpy().round(3),
)

for axes, (name, image) in zip(pictures.panels(2, size=(3.4, 3.0)), grown.items(), strict=True):
    axes.imshow(image, cmap="Blues", vmin=0)
    axes.set(title=f"{name}: values {image[4:-4, 4:-4].unique().int().tolist()}", xticks=[], yticks=[])
    plt.colorbar(axes.images[0], ax=axes, label="value", shrink=0.8)
    axes.grid(False)
plt.show()

# %% [markdown]
# **What to see.** With 4×4 kernels all pixels away from the border are equal (the title lists their values). With 3×3
# kernels the *number* of overlapping stamps alternates, and so do the pixels: a checkerboard that the weights would
# have to undo. A kernel whose size is a multiple of the stride has the same number everywhere (Odena et al. 2016).
# That makes an even image possible, but it doesn't guarantee one: with a random 4×4 kernel each of the four positions
# in a 2×2 block is a sum of *other* weights, as the printed line shows. Padding, which the table doesn't give either,
# must be 1 to go from 28 to 14 to 7 and back. (`output_padding=1` adds a row and a column at one end, without which
# 3×3 kernels would give 13 pixels instead of 14.)
#
# ## Build G
#
# Now the generator, a line of code for each entry of the table. `width` makes the *compact* network that this course
# trains on CPUs: at 0.5 it has half the channels and FC layers of 256.


# %%
def make_generator(width=1.0):
    """G of appendix C.1: (n, 74) → (n, 1, 28, 28) in [−1, 1]; shapes are those at width 1."""
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
# Two choices here are ours. Layers before a BatchNorm have no bias: BatchNorm subtracts each channel's mean, and with
# it any constant. And the last layer ends in a tanh, so that pixels lie in $[-1, 1]$, with black −1. So the data must
# have the same scale: `data.to_float` divides the bytes 0 … 255 by 127.5 and subtracts 1. Run a batch through the
# layers one by one:


# %%
# NBVAL_CHECK_OUTPUT
def walk(layers, x):
    """Yield each layer with its input and its output."""
    for layer in layers:
        x, before = layer(x), x
        yield layer, before, x


def show(layers, x):
    """Print the shape after each layer, for one image, and how many numbers the layer learns."""
    for layer, _, y in walk(layers, x):
        learned = sum(p.numel() for p in layer.parameters())
        numbers = f"{learned:,} numbers" if learned else ""
        print(f"{type(layer).__name__:16} {'×'.join(map(str, y.shape[1:])):>9} {numbers:>18}".rstrip())


show(make_generator(), codes.sample(2).vector(codes))


# %% [markdown]
# Check one entry by hand: the second FC layer has 1024 · 6272 = 6,422,528 weights, nearly the whole generator. A
# BatchNorm has a scale and a shift for each output or channel.
#
# ## Build D and Q
#
# D's trunk runs through G's sizes backwards. D adds one FC layer to it, and Q adds two. Q's twelve outputs are ten
# logits of the category and the means of c1 and c2, whose σ is fixed at 1 (notebook 2; a learned σ would make it 14).


# %%
def make_trunk(width=1.0, slope=0.1):
    """What D and Q share: (n, 1, 28, 28) → features (n, 1024)."""
    first, second, units = round(64 * width), round(128 * width), 1024 if width == 1 else 256
    return nn.Sequential(
        nn.Conv2d(1, first, 4, stride=2, padding=1),  # (n, 64, 14, 14)
        nn.LeakyReLU(slope),
        nn.Conv2d(first, second, 4, stride=2, padding=1, bias=False),  # (n, 128, 7, 7)
        nn.BatchNorm2d(second),
        nn.LeakyReLU(slope),
        nn.Flatten(),  # (n, 6272)
        nn.Linear(second * 7 * 7, units, bias=False),  # (n, 1024)
        nn.BatchNorm1d(units),
        nn.LeakyReLU(slope),
    )


# %% [markdown]
# ### Exercise 3: Q's own layers, for any codes (10 minutes)
#
# Q's last layer has an output for each category of each categorical code, and one mean for each continuous code.
# Write Q's own layers from the table so that they serve other codes as well: the paper's network for house numbers
# (appendix C.2) has four codes of ten categories and four continuous ones. The notebook's networks are built with
# your function once the check accepts it.


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
#
# For the codes of MNIST that is 12 outputs, for those of SVHN 44. With a learned σ each continuous code needs a second
# output, $\log σ$.
# </details>


# %%
def make_heads(width=1.0):
    """D's own layer, (n, 1024) → (n, 1), and Q's own layers, (n, 1024) → (n, 12)."""
    units = 1024 if width == 1 else 256
    return nn.Sequential(nn.Linear(units, 1)), make_q_head(units, (10,), 2)


# %%
# NBVAL_CHECK_OUTPUT
image, features = torch.zeros(2, 1, 28, 28), torch.zeros(2, 1024)
for name, layers in zip(("trunk", "D", "Q"), (make_trunk(), *make_heads()), strict=True):
    print(f"— {name}")
    show(layers, image if name == "trunk" else features)


# %% [markdown]
# D ends in a *logit*, with no sigmoid behind it, although (1) speaks of a probability. To see what a sigmoid would
# lose, print the slope of D's loss on a generated image that D takes for real ever more firmly, the case in which D
# has most to learn. It should come close to 1.

# %%
# NBVAL_CHECK_OUTPUT
losses = {
    "softplus(l)": F.softplus,
    "−log(1 − D)": lambda logit: -torch.log(1 - torch.sigmoid(logit)),
    "−log(1 − D + 1e−8)": lambda logit: -torch.log(1 - torch.sigmoid(logit) + 1e-8),
}
logits = torch.tensor([0.0, 5.0, 10.0, 20.0], requires_grad=True)
print("D's logit           " + "".join(f"{logit:9.0f}" for logit in logits.tolist()))
for name, loss in losses.items():
    (slope,) = torch.autograd.grad(loss(logits).sum(), logits)
    print(f"{name:20}" + "".join(f"{value:9.3f}" for value in slope.tolist()))


# %% [markdown]
# From a logit of about 17 on, a float32 sigmoid is exactly 1. The plain formula then yields infinity times zero. The
# small constant that many programs add, the authors' among them, prevents the NaN and leaves a slope of 0: D learns
# nothing from its worst mistakes.
#
# ## The whole network in one picture
#
# All boxes of the picture have one scale: a pixel is as high and as deep as eight channels (or units) are long.


# %%
class Network(nn.Module):
    """G, D and Q; Q reads D's trunk unless it is given a trunk of its own."""

    def __init__(self, generator, trunk, d_head, q_head, q_trunk=None):
        super().__init__()
        self.generator, self.trunk, self.d_head, self.q_head = generator, trunk, d_head, q_head
        self.q_trunk = q_trunk or trunk


def build(width=1.0):
    return Network(make_generator(width), make_trunk(width), *make_heads(width))


net = build()
network_diagram.draw_infogan(net.generator, net.trunk, net.d_head, net.q_head)
plt.show()

# %% [markdown]
# **What to see.** Numbers under the arrows are parameters. Above, from left to right, G turns a long thin vector into
# a short wide image. Below, D and Q go back through the same sizes. At the left end the way forks, and what branches
# off is tiny. Two arrows carry over six million parameters each.
#
# ## Is it the library's network?
#
# With the same weights both networks must give exactly the same numbers. So copy the library's weights into ours,
# part by part.


# %%
def copy_weights(model, net):
    """Give our network the weights and running statistics of the library's."""
    theirs = (model.generator, model.discriminator.trunk, model.discriminator.head, model.recognition)
    for source, part in zip(theirs, (net.generator, net.trunk, net.d_head, net.q_head), strict=True):
        values = source.state_dict().values()
        part.load_state_dict(dict(zip(part.state_dict(), values, strict=True)))


torch.manual_seed(0)
model = InfoGAN()
copy_weights(model, net)
for training in (False, True):  # BatchNorm by its running statistics, and by the batch's own
    net.train(training), model.train(training)
    x, theirs = net.generator(vectors), model.generator(vectors)
    logit, features = model.discriminator(theirs)
    posterior, ours = model.recognition(features), net.trunk(x)
    assert torch.equal(x, theirs) and torch.equal(net.d_head(ours)[:, 0], logit)
    assert torch.equal(net.q_head(ours), torch.cat([posterior.logits[0], posterior.mean], dim=1))
print("the same images, logits and posteriors, bit for bit")

# %% [markdown]
# The same function gives our compact network the weights of the trained model that comes with the library.

# %%
trained = build(width=0.5).eval()
copy_weights(load_pretrained("mnist"), trained)
rows = {}
with torch.no_grad():
    for style in range(3):
        noise = codes.sample(1, torch.Generator().manual_seed(style)).noise.expand(10, -1)
        vector = torch.cat([noise, torch.eye(10), torch.zeros(10, 2)], dim=1)
        rows[f"z {style + 1}"] = trained.generator(vector)
pictures.image_rows(rows, [f"{k}" for k in range(10)], "Our generator, trained weights: category 0 to 9 along each row")

# %% [markdown]
# **What to see.** Digits, from a network that you have read every line of. Each column is one category with three
# different $z$. The category numbers are not the digits: nobody told the network which to use for which.
#
# ## Count what it costs
#
# An FC layer uses each weight once for an image. A convolution uses each weight once for every *output* pixel, a
# transposed one once for every *input* pixel (each makes one stamp). BatchNorm and activations cost next to nothing
# beside these.


# %%
# NBVAL_CHECK_OUTPUT
def multiply_adds(layer, x, y):
    """Products that a layer computes for one image, from its input and output."""
    if isinstance(layer, nn.Linear):
        return layer.weight.numel()
    if isinstance(layer, nn.Conv2d):
        return layer.weight.numel() * y.shape[2] * y.shape[3]
    if isinstance(layer, nn.ConvTranspose2d):
        return layer.weight.numel() * x.shape[2] * x.shape[3]
    return 0


parts = {
    "G": (net.generator, vectors[:2]),
    "trunk": (net.trunk, torch.zeros(2, 1, 28, 28)),
    "D": (net.d_head, torch.zeros(2, 1024)),
    "Q": (net.q_head, torch.zeros(2, 1024)),
}
costs, names = {}, {nn.Linear: "FC", nn.Conv2d: "conv", nn.ConvTranspose2d: "upconv"}
for part, (layers, x) in parts.items():
    for layer, before, after in walk(layers, x):
        if type(layer) in names:
            name = f"{part}: {names[type(layer)]} to {'×'.join(map(str, after.shape[1:]))}"
            costs[name] = layer.weight.numel(), multiply_adds(layer, before, after)
            print(f"{name:24} {costs[name][0]:10,} weights {costs[name][1]:10,} multiply–adds")

# %%
axes = pictures.panels(2, size=(4.6, 3.2), sharey=True)
colours = [COLOURS["GtDQ".index(name[0])] for name in costs]
for i, title in enumerate(("Weights", "Multiply–adds for one image, forward")):
    axes[i].barh(list(costs), [cost[i] / 1e6 for cost in costs.values()], color=colours)
    axes[i].set(title=title, xlabel="millions")
axes[0].invert_yaxis()
plt.show()

# %% [markdown]
# **What to see.** On the left two FC layers have nearly all weights. On the right each has a convolution beside it
# that costs exactly as much with a 49th of the weights, because it uses each of them 49 times.
#
# Now a whole update. A multiply–add counts as two floating-point operations (FLOP). Going backward through a layer
# takes two further products of the same size as the forward one: one for the gradient of its input, which earlier
# layers need, and one for the gradient of its weights, which isn't needed where weights don't learn.
#
# ### Exercise 4: the cost of an update (8 minutes)
#
# Let $g$ and $d$ be the costs of one forward pass of G and of D. An update generates a batch once. D's step judges it
# and as many real images, and D's weights learn. G's step judges the generated images again, and gradients flow
# through D to G, whose weights learn. What does all this cost for each image of the batch? (Q's own layers are small;
# leave them out.)


# %% tags=["exercise"]
def update_cost(g, d):
    """The cost of one update for each image of the batch, in the unit of g and d."""
    return ...  # TODO: a times g plus b times d


exercises.update_cost(update_cost)

# %% [markdown]
# *Hint.* A use of a network whose weights learn costs three passes: forward, back to the input, back to the weights.
# Where the weights don't learn, the third one isn't needed. In D's step nothing flows back to G.
#
# <details><summary>Solution</summary>
#
# ```python
# def update_cost(g, d):
#     made = 3 * g  # forward once; in G's step back to the inputs and to the weights
#     d_step = 2 * 3 * d  # on real and on generated images: forward, back to inputs, back to weights
#     g_step = 2 * d  # forward, and back to the image; D's weights don't learn here
#     return made + d_step + g_step
# ```
# </details>
#
# The next cells compare this with PyTorch's own counter, which watches a real update. The two losses are those of
# notebooks 1 and 2.


# %%
def judged(net, real, fake, together):
    """Features of real and of generated images; BatchNorm sees them in two batches or in one."""
    return net.trunk(torch.cat([real, fake])).split(len(real)) if together else (net.trunk(real), net.trunk(fake))


def loss_of_d(net, real, fake, together=False):
    """Equation (1) for D, in nats."""
    return objectives.discriminator_loss(*(net.d_head(x)[:, 0] for x in judged(net, real, fake, together)))


def bounds(net, features, fake, latents):
    """L_I of each code (equation 5), in nats, as Q reads it from the features or with a trunk of its own."""
    outputs = net.q_head(features if net.q_trunk is net.trunk else net.q_trunk(fake))
    means = outputs[:, 10:]
    posterior = objectives.Posterior([outputs[:, :10]], means, log_std=torch.zeros_like(means))
    return objectives.mutual_information_bound(posterior, latents, codes)


def loss_of_g(net, fake, latents, real=None):
    """Equation (6) for G and Q with λ = 1, and the bound of each code, in nats; real: judged in the same batch."""
    with frozen(net.trunk), frozen(net.d_head):  # their weights get no gradient; the images do
        features = net.trunk(fake) if real is None else judged(net, real, fake, together=True)[1]
        logits = net.d_head(features)[:, 0]
    bound = bounds(net, features, fake, latents)
    return objectives.generator_loss(logits) - bound.sum(), bound


# %% [markdown]
# `frozen` switches off `requires_grad` for the weights of D inside the block. It may end before `backward` is called:
# PyTorch decides during the forward pass which tensors need a gradient, and writes that into the graph. Gradients still
# flow *through* D to the image, because the image needs one.


# %%
# NBVAL_CHECK_OUTPUT
def counted(net, n=2):
    """MFLOP of one update for each image, by PyTorch's counter."""
    real, latents = torch.zeros(n, 1, 28, 28), codes.sample(n)
    with FlopCounterMode(display=False) as counter:
        fake = net.generator(latents.vector(codes))
        loss_of_d(net, real, fake.detach()).backward()
        loss_of_g(net, fake, latents)[0].backward()
    return counter.get_total_flops() / n / 1e6


g, d, q = (2 * sum(c[1] for name, c in costs.items() if name[0] in part) / 1e6 for part in ("G", "tD", "Q"))
derived = 3 * g + 8 * d + 3 * q
print(f"forward: G {g:.2f}, D {d:.2f}, Q's own layers {q:.2f} MFLOP per image")
print(
    f"update:  3 G + 8 D = {3 * g + 8 * d:.1f}, with Q's layers {derived:.1f} MFLOP per image; D's share {8 * d / derived:.0%}"
)
first = 2 * 2 * costs["trunk: conv to 64×14×14"][1] + 2 * costs["G: FC to 1024"][1]
print(f"never asked for: gradients of the first layers' inputs, {first / 1e6:.2f} MFLOP")
print(
    f"counted by PyTorch: {counted(net.train()):.2f}, derived minus these: {derived - first / 1e6:.2f} MFLOP per image"
)

# %% [markdown]
# **288 MFLOP per image**, rounded, derived from the table alone. PyTorch counts the same, less what no one asks for:
# gradients with respect to noise, and to pixels in D's step.
#
# ## Why D and Q share a trunk
#
# D wants to know whether an image is real, and Q what code it shows. Both need edges, strokes and loops, so the paper
# lets them share all convolutions. What does that save? Give Q a trunk of its own.


# %%
def own_trunk(width=1.0):
    return Network(make_generator(width), make_trunk(width), *make_heads(width), q_trunk=make_trunk(width))


networks = {"shared trunk": build(), "Q with its own": own_trunk()}
real, times = torch.rand(32, 1, 28, 28), {name: [] for name in networks}
for _ in range(steps(9, fast=3)):  # they take turns, so that both meet the same machine
    for name, network in networks.items():
        started = time.process_time()
        latents = codes.sample(32)
        fake = network.generator(latents.vector(codes))
        loss_of_d(network, real, fake.detach()).backward()
        loss_of_g(network, fake, latents)[0].backward()
        times[name].append(time.process_time() - started)

base = np.median(times["shared trunk"])
for name, network in networks.items():
    size, ratio = sum(p.numel() for p in network.parameters()), np.median(times[name]) / base
    print(f"{name:15} {size / 1e6:5.2f} M parameters, {counted(network):4.0f} MFLOP per image, {ratio:.2f} × the time")

# %% [markdown]
# Sharing saves half of the parameters of D and Q and a fifth of the work. Q's own layers come almost for free, so
# that, as the paper says, InfoGAN costs hardly more than a GAN.
#
# The price is not arithmetic. The trunk belongs to *D*: by equation (6) D minimises its own loss over it, and the
# bound has no say. So Q must read the code from features that were chosen to recognise fakes. On the other hand, D's
# trunk has seen real digits, on which we want to use Q in the end. A trunk of Q's own would only ever see generated
# ones. Which matters more? The last experiment tells.
#
# ## Where the weights start
#
# The table is silent about this. The authors' program and DCGAN (Radford et al. 2016) draw weights from
# $\mathcal{N}(0, 0.02^2)$, and BatchNorm's scales from $\mathcal{N}(1, 0.02^2)$. Is 0.02 large or small? A layer's
# outputs are sums of many products of a weight and an input. How large are they?
#
# ### Exercise 5: the size of the outputs (5 minutes)
#
# Weights are independent with mean 0. The inputs have a root mean square (rms) that you know. What is the standard
# deviation of an output?


# %% tags=["exercise"]
def output_std(weight_std, inputs, rms):
    """The std of a sum of `inputs` products of a weight (mean 0, std weight_std) and an input of known rms."""
    return ...  # TODO: variances of independent terms add up


exercises.output_std(output_std)

# %% [markdown]
# *Hint.* One product has the variance `weight_std**2 * rms**2`.
#
# <details><summary>Solution</summary>
#
# ```python
# def output_std(weight_std, inputs, rms):
#     return weight_std * inputs**0.5 * rms
# ```
# </details>
#
# So a layer keeps the size of its inputs if its weights have std $1/\sqrt{\text{inputs}}$; ReLU lets only half of the
# square through, which makes it $\sqrt{2/\text{inputs}}$, *He's start* (He et al. 2015). For G's first FC layer, with
# 74 inputs, that is 0.16. The usual 0.02 is eight times less, so the signal should shrink from layer to layer, unless
# BatchNorm lifts it back to 1 each time.


# %%
NORMS, WEIGHTED = (nn.BatchNorm1d, nn.BatchNorm2d), (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


def inputs_of(layer):
    """How many products an output is the sum of; a transposed 4×4 kernel with stride 2 reaches a pixel 2×2 times."""
    return layer.in_channels * 4 if isinstance(layer, nn.ConvTranspose2d) else layer.weight[0].numel()


def start(network, std=0.02):
    """Draw all weights anew: from N(0, std²), or for std="he" from N(0, 2/inputs)."""
    for layer in network.modules():
        if isinstance(layer, WEIGHTED):
            nn.init.normal_(layer.weight, 0.0, (2 / inputs_of(layer)) ** 0.5 if std == "he" else std)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, NORMS):
            nn.init.normal_(layer.weight, 1.0, 0.02)
    return network


# %%
def without_norm(layers):
    """The same layers without BatchNorm; the layer before it gets the bias that BatchNorm's shift had replaced."""
    kept = []
    for layer in layers:
        if isinstance(layer, NORMS):
            kept[-1].bias = nn.Parameter(torch.zeros(layer.num_features))
        else:
            kept.append(layer)
    return nn.Sequential(*kept)


def bare(network):
    """The network without any BatchNorm."""
    return Network(*map(without_norm, (network.generator, network.trunk, network.d_head, network.q_head)))


# %%
digits = data.load("mnist-5k")
order = torch.randperm(len(digits), generator=torch.Generator().manual_seed(0))
images, labels = data.to_float(digits.images[order]), digits.labels[order]  # labels are for measuring only
torch.manual_seed(0)
starts = {
    "N(0, 0.02²), BatchNorm": start(build()),
    "N(0, 0.02²), none": start(bare(build())),
    "He, none": start(bare(build()), "he"),
}
panels = pictures.panels(2, size=(4.6, 3.2), sharey=True)
for i, (name, network) in enumerate(starts.items()):
    both = network.generator, nn.Sequential(*network.trunk, *network.d_head)
    for axes, layers, x in zip(panels, both, (codes.sample(500).vector(codes), images[:500]), strict=True):
        with torch.no_grad():
            sizes = [y.square().mean().sqrt().item() for layer, _, y in walk(layers, x) if isinstance(layer, WEIGHTED)]
        axes.plot(sizes, "osv"[i] + ("-", "--", "-.")[i], color=COLOURS[i], label=name)
for axes, title, ticks in zip(panels, ("G", "D"), ("FC FC upconv upconv", "conv conv FC FC"), strict=True):
    axes.set(title=f"{title}: size of the outputs before training", xlabel="layer", yscale="log")
    axes.set_xticks(range(4), ticks.split())
panels[0].set_ylabel("rms of a layer's outputs")
panels[1].legend(fontsize=8)
plt.show()

# %% [markdown]
# **What to see.** Without BatchNorm (dashed) the signal in G shrinks by a factor of two to five with each layer. In D
# it shrinks in all layers but one. Exercise 5 says what to expect: the ratio is $0.02\sqrt{\text{inputs}}$ times
# 0.71, because leaky ReLU lets through about half of the square. For 16, 1024, 6272 and 1024 inputs the first factor
# is 0.08, 0.64, 1.58 and 0.64. So the one layer that doesn't shrink the signal is the one with most inputs. With He's
# start (dash-dotted) the signal keeps its size. With BatchNorm (solid) the small start does no harm, because every
# layer after a BatchNorm and a ReLU gets inputs of rms 0.71 again. What arrives at the other end:

# %%
for name, network in starts.items():
    fake = network.generator(codes.sample(64).vector(codes))
    logits = network.d_head(network.trunk(fake))
    objectives.generator_loss(logits[:, 0]).backward()
    gradient = network.generator[0].weight.grad.norm()
    print(
        f"{name:23} pixels' std {fake.std():.4f}, logits' std {logits.std():.1e}, gradient in G's first layer {gradient:.1e}"
    )

# %% [markdown]
# In the second row all generated images are grey to within 0.003, D can hardly tell one from another, and the
# gradient in G's first layer is thousands of times smaller. That alone needn't stop Adam, which divides gradients by
# their size.
#
# ## BatchNorm: real and generated, in two batches or in one
#
# BatchNorm takes a batch, and for each channel subtracts the mean over images and pixels and divides by the standard
# deviation; then it applies a learned scale and shift. In no other layer do the images of a batch see each other.
#
# ### Exercise 6: normalise a batch (8 minutes)
#
# Write the first part. Add $10^{-5}$ to the variance, so that nothing is divided by zero.


# %% tags=["exercise"]
def batch_norm(x):
    """(n, C, H, W) → the same, each channel with mean 0 and variance 1."""
    return ...  # TODO: which dimensions does the mean run over?


exercises.batch_norm(batch_norm)

# %% [markdown]
# *Hint.* `x.mean((0, 2, 3), keepdim=True)` keeps the channels. When it normalises, BatchNorm divides the sum of
# squares by n: `correction=0`.
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
# D's step has a batch of real digits and a batch of generated ones. Should they go through D as one concatenated
# batch or as two? Look at one channel of D's second convolution, the one in which they differ most, before training.

# %%
network = starts["N(0, 0.02²), BatchNorm"]
with torch.no_grad():
    fake = network.generator(codes.sample(100).vector(codes))
    before = [network.trunk[:3](x) for x in (images[:100], fake)]  # up to the first BatchNorm: (100, 128, 7, 7)
    norm = nn.BatchNorm2d(128)
    separate = norm(before[0]), norm(before[1])
    together = norm(torch.cat(before)).split(100)
channel = (before[0].mean((0, 2, 3)) - before[1].mean((0, 2, 3))).abs().argmax()

for axes, pair, title in zip(
    pictures.panels(3, size=(3.4, 2.8)),
    (before, separate, together),
    ("Before", "Two batches", "One batch"),
    strict=True,
):
    values = [x[:, channel].flatten().numpy() for x in pair]
    for i, (name, style) in enumerate((("real", "stepfilled"), ("generated", "step"))):
        axes.hist(values[i], 50, density=True, histtype=style, color=COLOURS[i], alpha=(0.5, 1)[i], label=name)
    axes.set(
        title=f"{title}: means {number(values[0].mean())}, {number(values[1].mean())}",
        xlabel="value",
        yticks=[],
    )
axes.legend(fontsize=8)
plt.show()

# %% [markdown]
# **What to see.** Before BatchNorm the generated images (outline) sit in a narrow peak next to the real ones (filled).
# Normalised as two batches, both have mean 0 and the same spread: D can no longer tell them apart by how bright or how
# contrasty a *batch* is. Normalised as one batch, the difference stays, and D sees more.
#
# Then what is wrong with one batch? The usual program has it only in D's step. In G's step D judges generated images
# alone, normalised by their own statistics. So the D that G learns to please is another function than the D that was
# trained. If that mismatch is the harm, then one batch in *both* steps should do no such harm. The experiment below has
# this control.
#
# **Predict.** D's step with one batch, G's step with generated images alone: will D's loss end high or low? And G's?
#
# BatchNorm also keeps *running statistics*, for use after training: a moving average to which each new batch
# contributes a tenth. A trunk sees three batches in each update. Whose statistics are these in the long run?

# %%
# NBVAL_CHECK_OUTPUT
weights = {"real": 0.0, "generated": 0.0}
for _ in range(100):  # updates
    for batch in ("real", "generated", "generated"):  # D's step, D's step, G's step
        weights = {name: 0.9 * value + (0.1 if name == batch else 0.0) for name, value in weights.items()}
print({name: f"{value:.0%}" for name, value in weights.items()})

# %% [markdown]
# Less than a third is real, the wrong mixture if Q is to read real digits. In the library only real batches count in
# the trunk, and `calibrate` computes the statistics of a finished model afresh on real images.
#
# ## Train the silences
#
# Now the experiment: compact networks, from the same seed, trained on the same digits for 300 updates of 64 images.
# The first does as the library does (but all batches count in its running statistics). Each of the others differs
# from it in one of the four silences, or in something that we asked on the way. (The table does prescribe BatchNorm;
# one network drops it to show what it is for.)


# %%
class ZeroToOne(nn.Module):
    """Pixels in 0…1 instead of −1…1: for G's end, in place of the tanh."""

    def forward(self, x):
        return torch.sigmoid(x)


def train(network, together="never", trunk_learns="d", zero_to_one=False, seed=0):
    """Train in place → the history: D's loss, G's adversarial loss, the category's bound, in nats.

    together: "never", in "D's step" alone, or in "both" steps: whether BatchNorm sees real and generated in one batch.
    trunk_learns: from D's loss ("d"), or from D's loss and the bound ("dq").
    """

    def adam(parts, rate):
        return torch.optim.Adam([p for part in parts for p in part.parameters()], rate, betas=(0.5, 0.999))

    torch.manual_seed(seed)
    of_q = [network.q_head] if network.q_trunk is network.trunk else [network.q_head, network.q_trunk]
    adam_d = adam([network.trunk, network.d_head], 2e-4)  # the trunk is D's
    adam_g = adam([network.generator, *of_q], 1e-3)  # equation (6): min over G and Q
    real_images, history = images.to(device), []
    for _ in range(steps(300, fast=8)):
        real = real_images[torch.randint(len(images), (64,))]
        real = (real + 1) / 2 if zero_to_one else real
        latents = codes.sample(64).to(device)
        fake = network.generator(latents.vector(codes))
        loss_d = loss_of_d(network, real, fake.detach(), together != "never")
        also = (
            bounds(network, network.trunk(fake.detach()), fake.detach(), latents).sum() if trunk_learns == "dq" else 0
        )
        adam_d.zero_grad()
        (loss_d - also).backward()
        adam_d.step()
        loss_g, bound = loss_of_g(network, fake, latents, real if together == "both" else None)
        adam_g.zero_grad()
        loss_g.backward()
        adam_g.step()
        history.append(torch.stack([loss_d, loss_g + bound.sum(), bound[0]]).detach())
    return torch.stack(history).cpu().numpy()


# %%
def with_sigmoid(network):
    network.generator[-1] = ZeroToOne()
    return network


makers = {
    "the library's choices": (lambda: start(build(0.5)), {}),
    "pixels in 0…1": (lambda: with_sigmoid(start(build(0.5))), {"zero_to_one": True}),
    "He's start": (lambda: start(build(0.5), "he"), {}),
    "one batch in D's step": (lambda: start(build(0.5)), {"together": "D's step"}),
    "one batch in both steps": (lambda: start(build(0.5)), {"together": "both"}),
    "L_I also moves the trunk": (lambda: start(build(0.5)), {"trunk_learns": "dq"}),
    "Q with its own trunk": (lambda: start(own_trunk(0.5)), {}),
    "no BatchNorm": (lambda: start(bare(build(0.5))), {}),
}
results, histories = {}, {}


def train_some(names):
    for name in names:
        make, options = makers[name]
        torch.manual_seed(0)
        results[name] = make().to(device)
        histories[name] = train(results[name], **options)
        assert np.isfinite(histories[name]).all()


train_some(list(makers)[:4])

# %%
train_some(list(makers)[4:])


# %% [markdown]
# We judge by how well Q reads the 5,000 real digits. Its category numbers are arbitrary, so each category is assigned
# to one digit, in the way that makes most answers right: *one-to-one accuracy* (notebook 5 has more about it). Two
# rows tell what it is without any training: of random categories, and of a network that was only started.


# %%
def accuracy(network, zero_to_one=False):
    """One-to-one accuracy of Q on the 5,000 real digits, in the network's present mode."""
    with torch.no_grad():
        seen = (images + 1) / 2 if zero_to_one else images
        outputs = network.q_head(network.q_trunk(seen.to(device))).cpu()
    return judge_categories(outputs[:, :10].argmax(1), labels, categories=10).accuracy


print(f"{'':25} last 50 updates (nats)   Q on real digits, by statistics")
print(f"{'':25} {'loss D':>6} {'loss G':>8} {'L_I':>6} {'running':>11} {'their own':>12}")
chance = judge_categories(torch.randint(10, labels.shape), labels, categories=10).accuracy
print(f"{'random categories':25} {'':22} {chance:11.2f} {chance:12.2f}")
torch.manual_seed(0)
print(f"{'not trained':25} {'':22} {'':11} {accuracy(start(build(0.5)).to(device).train()):12.2f}")
for name, network in results.items():
    means, scale = histories[name][-50:].mean(0), name.startswith("pixels")
    scores = [accuracy(network.eval(), scale), accuracy(network.train(), scale)]
    print(f"{name:25} {means[0]:6.2f} {means[1]:8.2f} {means[2]:6.2f} {scores[0]:11.2f} {scores[1]:12.2f}")

# %%
left, right = pictures.panels(2, size=(5.4, 4.0))
smooth = {name: np.array([h[max(0, i - 20) : i + 1].mean(0) for i in range(len(h))]) for name, h in histories.items()}
updates = np.arange(len(smooth["no BatchNorm"]))
markers = dict(zip(makers, "osv^Dxp*", strict=True))
for axes, column, title in ((left, 2, "Bound of the category"), (right, 0, "D's loss")):
    for i, (name, curve) in enumerate(smooth.items()):
        axes.plot(
            updates,
            curve[:, column],
            color=(*COLOURS, "black", "grey")[i],
            marker=markers[name],
            markevery=0.2,
            label=name,
        )
    axes.set(title=title, xlabel="update", ylabel="nats (mean of 20 updates)")
left.axhline(np.log(10), color="black", linestyle=":", linewidth=1)
right.axhline(np.log(4), color="black", linestyle=":", linewidth=1)
left.legend(fontsize=9, loc="center right")
plt.show()

# %% [markdown]
# **What to see.** On the left the dotted line is $H(c) = \log 10$, the ceiling. The networks with BatchNorm come near
# it; without BatchNorm the bound stays at 0. On the right the dotted line is $\log 4$, the loss of a D that can't
# tell. Where real and generated images share a batch in D's step only, D wins at once. What do they draw of the same
# twelve inputs?

# %%
rows, pick = {}, codes.sample(12, torch.Generator().manual_seed(1)).vector(codes).to(device)
for name, network in results.items():
    with torch.no_grad():
        drawn = network.train().generator(pick)
    rows[name] = drawn * 2 - 1 if name.startswith("pixels") else drawn
pictures.image_rows(rows, (), "What each has learned to draw", scale=2)

# %% [markdown]
# **What to see.** After 300 updates the library's choices draw the first digits, and so do one batch in both steps
# and, less clearly, the two networks that differ in the trunk. The other rows are textures, or one picture for every
# input. This is one seed after few updates, so it tells what starts quickly, not what is best in the end.
#
# *One batch in D's step.* The losses contradict each other: D's is almost 0, so D recognises generated images, and yet
# G's is below $\log 2 = 0.69$, as if it fooled D. Both are true, because it isn't the same D:

# %%
network = results["one batch in D's step"].train()
real, fake = images[:100].to(device), network.generator(codes.sample(100).vector(codes).to(device)).detach()
with torch.no_grad():
    mixed = torch.sigmoid(network.d_head(network.trunk(torch.cat([real, fake]))))
    alone = torch.sigmoid(network.d_head(network.trunk(fake)))
print(
    f"D's probability of “real”, in D's step: real digits {mixed[:100].mean():.2f}, generated {mixed[100:].mean():.2f}"
)
print(f"for the same generated images, in G's step: {alone.mean():.2f}")

# %% [markdown]
# D has learned to compare the two halves of its batch. Without the real half that skill is gone, and G is told that
# all is well, so it stays with its texture. With one batch in *both* steps G's loss is honest: D sees through its
# images, and says so. So the rule isn't that real and generated images must never share a batch. **D's step and G's
# step must normalise alike; if they differ, the two players play different games.** Two batches in both steps is the
# simplest way, and it gives the more balanced game here.
#
# And yet Q reads the category from textures that we can't tell apart, with a bound at its ceiling: $L_I$ says how well
# codes can be read from images, and nothing about what the images are.
#
# *Without BatchNorm* there is nothing that Q could read. So BatchNorm does something that G needs: it subtracts what
# the images of a batch have in common and enlarges what is left, which makes it hard to draw one picture for all.
# (This is one seed with the paper's learning rates. Other rates might do better without BatchNorm.)
#
# ## The slope, the width, and the authors' program
#
# **The slope of leaky ReLU.** ReLU passes no gradient where its input is negative. In D that would cut G off from
# what it must hear, hence the slope $a$. The paper's text says $a = 0.1$, the authors' program has 0.01. How much
# does it matter?

# %%
x = images[:256].clone().requires_grad_()
for slope in (0.0, 0.01, 0.1):
    torch.manual_seed(0)
    trunk, (head, _) = make_trunk(0.5, slope), make_heads(0.5)
    start(nn.ModuleList([trunk, head]))
    features = trunk(x)
    silent = ((features > 0).sum(0) == 0).float().mean()
    (gradient,) = torch.autograd.grad(objectives.generator_loss(head(features)[:, 0]), x)
    print(
        f"slope {slope:4}: features silent for all 256 digits {silent:.1%}, gradient at the image {gradient.norm():.4f}"
    )

# %% [markdown]
# Before training, hardly at all. After a BatchNorm every feature is positive for some digits, so none is silent for
# all of them at any slope, and a slope doesn't make the gradient at the image larger. Whether it matters later in
# training, this cell can't say.
#
# **The width.** Here are the compact network, the paper's own, those for the other data sets (appendices C.2 to C.5),
# and `authors`, MNIST's network as the authors' program has it. The library builds all from the same few functions:

# %%
rows = [("mnist, compact", InfoGAN(width=0.5))] + [(name, InfoGAN(architecture=name)) for name in ARCHITECTURES]
print(f"{'':15} {'image':>8} {'input':>6} {'G':>10} {'D':>10} {'Q':>8}   parameters")
for name, model in rows:
    sizes = [sum(p.numel() for p in m.parameters()) for m in (model.generator, model.discriminator, model.recognition)]
    image = "×".join(map(str, model.image_shape))
    print(f"{name:15} {image:>8} {model.codes.input_size:6} {sizes[0]:10,} {sizes[1]:10,} {sizes[2]:8,}")
print(
    f"an update of the compact network: {counted(build(0.5)):.0f} MFLOP per image, of the paper's {counted(build()):.0f}"
)

# %% [markdown]
# **What the authors' program does.** It is [public](https://github.com/openai/InfoGAN), and it answers most of our
# questions, not always as the text does:
#
# | | the paper's text | the authors' MNIST program | this course |
# |---|---|---|---|
# | slope of leaky ReLU | 0.1 | 0.01 | 0.1 |
# | σ of c1 and c2 | exp of an output | fixed at 1 | fixed at 1, learned on request |
# | pixels | not said for MNIST | sigmoid, 0…1 | tanh, −1…1 |
# | D's answer | a probability, in (1) | sigmoid; log(D + 1e−8) | a logit |
# | real and generated in BatchNorm | not said | separate batches | separate batches |
# | weights at the start | not said | N(0, 0.02²), convolutions cut off at 2σ | N(0, 0.02²) |
# | who moves Q's own layers | with G, by (6) | D's optimiser, as the trunk | with G |
# | $L_I$ in D's loss | no, by (6) | yes | no |
# | H(c) of c1 and c2 in the bound | “a constant” | as if the prior were N(0, 1) | log 2 |
# | images in G's step | not said | drawn anew | those of D's step |
#
# The two lines about $L_I$ and Q are the ones to think about: in that program the trunk is trained to help Q as well
# as D. With (6) taken literally, as here, it is D's alone. The option `--trunk dq` lets Q's bound train it as well, and
# `--trunk authors --architecture authors` does what the program does.
#
# ---
# ## Recap
#
# A transposed convolution stamps a kernel; with 4×4, stride 2 and padding 1 it doubles an image evenly. Two FC layers
# hold nearly all parameters. An update costs 3 G + 8 D, 288 MFLOP per image. Which silences matter? D's step and G's
# step must normalise alike, or there is no game. In our short runs, pixels in 0…1 and He's start were slower to draw
# digits, and the trunk that D alone trains read real digits best. The start N(0, 0.02²) is too small by itself and
# harmless with BatchNorm.
#
# ## Common mistakes
#
# - **One batch of real and generated images through BatchNorm in D's step, and generated ones alone in G's.** D's loss goes
#   to 0, G's looks fine, the bound is at its ceiling, and there are no digits.
# - **A bias before BatchNorm.** Harmless and useless.
# - **A sigmoid in D and a logarithm in the loss.** NaN where D is sure and wrong, or a gradient of 0 if a small
#   constant was added.
# - **Data in $[0, 1]$ and a tanh at the end of G**, or the other way round. D needs no strokes to tell −1 from 0.
# - **`model.eval()` left out when Q reads a single image.** In training mode the image would be normalised by itself;
#   `BatchNorm1d` refuses a batch of one with an error.
# - **The trunk in G's optimiser, and not frozen against the game's loss.** Then G's step teaches D to be fooled.
# - **A kernel whose size is no multiple of the stride** in G. Its stamps overlap unevenly, which invites checkerboards.
#
# ## Further reading
#
# - Chen et al. 2016, [InfoGAN](https://arxiv.org/abs/1606.03657): appendix C, and [the authors'
#   program](https://github.com/openai/InfoGAN).
# - Radford, Metz and Chintala 2016, [DCGAN](https://arxiv.org/abs/1511.06434): section 3 is the list of rules behind
#   these networks.
# - Ioffe and Szegedy 2015, [Batch normalization](https://arxiv.org/abs/1502.03167), and Salimans et al. 2016,
#   [Improved techniques for training GANs](https://arxiv.org/abs/1606.03498): its “virtual batch normalization” is
#   another answer.
# - He et al. 2015, [Delving deep into rectifiers](https://arxiv.org/abs/1502.01852): where $\sqrt{2/\text{inputs}}$
#   comes from.
# - Odena, Dumoulin and Olah 2016, [Deconvolution and checkerboard
#   artifacts](https://distill.pub/2016/deconv-checkerboard/).
# - Dumoulin and Visin 2016, [A guide to convolution arithmetic](https://arxiv.org/abs/1603.07285): every case of
#   stride and padding, drawn.
