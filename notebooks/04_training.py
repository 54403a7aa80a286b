# ---
# jupyter:
#   accelerator: GPU
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# [![Open this notebook in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/infogan-course/infogan-course/blob/v0.1.0/notebooks/04_training.ipynb)

# %% [markdown]
# # 4. Train an InfoGAN, and see whether it worked
#
# **What you will do.** Configure a run, look inside one update, train on real handwritten digits while you watch, and
# judge the result by a number and by a picture.
#
# **What you will learn.** Which network each optimiser moves and why; how to read the mutual-information bound beside its
# ceiling; how to draw a traversal grid that shows the code and not the noise; how to stop a run and go on with it.
#
# **What you need.** The two losses of a GAN (notebook 1) and the bound L_I (notebook 2). On two CPU cores the training
# cell takes four to five minutes; on a GPU, seconds.
#
# **The question.** Nobody tells the network that there are ten digits. We give its generator ten categories and two
# numbers between −1 and 1 to play with. What will it use them for?

# %% tags=["setup"]
# Setup. Where the library is missing, as in Colab, this fetches it and leaves torch and numpy as they are.
import importlib.util
import os
import subprocess
import sys

COURSE = "https://github.com/infogan-course/infogan-course/archive/refs/tags/v0.1.0.zip"
if importlib.util.find_spec("infogan_lib") is None:
    source = os.environ.get("INFOGAN_SOURCE") or COURSE
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", source], check=True)
    importlib.invalidate_caches()

import torch

if "google.colab" in sys.modules and not torch.cuda.is_available():
    print("No GPU here; all works without, more slowly. To get one: Runtime > Change runtime type > T4 GPU.")

# %%
import os
from pathlib import Path

import numpy as np
import torch

from infogan_lib import TrainConfig, Trainer, data, figures, fit
from infogan_lib.callbacks import LiveView

FAST = "INFOGAN_FAST" in os.environ or "CI" in os.environ  # set by the course's tests: fewer updates, worse pictures
DATA = Path("../data") if Path("../data").is_dir() else Path("data")
ON_GPU = torch.cuda.is_available()

# %% [markdown]
# ## The data
#
# MNIST is 60,000 grey images of 28×28 pixels. Training never sees their labels; we load them only to look. Without a
# network the cell says so and takes 5,000 of the same digits, which come with a Python package.

