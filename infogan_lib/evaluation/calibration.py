"""BatchNorm's running statistics, computed again on real images before a model is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from infogan_lib.models import FORWARD_IMAGES, check_images
from infogan_lib.modes import BATCH_NORMS

if TYPE_CHECKING:
    from infogan_lib.models import InfoGAN


@torch.no_grad()
def calibrate(model: InfoGAN, images: Tensor) -> None:
    """Replace the running statistics of D's trunk and of Q by those of real images; no weight changes.

    Training leaves a moving average over the last few batches there, and Q's own layers have seen only generated
    images. No labels are used. The new statistics are the mean over chunks of `FORWARD_IMAGES` images.

    Args:
        model: Any InfoGAN; its mode is kept.
        images: (n ≥ 2, channels, height, width) in [−1, 1], in random order.

    Raises:
        ValueError: The images have another shape, dtype or range.
    """
    check_images(images, model.image_shape)
    judges = nn.ModuleList([model.discriminator.trunk, model.recognition])
    layers = [m for m in judges.modules() if isinstance(m, BATCH_NORMS)]
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # a plain average over the chunks
    judges.train()
    for chunk in images.split(FORWARD_IMAGES):
        model.recognition(model.discriminator.trunk(chunk.to(next(model.parameters()))))
    judges.train(model.training)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
