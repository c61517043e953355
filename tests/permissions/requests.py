"""Requests by each role into the planted world, each undone after its answer."""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from microdb.accounts.models import ApiToken
from microdb.accounts.services import create_api_token
from tests.micrographs.tus import VERSION, metadata
from tests.permissions.table import NO_SCOPE, ROLES, SIGN_IN, Row
from tests.permissions.world import World, png

PLACEHOLDER = re.compile(r"<(?:\w+:)?(?P<name>\w+)>")

Scopes = tuple[str, ...]
ALL: Scopes = tuple(ApiToken.Scope.values)
SCOPES: list[Scopes] = [ALL, *((scope,) for scope in ALL), *(tuple(set(ALL) - {scope}) for scope in ALL)]
"""Of the tokens: all, each alone, and all but each."""


def without(scope: str) -> Scopes:
    """All scopes but one."""
    return next(scopes for scopes in SCOPES if len(scopes) == len(ALL) - 1 and scope not in scopes)


@dataclass(frozen=True)
class Reply:
    """The status of an answer, and all that it tells: its body and the headers that name things."""

    status: int
    told: str


class Requests:
    """Sends the requests of the table."""

    def __init__(self, world: World) -> None:
        self.world = world
        # Made at once, because what is made during a test is rolled back after it.
        self._secrets = {(role, scopes): self._secret(role, scopes) for role in ROLES for scopes in SCOPES}
        self._sessions = {role: self._session(role) for role in ROLES}

    def address(self, route: str) -> str:
        """The route with the keys of planted rows. Raises KeyError where ``world.py`` plants none."""
        parts = ["", "", *route.split("/")]
        filled = [self._filled(*parts[number - 2 : number + 1]) for number in range(2, len(parts))]
        return "/".join(filled)

    def _filled(self, earlier: str, before: str, part: str) -> str:
        return PLACEHOLDER.sub(lambda found: self._value(earlier, before, found["name"]), part)

    def _value(self, earlier: str, before: str, name: str) -> str:
        """For a placeholder, by the two parts before it and its name, or else by one."""
        exact = f"{earlier}/{before}/{name}"
        return str(self.world.values[exact if exact in self.world.values else f"{before}/{name}"])

    def by(self, role: str, row: Row, route: str) -> Reply:
        """What ``role`` is answered, signed in with a browser, or where tokens are taken with one of every scope."""
        client = self._client(role)
        if row.scope not in (NO_SCOPE, SIGN_IN) and role != "anonymous":
            client = self._with_token(role, ALL)
        return self._send(client, row, route)

    def with_token(self, scopes: Scopes, row: Row, route: str) -> Reply:
        """What a token of the owner with only these scopes is answered."""
        return self._send(self._with_token("owner", scopes), row, route)

    def _send(self, client: Client, row: Row, route: str) -> Reply:
        with transaction.atomic():
            answer = getattr(client, row.method.lower())(self.address(route), **self._content(row, route))
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            transaction.set_rollback(True)
        headers = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
        return Reply(answer.status_code, f"{headers}\n{body.decode('utf-8', 'replace')}")

    def _content(self, row: Row, route: str) -> dict[str, Any]:
        if row.method == "GET":
            return {}
        if row.body == "file":
            return {"data": {"file": SimpleUploadedFile("new.png", png(77))}}
        if row.body == "part":
            about = {"Upload-Length": "10000", "Upload-Metadata": metadata(filename="a.png"), "Upload-Offset": "0"}
            content = b"a part" if row.method == "PATCH" else b""
            return {"data": content, "content_type": "application/offset+octet-stream", "headers": VERSION | about}
        if route.startswith("/api/") or row.method != "POST":
            return {"data": row.body, "content_type": "application/json"}
        return {"data": row.body}

    def _client(self, role: str) -> Client:
        client = Client()
        if session := self._sessions[role]:
            client.cookies[settings.SESSION_COOKIE_NAME] = session
        return client

    def _session(self, role: str) -> str:
        user = self.world.people[role]
        if user is None:
            return ""
        client = Client()
        client.force_login(user)
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    def _secret(self, role: str, scopes: Scopes) -> str:
        user = self.world.people[role]
        return create_api_token(user=user, scopes=scopes)[1] if user else ""

    def _with_token(self, role: str, scopes: Scopes) -> Client:
        return Client(headers={"authorization": f"Token {self._secrets[role, scopes]}"})
