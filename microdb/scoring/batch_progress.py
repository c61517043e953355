"""How fast a batch is scored."""

from datetime import timedelta

from microdb.scoring.models import LATELY


def verdicts_per_second(lately: int, running_for: timedelta) -> float | None:
    """From the number of verdicts of the last minute; None before any."""
    return lately / max(min(LATELY, running_for).total_seconds(), 1.0) if lately else None
