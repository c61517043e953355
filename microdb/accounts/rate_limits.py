"""Limits on how often the API is asked: per token, per signed-in person, and per address for everybody else.

A sliding window of a minute, from two counters in the cache that are increased atomically: the requests of this minute,
and those of the minute before, weighted by how much of it lies within the last 60 seconds. Every answer tells how much
is left, in the headers of draft-ietf-httpapi-ratelimit-headers.
"""

import logging
import math
from dataclasses import dataclass
from time import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from microdb.accounts.models import ApiToken

logger = logging.getLogger(__name__)

WINDOW = 60
"""Seconds."""


@dataclass(frozen=True)
class Standing:
    """What one caller has left after a request."""

    policy: str
    limit: int
    left: int
    wait: float
    """Seconds until the next request is taken; 0 if this one was."""
    resets_in: int
    """Seconds until the window's counter starts anew."""

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.limit};w={WINDOW}',
            "RateLimit": f'"{self.policy}";r={self.left};t={self.resets_in}',
        }


def count_request(policy: str, caller: str, limit: int) -> Standing:
    """Count a request of the caller. One that is refused does not count against later ones."""
    window, elapsed = divmod(time(), WINDOW)
    name = f"rate:{policy}:{caller}:"
    current = name + str(int(window))
    cache.add(current, 0, timeout=2 * WINDOW)
    count = _changed(current, 1, otherwise=1)
    before = cache.get(name + str(int(window) - 1), 0)
    used = before * (1 - elapsed / WINDOW) + count
    wait = 0.0
    if used > limit:
        count = _changed(current, -1, otherwise=count - 1)
        wait = _wait(before, count, limit, elapsed)
    return Standing(policy, limit, max(0, math.floor(limit - used)), wait, math.ceil(WINDOW - elapsed))


def _changed(counter: str, by: int, *, otherwise: int) -> int:
    """The new value of a counter; ``otherwise`` where the cache has dropped it, as a full cache may at any time."""
    try:
        return cache.incr(counter, by)
    except ValueError:
        return otherwise


def _wait(before: int, count: int, limit: int, elapsed: float) -> float:
    """Seconds until one more request fits."""
    if count < limit:
        return WINDOW * (1 - (limit - 1 - count) / before) - elapsed
    return WINDOW - elapsed + WINDOW * (1 - (limit - 1) / count)


class RateLimit(BaseThrottle):
    """The throttle of every API view."""

    standing: Standing | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        policy, caller, limit = self._caller(request)
        if not limit:
            return True
        try:
            self.standing = count_request(policy, caller, limit)
        except RedisError as error:  # work goes on without limits
            logger.warning("Requests are not counted: %s", error)
            return True
        view.headers.update(self.standing.headers)
        return self.standing.wait == 0

    def wait(self) -> int | None:
        return math.ceil(self.standing.wait) if self.standing else None

    def _caller(self, request: Request) -> tuple[str, str, int]:
        if isinstance(request.auth, ApiToken):
            return "token", str(request.auth.pk), settings.API_RATE_PER_TOKEN
        if request.user and request.user.is_authenticated:
            return "person", str(request.user.pk), settings.API_RATE_PER_TOKEN
        return "address", str(self.get_ident(request)), settings.API_RATE_PER_ADDRESS
