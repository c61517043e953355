"""The operating point: how many known micrographs the limit of none of these rejects, and how many others it finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifier.arrays import Floats, Index
from classifier.pretrained.evidence_fitter import EvidenceFitter
from classifier.pretrained.fold_heads import HeldOut
from classifier.pretrained.rejection import Rejection
from classifier.quality.metrics import rate

PREVIEW = (0.01, 0.02, 0.04, 0.06, 0.1, 0.15, 0.2)
"""Shares of known micrographs that may be rejected, whose consequences are reported."""
MOST_LEFT_OUT = 10
"""Classes that are left out in turn, at most, to bound the time."""
FALSE_SCALES = (2, 4, 10)
"""Factors by which a scale may be wrong."""


@dataclass(frozen=True)
class Measured:
    """The evidence on every kind of micrograph, by its name: known ones should lie below the limit, others above.

    `images`: the indices of the micrographs, by kind: of training micrographs for "degraded" and "left_out", class
    after class, and among `TrainingImages.others` for "labelled".
    """

    known: Floats
    degraded: Floats
    unknown: dict[str, Floats]
    left_out: dict[str, Floats]
    images: dict[str, Index]

    def above(self, limit: float) -> dict[str, Any]:
        """The rates of those above a limit."""
        return {
            "known": _above(self.known, limit),
            "degraded": _above(self.degraded, limit),
            "unknown": {name: _above(values, limit) for name, values in self.unknown.items()},
            "left_out": {name: _above(values, limit) for name, values in self.left_out.items()},
        }

    def margins(self, limit: float) -> dict[str, dict[int, float]]:
        """The evidence less the limit, by kind and index of the micrograph; above 0 it is called none of these."""
        nothing = np.zeros(0)
        evidence = {
            "degraded": self.degraded,
            "left_out": np.concatenate([nothing, *self.left_out.values()]),
            "labelled": self.unknown.get("labelled", nothing),
        }
        return {
            kind: dict(zip(self.images[kind].tolist(), (values - limit).tolist(), strict=True))
            for kind, values in evidence.items()
        }


def measure(held_out: HeldOut, fitter: EvidenceFitter, rejection: Rejection) -> Measured:
    """The evidence of held-out known micrographs, degraded ones, other materials, and classes left out in turn."""
    drawn = fitter.background.drawn[held_out.background_index]
    background = rejection.evidence(held_out.background)
    kinds = {"drawn": background[drawn], "labelled": background[~drawn]}
    labels, left_out, members = fitter.images.labels, {}, [np.zeros(0, np.int64)]
    commonest = np.argsort(-np.bincount(labels), kind="stable")[:MOST_LEFT_OUT]
    for label in sorted(commonest.tolist()):
        evidence = fitter.fit_new(np.flatnonzero(labels != label))
        members.append(np.flatnonzero(labels == label))
        parts = fitter.plain_parts(evidence, members[-1])
        left_out[fitter.images.classes[label]] = rejection.evidence(parts)
    return Measured(
        known=rejection.evidence(held_out.parts),
        degraded=rejection.evidence(held_out.degraded),
        unknown={name: values for name, values in kinds.items() if len(values)},
        left_out=left_out,
        images={
            "degraded": held_out.degraded_image,
            "left_out": np.concatenate(members),
            "labelled": fitter.background.labelled[held_out.background_index[~drawn] - fitter.background.drawn.sum()],
        },
    )


def operating_point(
    measured: Measured, rejection: Rejection, false_rejection: float, scale_offset: Floats, tolerance: float
) -> dict[str, Any]:
    """The rates at the chosen limit, at others, and those of the warning of a false scale; JSON-able."""
    preview = []
    for share in sorted({*PREVIEW, false_rejection}):
        limit = rejection.limit_for(share)
        rates = measured.above(limit)
        left_out = list(rates["left_out"].values())
        preview.append(
            {
                "false_rejection": share,
                "limit": limit,
                "known": rates["known"]["share"],
                "unknown": {name: one["share"] for name, one in rates["unknown"].items()},
                "left_out": _pooled(left_out)["share"],
            }
        )
    return {
        "false_rejection": false_rejection,
        **measured.above(rejection.limit),
        "false_scale": {
            "false_alarms": _above(np.abs(scale_offset), tolerance),
            **{str(factor): _found(scale_offset, float(np.log2(factor)), tolerance) for factor in FALSE_SCALES},
        },
        "preview": preview,
    }


def _found(offset: Floats, octaves: float, tolerance: float) -> dict[str, Any]:
    """The rate of warnings if every scale were too high, or too low, by this many doublings."""
    return _above(np.abs(np.concatenate((offset + octaves, offset - octaves))), tolerance)


def _above(values: Floats, limit: float) -> dict[str, Any]:
    return rate(int((values > limit).sum()), len(values))


def _pooled(rates: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return rate(sum(one["hits"] for one in rates), sum(one["count"] for one in rates))
