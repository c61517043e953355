"""Each request of ``routes.md`` by each role: the status of the table, and no word that is not for that role.

A route without a row fails, and prints the rows that it would need. See CONTRIBUTING.md.
"""

import pytest

from tests.permissions.contents import OF_MEMBERS, OF_ORGANISERS, OF_OTHERS, PRIVATE, READER
from tests.permissions.requests import ALL, Reply, Requests, without
from tests.permissions.table import (
    ANY_TOKEN,
    METHODS,
    NO_SCOPE,
    NO_TOKEN_NEEDED,
    ROLES,
    SIGN_IN,
    Row,
    line_of,
    routes,
    rows,
    rows_of,
)
from tests.permissions.world import MEMBERS

pytestmark = pytest.mark.django_db
CASES = [(route, row) for route in routes() for row in rows_of(route)]
REQUESTS = [pytest.param(route, row, id=f"{route} {row}") for route, row in CASES]
OF_SCOPES = [case for case, (_route, row) in zip(REQUESTS, CASES, strict=True) if row.scope in ALL]
OF_ANY_TOKEN, OF_PEOPLE, PAGES = (
    [case for case, (_route, row) in zip(REQUESTS, CASES, strict=True) if row.scope == scope]
    for scope in (ANY_TOKEN, SIGN_IN, NO_SCOPE)
)
OWN_ROUTES = [route for route in routes() if not route.startswith(("/admin/", "/accounts/"))]
"""All but those of Django and allauth, whose pages ignore unknown methods."""
SITE_LOG = {"/log/", "/log.csv", "/log.jsonl", "/api/v1/log/"}
"""Staff read there what was done in all datasets."""


@pytest.mark.parametrize("route", routes())
def test_every_route_has_a_row(requests: Requests, route: str) -> None:
    if not rows_of(route):
        lines = "\n".join(suggested(requests, route))
        pytest.fail(f"Check these answers, and put the rows into routes.md:\n{lines}")


def test_every_row_has_a_route() -> None:
    used = {row for _route, row in CASES}
    assert [str(row) for row in rows() if row not in used] == []


@pytest.mark.parametrize(("route", "row"), REQUESTS)
def test_each_role_is_answered_as_the_table_says_and_told_nothing_else(
    requests: Requests, route: str, row: Row
) -> None:
    replies = {role: requests.by(role, row, route) for role in ROLES}
    answered = tuple(reply.status for reply in replies.values())
    assert answered == row.statuses, line_of(Row(route, row.method, row.sends, answered, row.scope))
    assert {role: what for role, reply in replies.items() if (what := told(requests, route, role, reply))} == {}


@pytest.mark.parametrize("route", OWN_ROUTES)
def test_a_method_without_a_row_is_refused_or_answered_like_get(requests: Requests, route: str) -> None:
    known = {row.method: row for row in rows_of(route)}
    owner = ROLES.index("owner")
    for method in [method for method in METHODS if known and method not in known]:
        row = Row(route, method, "", (), next(iter(known.values())).scope)
        status = requests.by("owner", row, route).status
        ignored = "GET" in known and status == known["GET"].statuses[owner]
        assert status == 405 or ignored, line_of(row)


@pytest.mark.parametrize(("route", "row"), OF_SCOPES)
def test_a_token_needs_the_scope_of_the_table_and_no_other(requests: Requests, route: str, row: Row) -> None:
    assert requests.with_token((row.scope,), row, route).status == row.statuses[ROLES.index("owner")]
    assert requests.with_token(without(row.scope), row, route).status == 403


@pytest.mark.parametrize("scope", ALL)
@pytest.mark.parametrize(("route", "row"), OF_ANY_TOKEN)
def test_every_token_may_do_what_needs_no_scope(requests: Requests, route: str, row: Row, scope: str) -> None:
    assert requests.with_token((scope,), row, route).status == row.statuses[ROLES.index("owner")]


@pytest.mark.parametrize(("route", "row"), OF_PEOPLE)
def test_a_token_can_not_do_what_needs_a_person(requests: Requests, route: str, row: Row) -> None:
    assert requests.with_token(ALL, row, route).status in (403, 404)


def test_every_scope_in_the_table_is_known() -> None:
    assert {row.scope for row in rows()} == {*ALL, ANY_TOKEN, NO_TOKEN_NEEDED, SIGN_IN, NO_SCOPE}


@pytest.mark.parametrize(("route", "row"), PAGES)
def test_a_token_opens_no_page(requests: Requests, route: str, row: Row) -> None:
    assert requests.with_token(ALL, row, route).status == row.statuses[ROLES.index("anonymous")]


def told(requests: Requests, route: str, role: str, reply: Reply) -> list[str]:
    """What an answer tells that is not for this role."""
    forbidden = {"a question of an open quiz": OF_ORGANISERS} if role != "owner" else {}
    if role != "superuser" and not (role == "staff" and route in SITE_LOG):
        forbidden |= {"another dataset": OF_OTHERS, "an e-mail address": PRIVATE}
        if role not in MEMBERS:
            forbidden["a dataset of others"] = OF_MEMBERS
    text = reply.told
    if "<uuid:key>" in route:  # whoever has the key of a ballot is its reader
        text = text.replace(READER, "")
    else:
        forbidden |= requests.world.secrets
    return [name for name, word in forbidden.items() if word in text]


def suggested(requests: Requests, route: str) -> list[str]:
    """The rows of a route with the answers of today; of the API the scope has to be corrected."""
    api = route.startswith("/api/")
    lines = []
    for method in METHODS if api else METHODS[:2]:
        scope = {"GET": "read", "DELETE": "curate"}.get(method, "upload") if api else NO_SCOPE
        row = Row(route, method, "", (), scope)
        statuses = tuple(requests.by(role, row, route).status for role in ROLES)
        if not (set(statuses) <= {302, 401, 405} and 405 in statuses):  # else no method of this route
            lines.append(line_of(Row(route, method, "", statuses, scope)))
    return lines
