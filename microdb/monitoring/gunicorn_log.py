"""gunicorn's own lines, in the format of all others."""

from typing import Any

from gunicorn.glogging import Logger


class RootLogger(Logger):  # type: ignore[misc] # gunicorn has no types
    """Leaves the writing to the root logger, which the settings configure."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
