"""This program, in the ways that it can be asked."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch.nn.modules.module import register_module_forward_pre_hook

from classifier.benchmark.roofline import count
from classifier.benchmark.ways import Answer, Way
from classifier.config import Config
from classifier.estimator import Classifier
from classifier.pretrained.encoder import Encoder
from classifier.pretrained.network import PretrainedNetwork
from classifier.progress import Callback
from classifier.recipes import build_network
from classifier.samples import Sample


class Ours(Way):
    """A recipe of this program; `exact` averages every random crop."""

    def __init__(self, title: str, config: Config, seed: int, exact: bool = False) -> None:
        self.title, self._config, self._seed, self._exact = title, config, seed, exact

    def fit(self, samples: Sequence[Sample], callback: Callback) -> None:
        config = replace(self._config, scale_free=any(sample.pixels_per_micrometre is None for sample in samples))
        self._classifier = Classifier(config, self._seed, "cpu").fit(samples, callback)

    def answer(self, sample: Sample) -> Answer:
        verdict = self._classifier.score(
            sample.pixels(), sample.pixels_per_micrometre, seed=self._seed, exact=self._exact
        )
        among = max(verdict.probabilities, key=verdict.probabilities.__getitem__)
        return Answer(verdict.predicted, among, verdict.crops)

    def remark(self) -> str:
        metrics = self._classifier.metrics_
        share, count = metrics.get("accuracy_without_none_of_these"), metrics["held_out"]
        return f"; of {count} micrographs that it held out itself it recognised {share:.0%}" if count else ""

    def flops(self, sample: Sample) -> float:
        """Of every crop; or, where windows share a look, of the pixels that the encoder was shown, those of the crops
        that settle a doubt among them."""
        config = self._config
        network = build_network(config, torch.device("cpu")).eval()
        crop = torch.zeros(1, 1, config.crops.size, config.crops.size)
        if not isinstance(network, PretrainedNetwork):
            crops = self.answer(sample).crops
            return crops * count(network, crop, torch.zeros(1))
        per_crop = count(_InTorch(network.encoder), crop)
        if self._exact:
            return config.scoring.crops_per_image * per_crop
        return per_crop * self._pixels_shown(sample) / config.crops.size**2

    def _pixels_shown(self, sample: Sample) -> int:
        """How many the encoder sees while it answers once more."""
        shown = []

        def note(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
            if isinstance(module, Encoder):
                shown.append(inputs[0].numel())

        with register_module_forward_pre_hook(note):
            self.answer(sample)
        return sum(shown)


class _InTorch(torch.nn.Module):
    """The encoder as torch runs it, which can be counted; OpenVINO runs the same operations."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.encoder.blocks_in_torch(images)
