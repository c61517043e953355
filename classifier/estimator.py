"""Classifier: fit(samples) -> self, score(image, pixels_per_micrometre) -> Verdict."""

import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from classifier.arrays import Floats
from classifier.artifact import read_artifact, write_artifact
from classifier.config import Config
from classifier.crops.images import TrainingImages, prepare
from classifier.crops.pyramid import Pyramid
from classifier.errors import ClassifierError
from classifier.progress import Callback, Reporter
from classifier.provenance import code_version, device_name
from classifier.recipes import RECIPES
from classifier.samples import NONE_OF_THESE, Rectangle, Sample, Verdict, training_set
from classifier.scoring.averaging import Average
from classifier.scoring.descriptor_map import MapPoints, descriptor_map, map_points_of
from classifier.scoring.rules import Outcome, rule_of_arrays
from classifier.scoring.scorer import Scorer, Trained


class Classifier:
    """Recognises the classes it was fitted to, and none of these. See `Config` for the settings.

    Fitted attributes: `classes_`; `scale_range_`, the lowest and highest pixels per micrometre trained on; `metrics_`,
    JSON-able: the accuracy on held-out specimens with its Wilson interval, the balanced accuracy, the accuracy of the
    best constant answer and of the scale alone, the confusion, the threshold, counts per class, seconds;
    `out_of_fold_`, the probability of each outcome from a fit without the sample's specimen, by the index of the
    sample among those with a class (not kept in the artifact). `margins_` says what none of these was measured on: by
    kind, the evidence less its limit by the index of the sample; above 0 it is called none of these. The kinds are
    "degraded" and "left_out", copies of samples with a class and those whose class was left out, and "labelled", those
    labelled none-of-these, by their index among themselves. The recipe "paper" measures none of them.
    """

    classes_: tuple[str, ...]
    scale_range_: tuple[float, float]
    metrics_: dict[str, Any]
    out_of_fold_: dict[int, dict[str, float]]
    margins_: dict[str, dict[int, float]]

    def __init__(self, config: Config | None = None, seed: int = 0, device: str | None = None) -> None:
        """Nothing is computed yet. `device` is torch's name; without one, a graphics card where there is one."""
        self.config = config or Config()
        self.seed = seed
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self._scorer: Scorer | None = None

    def fit(
        self, samples: Sequence[Sample], callback: Callback | None = None, checkpoint: str | Path | None = None
    ) -> "Classifier":
        """Train on the labelled samples. Those labelled none-of-these are examples of other materials, which the recipe
        "pretrained" learns to reject; those without a label are left out.

        A training of minutes keeps its state in the folder `checkpoint`, if one is given. Called again with the same
        samples, settings and seed after it was stopped, it resumes and comes to the same result. Delete the folder once
        the result is safe.

        Raises ClassifierError for samples that cannot train, Cancelled when the callback returns False.
        """
        began, report = time.monotonic(), Reporter(callback)
        kept = training_set(samples)
        others = [sample for sample in samples if sample.label == NONE_OF_THESE]
        images = TrainingImages.of(kept, self.config, self.device, others)
        folder = None if checkpoint is None else Path(checkpoint)
        trained = RECIPES[self.config.recipe].fit(images, self.config, self.seed, report, folder)
        self.classes_, self.scale_range_ = images.classes, (min(images.scales), max(images.scales))
        self.metrics_ = {
            **trained.metrics,
            **_threshold_metrics(trained),
            "counts": dict(Counter(images.names)),
            "none_of_these": len(others),
            "left_out": len(samples) - len(kept) - len(others),
            "seconds": round(time.monotonic() - began, 1),
            "device": device_name(self.device),
            "code": code_version(),
        }
        self.margins_ = trained.margins
        outcomes = [*images.classes, NONE_OF_THESE]
        self.out_of_fold_ = {
            index: dict(zip(outcomes, probabilities.tolist(), strict=True))
            for index, probabilities in trained.out_of_fold.items()
        }
        self._scorer, self._points = trained.scorer, MapPoints.of(trained.crops)
        report("done", 1.0, f"trained on {len(kept)} micrographs")
        return self

    def score(
        self,
        image: NDArray[np.generic],
        pixels_per_micrometre: float | None,
        *,
        masked: Sequence[Rectangle] = (),
        seed: int = 0,
        crops: int | None = None,
        exact: bool = False,
        saliency: bool = False,
        callback: Callback | None = None,
    ) -> Verdict:
        """Recognise one micrograph by the average over its windows or random crops outside the masked rectangles.

        By default the recipe's fast pass (Scorer.average); `exact` averages `ScoringConfig.crops_per_image` random
        crops, `crops` exactly that many. Raises ClassifierError for a micrograph or scale that cannot be scored,
        Cancelled when the callback returns False.
        """
        scorer = self._trained()
        if crops is not None and crops < 1:
            raise ClassifierError(f"At least 1 crop is needed, but {crops} were asked for.")
        pyramid = prepare(Sample(image, None, pixels_per_micrometre, masked=masked), self.config, self.device)
        generator = torch.Generator().manual_seed(seed)
        average = scorer.average(pyramid, generator, Reporter(callback), crops=crops, exact=exact, lattice=saliency)
        return self._verdict(pyramid, average, pixels_per_micrometre, seed)

    def score_together(
        self,
        samples: Sequence[Sample],
        *,
        seeds: Sequence[int],
        saliency: bool = False,
        callback: Callback | None = None,
    ) -> list[Verdict | ClassifierError]:
        """The verdicts that `score` gives by default for each of the samples, whose labels do not matter.

        A graphics card encodes several micrographs at once. In the place of a micrograph or scale that cannot be scored
        is the error. Raises Cancelled when the callback returns False.
        """
        scorer = self._trained()
        pyramids, errors = self._prepared(samples)
        verdicts: dict[int, Verdict | ClassifierError] = {**errors}
        if pyramids:
            generators = [torch.Generator().manual_seed(seeds[index]) for index in pyramids]
            averages = scorer.fast_averages(list(pyramids.values()), generators, Reporter(callback), saliency)
            for (index, pyramid), average in zip(pyramids.items(), averages, strict=True):
                verdicts[index] = self._verdict(pyramid, average, samples[index].pixels_per_micrometre, seeds[index])
        return [verdicts[index] for index in range(len(samples))]

    def describe(self, samples: Sequence[Sample]) -> list[NDArray[np.float32] | ClassifierError]:
        """The descriptor (d,) of each of the samples, whose labels do not matter, as `Verdict.descriptor`.

        Takes less time than a verdict. In the place of a micrograph or scale that cannot be used is the error.
        """
        scorer = self._trained()
        pyramids, errors = self._prepared(samples)
        described = {
            index: descriptor.astype(np.float32)
            for index, descriptor in zip(pyramids, scorer.describe(list(pyramids.values())), strict=True)
        }
        return [described[index] if index in described else errors[index] for index in range(len(samples))]

    def _prepared(self, samples: Sequence[Sample]) -> tuple[dict[int, Pyramid], dict[int, ClassifierError]]:
        """The pyramids of the samples by their index, or else the errors."""
        pyramids: dict[int, Pyramid] = {}
        errors: dict[int, ClassifierError] = {}
        for index, sample in enumerate(samples):
            try:
                pyramids[index] = prepare(sample, self.config, self.device)
            except ClassifierError as error:
                errors[index] = error
        return pyramids, errors

    def _verdict(self, pyramid: Pyramid, average: Average, pixels_per_micrometre: float | None, seed: int) -> Verdict:
        outcome = self._trained().rule.micrograph(average.descriptors)
        shares = outcome.probabilities
        saliency = self._trained().saliency(average, pyramid)
        return Verdict(
            predicted=[*self.classes_, NONE_OF_THESE][int(shares.argmax())],
            probability=float(shares.max()),
            probabilities={name: float(value) for name, value in zip(self.classes_, shares[:-1], strict=True)},
            none_of_these=float(shares[-1]),
            crops=len(average.probabilities),
            seed=seed,
            outside_rank=outcome.outside_rank,
            warning="; ".join(filter(None, [*self._scale_warnings(pixels_per_micrometre, outcome), average.warning])),
            monte_carlo_error=average.error,
            saliency=saliency.cells if saliency else None,
            saliency_window=saliency.window if saliency else None,
            descriptors=self._project(average.descriptors).astype(np.float32),
            outside=average.probabilities.argmax(1) == len(self.classes_),
            descriptor=self._trained().descriptor(average).astype(np.float32),
        )

    def descriptor_map(self) -> dict[str, Any]:
        """The training crops' descriptors, the log-likelihood on a grid and the threshold: the paper's Fig. 2."""
        return descriptor_map(self._points, self._trained().rule.ensemble.members[0], self.classes_)

    def save(self, directory: str | Path) -> None:
        """Write the artifact: safetensors and JSON."""
        scorer = self._trained()
        tensors = {f"network.{name}": value for name, value in scorer.network.state_dict().items()}
        for name, array in {**scorer.rule.arrays(), **vars(self._points)}.items():
            tensors[f"state.{name}"] = torch.from_numpy(np.array(array))
        description = {
            "config": scorer.config.to_dict(),
            "seed": self.seed,
            "classes": list(self.classes_),
            "scale_range": list(self.scale_range_),
            "metrics": self.metrics_,
        }
        write_artifact(Path(directory), description, tensors)

    @classmethod
    def load(cls, directory: str | Path, device: str | None = None) -> "Classifier":
        """Read an artifact. Raises ClassifierError when it is missing, damaged, foreign or newer than this program."""
        body, tensors = read_artifact(Path(directory))
        _refuse_non_finite(tensors, Path(directory))
        try:
            loaded = cls(Config.from_dict(body["config"]), int(body["seed"]), device)
            loaded.classes_ = tuple(body["classes"])
            loaded.scale_range_ = (float(body["scale_range"][0]), float(body["scale_range"][1]))
            loaded.metrics_ = body["metrics"]
            state = {name[6:]: value.numpy() for name, value in tensors.items() if name.startswith("state.")}
            loaded._points = map_points_of(state)
            weights = {name[8:]: value for name, value in tensors.items() if name.startswith("network.")}
            rule = rule_of_arrays(state)
            if (
                len(rule.ensemble.members[0].means) != len(loaded.classes_)
                or not np.isfinite(loaded.scale_range_).all()
            ):
                raise ValueError("classes or scale range")
            loaded._scorer = RECIPES[loaded.config.recipe].scorer(loaded.config, weights, rule, loaded.device)
        except ClassifierError:  # a ValueError too, but its text is already for people
            raise
        except (KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
            raise ClassifierError(f"The model in {directory} is incomplete; copy it again or train again.") from error
        return loaded

    def _trained(self) -> Scorer:
        if self._scorer is None:
            raise ClassifierError("This classifier is not trained yet; call fit, or load a trained one.")
        return self._scorer

    def _project(self, descriptors: Floats) -> Floats:
        """The first member's descriptors as places on the map, (n, 2)."""
        return self._points.project(descriptors[:, : len(self._points.mean)])

    def _scale_warnings(self, pixels_per_micrometre: float | None, outcome: Outcome) -> list[str]:
        """A sentence if the scale is outside the trained range, where the method fails (the paper's Fig. 4), and one if
        the pixels suggest another scale."""
        if self.config.scale_free or pixels_per_micrometre is None:
            return []
        given, (low, high), warnings = pixels_per_micrometre, self.scale_range_, []
        if not low <= given <= high:
            factor = low / given if given < low else given / high
            warnings.append(
                f"scale {given:.3g} px/um lies outside the trained range {low:.3g} to {high:.3g}, by a factor of "
                f"{factor:.2g}"
            )
        if outcome.scale_offset:
            warnings.append(
                f"the pixels look as if taken at about {given * 2**outcome.scale_offset:.2g} px/um, not {given:.3g}; "
                "check the scale"
            )
        return warnings


def _refuse_non_finite(tensors: Mapping[str, torch.Tensor], directory: Path) -> None:
    """Raise ClassifierError for NaN and, in the network, infinity; a threshold may be infinite."""
    for name, value in tensors.items():
        if not bool((value.isfinite() if name.startswith("network.") else ~value.isnan()).all()):
            raise ClassifierError(
                f"The model in {directory} has values in {name} that are not finite; copy it again or train again."
            )


def _threshold_metrics(trained: Trained) -> dict[str, Any]:
    mixture = trained.scorer.rule.ensemble.members[0]
    below = mixture.log_likelihood(trained.crops.descriptors) < mixture.threshold
    return {
        "threshold": mixture.threshold if math.isfinite(mixture.threshold) else None,
        "training_crops_under_threshold": float(below.mean()),
    }
