"""How often the periodic tasks run, whatever happens to the clock."""

from datetime import datetime, timedelta
from typing import Any

from celery.schedules import schedstate, schedule

CLOCK_JUMP = timedelta(seconds=60)


class Every(schedule):  # type: ignore[misc] # Celery has no types
    """Every so many seconds. Celery's own schedule pauses for an hour where somebody sets the clock back by an hour."""

    def is_due(self, last_run_at: datetime) -> Any:
        if self.maybe_make_aware(last_run_at) > self.now() + CLOCK_JUMP:
            return schedstate(is_due=True, next=self.seconds)
        return super().is_due(last_run_at)
