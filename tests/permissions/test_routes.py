"""Each request of ``routes.md`` by each role: the status of the table, and no word that is not for that role.

A route without a row fails, and prints the rows that it would need. See CONTRIBUTING.md.
"""

import pytest

from tests.permissions.requests import Reply, Requests
from tests.permissions.table import METHODS, NO_SCOPE, ROLES, Row, line_of, routes, rows, rows_of
from tests.permissions.world import MEMBERS, OF_MEMBERS, OF_ORGANISERS, OF_OTHERS, PRIVATE

pytestmark = pytest.mark.django_db
CASES = [(route, row) for route in routes() for row in rows_of(route)]
REQUESTS = [pytest.param(route, row, id=f"{route} {row}") for route, row in CASES]
OF_SCOPES = [case for case, (_route, row) in zip(REQUESTS, CASES, strict=True) if row.scope not in (NO_SCOPE, "any")]
OWN_SECRETS = ("<uuid:key>",)
"""A reader of a quiz holds the key of the ballot that stands in these addresses."""


@pytest.mark.parametrize("route", routes())
def test_every_route_has_a_row(requests: Requests, route: str) -> None:
    if rows_of(route):
        return
    pytest.fail("Check these answers, and put the rows into routes.md:\n" + "\n".join(suggested(requests, route)))


@pytest.mark.parametrize("row", rows(), ids=str)
def test_every_row_has_a_route(row: Row) -> None:
    assert any(row in rows_of(route) for route in routes())


@pytest.mark.parametrize(("route", "row"), REQUESTS)
def test_each_role_is_answered_as_the_table_says_and_told_nothing_else(
    requests: Requests, route: str, row: Row
) -> None:
    replies = {role: requests.by(role, row, route) for role in ROLES}
    answered = tuple(reply.status for reply in replies.values())
    assert answered == row.statuses, line_of(Row(row.route, row.method, row.sends, answered, row.scope))
    for role, reply in replies.items():
        assert not told(requests, route, role, reply), (role, reply.told)


@pytest.mark.parametrize("route", routes())
def test_a_method_without_a_row_is_refused_or_answered_like_get(requests: Requests, route: str) -> None:
    if route.startswith("/admin/"):  # Django's own views
        return
    known = {row.method: row for row in rows_of(route)}
    scope = next(iter(known.values())).scope
    for method in set(METHODS) - set(known):
        role = "owner"
        status = requests.by(role, Row(route, method, "", (), scope), route).status
        ignored = "GET" in known and status == known["GET"].statuses[ROLES.index(role)]
        assert status == 405 or ignored, (method, status)


@pytest.mark.parametrize(
    ("route", "row"),
    [case for case in REQUESTS if case.values[1].scope not in (NO_SCOPE, "any")],  # type: ignore[union-attr]
)
def test_a_token_needs_the_scope_of_the_table_and_no_other(requests: Requests, route: str, row: Row) -> None:
    scopes = {"read", "upload", "train", "score", "quiz"}
    allowed = row.statuses[ROLES.index("owner")]
    assert requests.with_scopes("owner", [row.scope], row, route).status == allowed
    assert requests.with_scopes("owner", sorted(scopes - {row.scope}), row, route).status in (403, 405)


@pytest.mark.parametrize(
    "route",
    [route for route in routes() if any((row.method, row.scope) == ("GET", NO_SCOPE) for row in rows_of(route))],
)
def test_a_token_opens_no_page(requests: Requests, route: str) -> None:
    row = next(row for row in rows_of(route) if row.method == "GET")
    status = requests.with_scopes("owner", ["read", "upload", "train", "score", "quiz"], row, route).status
    assert status == row.statuses[ROLES.index("anonymous")]


def told(requests: Requests, route: str, role: str, reply: Reply) -> list[str]:
    """The words in an answer that are not for this role."""
    forbidden = {"a file or specimen of an open quiz": OF_ORGANISERS} if role != "owner" else {}
    if role != "superuser":
        forbidden |= {"another dataset": OF_OTHERS, "an e-mail address": PRIVATE}
        if role not in MEMBERS:
            forbidden["a dataset of others"] = OF_MEMBERS
    if not any(part in route for part in OWN_SECRETS):
        forbidden |= requests.world.secrets
    return [name for name, word in forbidden.items() if word in reply.told]


def suggested(requests: Requests, route: str) -> list[str]:
    """The rows of a route with the answers of today."""
    api = route.startswith("/api/")
    lines = []
    for method in METHODS if api else METHODS[:2]:
        scope = NO_SCOPE if not api else "read" if method == "GET" else "upload"
        row = Row(route, method, "", (), scope)
        statuses = tuple(requests.by(role, row, route).status for role in ROLES)
        if set(statuses) <= {401, 405}:
            continue
        lines.append(line_of(Row(route, method, "", statuses, scope)))
    return lines
