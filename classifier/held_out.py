"""What micrographs of held-out specimens say about a recogniser that never saw them."""

from collections.abc import Mapping, Sequence
from typing import Any

from classifier.measures import calibration, summary
from classifier.mixture import Floats
from classifier.samples import NONE_OF_THESE


def held_out_metrics(
    classes: Sequence[str], actual: Sequence[str], probabilities: Floats, controls: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Accuracy of the averages (n, k + 1) beside what each control, a list of n answers, reaches; JSON-able."""
    outcomes = [*classes, NONE_OF_THESE]
    predicted = [outcomes[index] for index in probabilities.argmax(1)]
    forced = [outcomes[index] for index in probabilities[:, :-1].argmax(1)]
    right = [truth == answer for truth, answer in zip(actual, predicted, strict=True)]
    return {
        "held_out": len(actual),
        **summary(actual, predicted, classes),
        "accuracy_without_none_of_these": summary(actual, forced, classes)["accuracy"],
        **{name: summary(actual, answers, classes)["accuracy"] for name, answers in controls.items()},
        "calibration": calibration(probabilities.max(1).tolist(), right),
    }
