"""How Postgres plans the queries of a request, and whether an index serves each."""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

LARGE = frozenset(
    (
        "micrographs_micrograph",
        "micrographs_acquisition",
        "micrographs_datasetversionentry",
        "scoring_score",
        "scoring_batchitem",
        "scoring_labelcheck",
        "training_outoffold",
    )
)
"""Tables with a million rows."""


def read_whole(sql: str) -> set[str]:
    """The large tables that a query reads from one end to the other, instead of through an index.

    Reading rows in any order until there are enough is no such reading.
    """
    if not sql.startswith("SELECT"):
        return set()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql.replace('%', '%%')}", [])
        (plan,) = cursor.fetchone()
    parsed = json.loads(plan) if isinstance(plan, str) else plan
    return {node["Relation Name"] for node in _nodes(parsed[0]["Plan"]) if _is_whole(node)}


def _is_whole(node: dict[str, Any]) -> bool:
    return node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes of a plan, but those that end as soon as a limit is reached."""
    yield plan
    for below in plan.get("Plans", ()):
        ends_early = plan["Node Type"] == "Limit" and below["Node Type"] == "Seq Scan"
        yield from () if ends_early else _nodes(below)
