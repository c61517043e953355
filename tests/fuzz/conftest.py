"""In `make test` the examples are the same each time, and few."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "quick", derandomize=True, max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
settings.load_profile("quick")
