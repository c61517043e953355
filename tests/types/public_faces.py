"""The types of the public faces, as their users see them. mypy checks this file in `make lint`; nothing runs it.

A `type: ignore` marks a call that mypy must refuse: where the face no longer does, the unused ignore is an error.
"""

from pathlib import Path
from typing import assert_type

import numpy as np
from numpy.typing import NDArray

from classifier import (
    Classifier,
    Config,
    Evaluation,
    Progress,
    Rectangle,
    Sample,
    Verdict,
    draw_micrograph,
    evaluate,
    scale_only_predictions,
)
from microdb.jobs import Job
from microdb.scoring.models import Score
from microdb.statistics.intervals import Interval, wilson_interval
from microdb.training.bridge.scoring import Scored, score
from microdb.training.bridge.training import Trained, train
from microdb.training.models import ModelVersion


def classifier_face(image: NDArray[np.uint8], folder: Path) -> None:
    sample = Sample(image, "pearlite", 4.2, specimen="A-1")
    trained = Classifier(Config(), seed=1).fit([sample], callback=lambda progress: progress.fraction < 1)
    assert_type(trained, Classifier)
    assert_type(Classifier.load(folder), Classifier)
    verdict = trained.score(image, 4.2, masked=[Rectangle(0, 0, 9, 9)], exact=True)
    assert_type(verdict, Verdict)
    assert_type(verdict.probabilities, dict[str, float])
    assert_type(verdict.saliency, NDArray[np.float32] | None)
    assert_type(evaluate([sample], folds=5), Evaluation)
    assert_type(Progress("fit", 0.5, "").loss, float | None)
    assert_type(scale_only_predictions(["pearlite"], [4.2], [1.0]), list[str])
    assert_type(draw_micrograph("pearlite", pixels_per_micrometre=4.2, seed=0), NDArray[np.uint8])


def classifier_refusals(trained: Classifier, image: NDArray[np.uint8]) -> None:
    trained.score(image)  # type: ignore[call-arg]  # the scale must be given, None where there is none
    trained.score(image, "4.2 px/um")  # type: ignore[arg-type]
    trained.fit([image])  # type: ignore[list-item]
    trained.score(image, 4.2, masked=[(0, 0, 9, 9)])  # type: ignore[list-item]
    Sample(image, "pearlite")  # type: ignore[call-arg]


def jobs_face(pk: int) -> None:
    assert_type(ModelVersion.objects.claim(pk), ModelVersion | None)
    assert_type(ModelVersion.objects.cancel(), int)
    version = ModelVersion.objects.get(pk=pk)
    assert_type(version.heartbeat(0.5, "half"), bool)
    assert_type(version.finish(), bool)
    assert_type(Job.State.QUEUED.value, str)
    version.heartbeat("half")  # type: ignore[arg-type]


def bridge_face(version: ModelVersion, row: Score) -> None:
    assert_type(train(version, version.heartbeat), Trained)
    assert_type(score(row, row.heartbeat), Scored)
    train(version.pk, version.heartbeat)  # type: ignore[arg-type]  # rows, not keys
    score(version, version.heartbeat)  # type: ignore[arg-type]


def statistics_face() -> None:
    assert_type(wilson_interval(9, 10), Interval)
    wilson_interval(0.9, 1)  # type: ignore[arg-type]  # counts, not a share
