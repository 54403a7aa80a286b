import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.patches import Polygon
from torch import nn

from infogan_lib.course import network_diagram
from infogan_lib.models import InfoGAN


@pytest.fixture
def parts():
    """G, the trunk and the two heads as plain sequences of layers."""
    model = InfoGAN(width=0.1)
    generator = nn.Sequential(*model.generator.project, *model.generator.upsample, nn.Tanh())
    heads = nn.Sequential(model.discriminator.head), nn.Sequential(*model.recognition.hidden, model.recognition.head)
    yield generator, model.discriminator.trunk, *heads
    plt.close("all")


def test_stages_group_layers_and_count_all_parameters(parts):
    generator = parts[0].eval()
    stages = network_diagram.stages(generator, torch.zeros(2, 74))
    assert [stage.shape for stage in stages] == [(256,), (13, 7, 7), (6, 14, 14), (1, 28, 28)]
    assert stages[2].operation == "upconv 4×4\nstride 2\nBatchNorm\nReLU" and stages[3].operation.endswith("tanh")
    assert sum(stage.parameters for stage in stages) == sum(p.numel() for p in generator.parameters())


def test_the_picture_names_every_tensor_and_is_to_scale(parts):
    before = [p.clone() for p in parts[0].buffers()]
    network_diagram.draw_infogan(*parts)
    axes = plt.gca()
    texts = [text.get_text() for text in axes.texts]
    for shape in ("74", "13×7×7", "6×14×14", "1×28×28", "128", "12"):
        assert shape in texts
    fronts = [patch.get_xy() for patch in axes.patches if isinstance(patch, Polygon)][::3]
    sizes = [(front[1, 0] - front[0, 0], front[2, 1] - front[1, 1]) for front in fronts]
    assert sizes[1] == pytest.approx((256 / 16, 1)) and sizes[2] == pytest.approx((13 / 16, 7))
    assert all(torch.equal(a, b) for a, b in zip(before, parts[0].buffers(), strict=True)), (
        "drawing must leave BatchNorm's statistics alone"
    )
