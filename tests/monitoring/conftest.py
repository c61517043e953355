"""A scrape, and log lines as the handlers write them."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from microdb.heartbeats import KEY as HEARTBEATS
from microdb.heartbeats import redis
from microdb.log_context import AddFields
from microdb.monitoring.logs import JsonLines
from microdb.monitoring.metrics.job_counts import KEY as ENDED

TOKEN = "a token for the tests"
Samples = dict[tuple[str, ...], float]


@pytest.fixture
def metrics_on(settings) -> Iterator[None]:
    settings.METRICS_TOKEN = TOKEN
    redis().delete(HEARTBEATS, ENDED)
    yield
    redis().delete(HEARTBEATS, ENDED)


@pytest.fixture
def scrape(metrics_on: None, client: Client) -> Callable[[], Samples]:
    """``scrape()``: every sample, by its name followed by the values of its labels in the order of their names."""

    def read() -> Samples:
        response = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
        assert response.status_code == 200
        samples = [one for family in text_string_to_metric_families(response.text) for one in family.samples]
        return {(one.name, *(value for _name, value in sorted(one.labels.items()))): one.value for one in samples}

    return read


@pytest.fixture
def json_lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """``json_lines()``: what was logged since, as the JSON handler writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    handler.addFilter(AddFields())
    logging.getLogger().addHandler(handler)
    try:
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    finally:
        logging.getLogger().removeHandler(handler)
