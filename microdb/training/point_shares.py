"""How micrographs of one class are counted on their saliency maps by fits without their specimens."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def known_shares(metrics: Mapping[str, Any], outcomes: Sequence[str]) -> list[NDArray[np.float64]]:
    """For each class, all outcomes but the last one, the shares of the outcomes in m held-out micrographs, (m, o).

    Empty where the training measured none: older versions, the recipe "paper", and too few specimens.
    """
    by_class: Mapping[str, list[Mapping[str, float]]] = metrics.get("point_shares") or {}
    if not any(by_class.values()):
        return []
    return [
        np.array([[row.get(name, 0.0) for name in outcomes] for row in by_class.get(of_class, [])]).reshape(
            -1, len(outcomes)
        )
        for of_class in outcomes[:-1]
    ]
