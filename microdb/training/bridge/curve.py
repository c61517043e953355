"""Measuring the learning curve of a version on its frozen dataset version."""

from typing import Any

from classifier import Cancelled, ClassifierError, fast_curve
from microdb.errors import MicroDBError
from microdb.jobs import JobCancelled
from microdb.training.bridge.heartbeats import Heartbeat, Pulse
from microdb.training.bridge.settings import stored_config
from microdb.training.bridge.training import known_samples
from microdb.training.curve_report import curve_result
from microdb.training.models import ModelVersion


def measure_curve(version: ModelVersion, heartbeat: Heartbeat) -> dict[str, Any]:
    """The result to store. Raises MicroDBError for what a person can mend, JobCancelled on request."""
    _keys, samples = known_samples(version)
    try:
        curve = fast_curve(samples, stored_config(version.config), version.seed, Pulse(heartbeat).staged)
    except ClassifierError as error:
        raise MicroDBError(str(error), code="classifier") from error
    except Cancelled as error:
        raise JobCancelled from error
    return curve_result(
        curve.specimens,
        [(trial.micrographs, trial.right) for trial in curve.shares],
        {name: (curve.kept[name], curve.counts[name], trial.right) for name, trial in curve.halved.items()},
    )