# %%
dataset = data.available("mnist", DATA) if ON_GPU else "mnist-5k"
digits = data.load(dataset, DATA)
picks = torch.arange(0, len(digits), len(digits) // 40)[:40]
print(f"{len(digits):,} images of {tuple(digits.images.shape[1:])}, stored as {digits.images.dtype}")
figures.tile(data.to_float(digits.images[picks]), columns=20, scale=1)

# %% [markdown]
# Two rows of real digits. Look at the ones: some lean, some stand. Slant is a thing that varies in this data and that no
# label mentions. Remember it.
#
# ## The configuration
#
# One object holds everything that decides a run, and `python -m infogan_lib.train --help` lists the same names. On a CPU
# we take the compact network, half as wide as the paper's; with a GPU the paper's own.

# %%
config = TrainConfig(
    dataset=dataset,
    data_root=str(DATA),
    width=1.0 if ON_GPU else 0.5,  # 1.0 is the network of the paper's appendix C.1
    num_epoch=1 if FAST else 50,
    max_steps=40 if FAST else 5000,
    batch_size=100,
    lrD=2e-4,  # the paper's
    lrG=1e-3,  # the paper's: G and Q learn five times faster than D
    seed=0,
)
print("codes:", ", ".join(config.codes.names), "| generator's input:", config.codes.input_size, "numbers")

# %% [markdown]
# The input has 74 numbers: 62 of noise z, ten for the one-hot category, and the two continuous codes c1 and c2. The paper
# calls the category c₁ and the continuous codes c₂ and c₃; in this course c1 and c2 are the continuous ones.
#
# ## One update
#
# Equation (6) is a game of three: D maximises V(D, G), while G and Q together minimise V(D, G) − λ L_I(G, Q). So there are
# two optimisers. One moves D's layers, including the trunk that Q reads from. The other moves G and Q's own layers. The
# bound has no place in D's loss. One update of the library does just this:

# %%
trainer = Trainer(config, digits.images)
real = trainer.batches[0]  # (100, 1, 28, 28) in −1…1
latents = config.codes.sample(len(real), trainer.random, trainer.device)
fake = trainer.model.generator(latents.vector(config.codes))
print(
    "z", tuple(latents.noise.shape), "category", tuple(latents.categorical.shape), "c", tuple(latents.continuous.shape)
)
print("generated images", tuple(fake.shape))
for _ in range(3):
    trainer.update()
for name, values in trainer.history.items():
    print(f"{name:15}", np.round(values, 3))

# %% [markdown]
# Three updates, five numbers each. `loss_D` starts near 2 log 2 = 1.386, the value of a D that cannot tell real from
# generated at all. The three bounds are L_I of each code in nats. That of the category starts near 0: Q knows nothing yet.
# Those of c1 and c2 start near −0.4, not 0, because Q says "a Gaussian of std 1" about a code that is uniform on [−1, 1].
# Their ceilings are not log 2 either:

# %%
for name, ceiling in trainer.ceilings.items():
    print(f"L_I of {name} can be at most {ceiling:.3f} nats")

# %% [markdown]
# ## Train
#
# `fit` does what the command line does, and leaves a folder with pictures, checkpoints and weights. The view below is
# drawn anew every hundred updates. You may stop the cell at any time: the update under way is finished, the model is kept,
# and the folder has a checkpoint to go on from.

# %%
trainer = fit(config, [LiveView(every=20 if FAST else 100)])

# %% [markdown]
# The grid at the left is the same question asked at every moment: one row a category, c1 from −2 to 2 along the row, and
# **the same noise z in every cell**. If each cell had a noise of its own, you would be looking at z. At the right, the
# category's bound climbs to log 10 = 2.303 within a few dozen updates, long before the pictures are digits: it is easy to
# make ten kinds of blob that Q can tell apart. A bound at its ceiling says that the code can be read from the image. It
# does not say that the code means what you hoped.

# %%
history = trainer.history
first, last = history["bound/category"][:10].mean(), history["bound/category"][-10:].mean()
print(f"category: {first:.2f} nats at the start, {last:.2f} at the end, ceiling {np.log(10):.2f}")
assert all(np.isfinite(values).all() for values in history.values())
assert last > first + 0.1, "the bound did not rise"

# %% [markdown]
# ## See what the codes do

# %%
figures.traversal(trainer.model, code=0)

# %% [markdown]
# Follow one row from left to right. The digit stays (mostly) what it is, and something about it changes steadily. Then
# compare rows: is it the same something in all of them? The columns beyond −1 and 1 were never trained; there the network
# continues what it learned.

# %%
figures.traversal(trainer.model, code=1)

# %% [markdown]
# The second code, from the same noise. In most runs one of the two codes takes the slant and the other the width, but
# nothing in the objective says which is which, or that 0 is upright. Nor does category 3 draw threes: the numbering is
# arbitrary. With 5,000 digits and 2,500 updates, expect ragged shapes at the ends of the rows, and in some runs two
# categories that share a digit while two digits share a category. Look for both. More data and more updates mend much of
# the first. The second is harder: slanted and upright ones differ more, to Q's eye, than some fours and nines.

# %%
figures.rendered(figures.training_curves(history, trainer.ceilings)["generator_loss"])

# %% [markdown]
# G's loss falls below zero, which no plain GAN's does: it holds −λ L_I, and L_I of the category is positive. It does not
# tell how good the pictures are. The two losses of a GAN are moves in a game, and both can stand still while it improves.
#
# ## What the run left behind

# %%
for path in sorted(trainer.run_folder.iterdir()):
    if "epoch_" not in path.name:
        print(f"{path.stat().st_size / 1e6:6.2f} MB  {path.name}")

# %% [markdown]
# `c1.gif` shows the first grid forming, epoch by epoch. `model.safetensors` is the model alone: `InfoGAN.load(path)` reads
# it. A checkpoint holds the optimisers and the random state as well, so that a run that was killed and resumed ends with
# the same weights, bit for bit, as one that was not. To go on for longer:
#
# ```python
# trainer = fit(TrainConfig(**{**vars(config), "resume": str(trainer.run_folder), "num_epoch": 60, "max_steps": None}))
# ```
#
# The losses, the bound of each code and the grids are in TensorBoard too. In Colab or JupyterLab:
#
# ```
# %load_ext tensorboard
# %tensorboard --logdir runs
# ```
#
# ## Common mistakes
#
# * **A softmax before a cross-entropy** that has one itself: the category's bound then cannot pass 0.84 nats.
# * **A new z in each cell** of the grid: every column changes, and the code gets the credit.
# * **Q's term in D's loss**: equation (6) has none there, and training suffers.
# * **Real and generated images in one batch** through BatchNorm: D then reads the mixture from its statistics.
#
# ## Go further
#
# * Set `continuous_std="learned"` and watch the bounds of c1 and c2 grow past log 2 while the category's digits blur.
# * Set `objective="gan"`: Q is trained all the same, but G never hears of it. What does the bound do now?
# * Chen et al. 2016, [InfoGAN](https://arxiv.org/abs/1606.03657), section 7 and appendix C.
