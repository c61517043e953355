"""The paper's network."""

import torch

from classifier.config import Config
from classifier.paper.network import build_network


def test_scale_changes_the_descriptor_of_the_same_crop():
    network = build_network(Config(recipe="paper"), torch.device("cpu"), torch.Generator().manual_seed(0)).eval()
    crop = torch.randn((1, 1, 200, 200), generator=torch.Generator().manual_seed(1)).expand(2, 1, 200, 200)
    one, other = network(crop, torch.tensor([0.0, 5.0]))
    assert not torch.allclose(one, other)


def test_the_papers_network_has_several_million_parameters():
    config = Config.from_dict({"recipe": "paper"})
    network = build_network(config, torch.device("cpu"), torch.Generator().manual_seed(0))
    assert 3e6 < sum(p.numel() for p in network.parameters()) < 1e7
