"""Requests of the web processes, by route.

gunicorn's processes each keep their own numbers in files under ``PROMETHEUS_MULTIPROC_DIR``; a scrape adds them up.
"""

from django.conf import settings
from prometheus_client import Counter, Histogram

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
BUCKETS = (0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 120)

REQUESTS = Counter(
    "microdb_http_requests", "Requests answered, by method, route and status.", ["method", "route", "status"]
)
SECONDS = Histogram(
    "microdb_http_request_seconds",
    "Time until the answer began, by method and route.",
    ["method", "route"],
    buckets=BUCKETS,
)


def count(*, method: str, route: str, status: int, seconds: float) -> None:
    """Count a request, where metrics are on."""
    if not settings.METRICS_TOKEN:
        return
    method = method if method in METHODS else "other"  # a client's own words would make a series each
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(method, route).observe(seconds)
