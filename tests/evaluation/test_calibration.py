import torch

from infogan_lib.evaluation.calibration import calibrate
from infogan_lib.models import InfoGAN


def test_calibrated_statistics_are_those_of_the_images():
    model, images = InfoGAN(width=0.1).eval(), torch.rand(2000, 1, 28, 28) * 2 - 1
    weights = [p.clone() for p in model.parameters()]
    calibrate(model, images)
    inputs = model.discriminator.trunk[2](model.discriminator.trunk[1](model.discriminator.trunk[0](images)))
    layer = model.discriminator.trunk[3]
    assert torch.allclose(layer.running_mean, inputs.mean(dim=(0, 2, 3)), atol=1e-5)
    assert torch.allclose(layer.running_var, inputs.var(dim=(0, 2, 3)), rtol=1e-2)
    assert layer.momentum == 0.1 and not model.training and not layer.training
    assert all(torch.equal(a, b) for a, b in zip(weights, model.parameters(), strict=True))
