"""This program as a benchmarked method."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_pre_hook

from classifier.benchmark.method import Method, Prediction
from classifier.benchmark.roofline import count_flops
from classifier.config import Config
from classifier.estimator import Classifier
from classifier.paper.network import PaperNetwork
from classifier.pretrained.encoder import Encoder
from classifier.progress import Callback
from classifier.samples import Sample, Verdict


class Ours(Method):
    """A recipe of this program; `exact` averages all random crops."""

    def __init__(self, title: str, config: Config, seed: int, exact: bool = False) -> None:
        self.title, self._config, self._seed, self._exact = title, config, seed, exact

    def fit(self, samples: Sequence[Sample], callback: Callback) -> None:
        config = replace(self._config, scale_free=any(sample.pixels_per_micrometre is None for sample in samples))
        self._classifier = Classifier(config, self._seed, "cpu").fit(samples, callback)

    def predict(self, sample: Sample) -> Prediction:
        verdict = self._score(sample)
        return Prediction(verdict.predicted, verdict.nearest, verdict.crops)

    def held_out_note(self) -> str:
        metrics = self._classifier.metrics_
        share, count = metrics.get("accuracy_without_none_of_these"), metrics["held_out"]
        return f"; it recognised {share:.0%} of the {count} micrographs that its fit held out" if count else ""

    def flops(self, sample: Sample) -> float:
        """In proportion to the pixels that the encoder is given, random crops beside the windows included."""
        if self._exact:  # all crops cost the same
            one, two = (self._counted(sample, crops) for crops in (1, 2))
            return one + (self._config.scoring.crops_per_image - 1) * (two - one)
        return self._counted(sample)

    def _score(self, sample: Sample, crops: int | None = None) -> Verdict:
        exact = self._exact and crops is None
        return self._classifier.score(
            sample.pixels(), sample.pixels_per_micrometre, seed=self._seed, crops=crops, exact=exact
        )

    def _counted(self, sample: Sample, crops: int | None = None) -> float:
        """Operations of the encoder while the sample is scored once more."""
        encoders: list[nn.Module] = []
        pixels: list[int] = []

        def note(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            if isinstance(module, Encoder | PaperNetwork):
                encoders.append(module)
                pixels.append(inputs[0].numel())

        with register_module_forward_pre_hook(note):
            self._score(sample, crops)
        crop = torch.zeros(1, 1, self._config.crops.size, self._config.crops.size)
        return _flops_of_crop(encoders[0], crop) * sum(pixels) / crop.numel()


def _flops_of_crop(encoder: nn.Module, crop: Tensor) -> float:
    if isinstance(encoder, Encoder):
        return count_flops(_InTorch(encoder), crop)
    return count_flops(encoder, crop, torch.zeros(1))


class _InTorch(nn.Module):
    """The encoder in torch, whose operations can be counted; OpenVINO runs the same ones."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, images: Tensor) -> Tensor:
        return self.encoder.blocks_in_torch(images)
