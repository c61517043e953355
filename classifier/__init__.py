"""Recognise microstructures from about a hundred micrographs: a triplet network and a mixture of Gaussians.

Larmuseau et al., Race against the Machine, Scripta Materialia 193 (2020). Usable alone: `python -m classifier`.
This is the public interface. Each name is imported on first use (PEP 562), so that names which need no torch do not
import it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from classifier.config import Config
    from classifier.config.meanings import setting_meanings
    from classifier.errors import Cancelled, ClassifierError
    from classifier.estimator import Classifier
    from classifier.evaluation.cross_validation import Evaluation, evaluate
    from classifier.evaluation.fast_curve import FastCurve, fast_curve
    from classifier.progress import Progress
    from classifier.quality.controls import scale_only_predictions
    from classifier.samples import HIGHEST_SCALE, LOWEST_SCALE, NONE_OF_THESE, Rectangle, Sample, Verdict
    from classifier.synthetic import DRAWN_CLASSES, SCALE_RANGES, draw_micrograph, draw_other

__all__ = [
    "DRAWN_CLASSES",
    "HIGHEST_SCALE",
    "LOWEST_SCALE",
    "NONE_OF_THESE",
    "SCALE_RANGES",
    "Cancelled",
    "Classifier",
    "ClassifierError",
    "Config",
    "Evaluation",
    "FastCurve",
    "Progress",
    "Rectangle",
    "Sample",
    "Verdict",
    "draw_micrograph",
    "draw_other",
    "evaluate",
    "fast_curve",
    "scale_only_predictions",
    "setting_meanings",
]

_MODULES = {
    "Cancelled": "errors",
    "Classifier": "estimator",
    "ClassifierError": "errors",
    "Config": "config",
    "DRAWN_CLASSES": "synthetic",
    "Evaluation": "evaluation.cross_validation",
    "FastCurve": "evaluation.fast_curve",
    "HIGHEST_SCALE": "samples",
    "LOWEST_SCALE": "samples",
    "NONE_OF_THESE": "samples",
    "Progress": "progress",
    "Rectangle": "samples",
    "SCALE_RANGES": "synthetic",
    "Sample": "samples",
    "Verdict": "samples",
    "draw_micrograph": "synthetic",
    "draw_other": "synthetic",
    "evaluate": "evaluation.cross_validation",
    "fast_curve": "evaluation.fast_curve",
    "scale_only_predictions": "quality.controls",
    "setting_meanings": "config.meanings",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
