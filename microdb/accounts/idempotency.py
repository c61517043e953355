"""Requests that a client may safely repeat: a POST with an ``Idempotency-Key`` is carried out once.

The answer is stored under the key with fingerprints of what was sent. The same request again gets the stored answer;
another one with the same key is refused.
"""

import functools
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, TypeVar, cast

from django.db import connection
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.models import IdempotencyKey, User
from microdb.errors import MicroDBError
from microdb.hashing import file_sha256

LONGEST_KEY = 200
LONGEST_WAIT, WAITING_STEP = 10.0, 0.1
"""Seconds to wait for the same request, if it is being carried out at this moment."""

PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Any text of your own. The same request again is answered as the first one was, with status 200, and "
    "does nothing, for seven days. The same key with another body is refused: 409, or 422 if only the files differ.",
)

Handler = TypeVar("Handler", bound=Callable[..., Response])


@dataclass(frozen=True)
class Fingerprint:
    """What identifies a request: its path, its fields and its files."""

    path: str
    fields_sha256: str
    files_sha256: str


def idempotent(handler: Handler) -> Handler:
    """Decorate a handler of POST requests, so that it takes an ``Idempotency-Key``.

    A view whose requests say something in headers too names them in ``meaningful_headers``.

    A handler whose work can't be repeated returns ``remembered(...)`` in the transaction that does it. Then a process
    that is killed has either done and remembered the work, or neither.
    """

    @functools.wraps(handler)
    def post(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = _key(request)
        if not key:
            return handler(view, request, *args, **kwargs)
        fingerprint = _fingerprint(
            request, getattr(view, "meaningful_headers", ())
        )  # now, since a handler may close the files that it reads
        request.fingerprint = fingerprint  # type: ignore[attr-defined] # for remembered()
        with _locked(f"{request.user.pk} {key}"):
            if (answer := _answer(request, key, fingerprint)) is not None:
                return Response(answer)
            response = handler(view, request, *args, **kwargs)
            return response if _find(request, key) else remembered(request, response)

    return extend_schema(parameters=[PARAMETER])(post)  # type: ignore[return-value] # keeps the signature


def remembered(request: Request, response: Response) -> Response:
    """The response, which is stored under the request's key if it has one."""
    if key := _key(request):
        answer = json.loads(JSONRenderer().render(response.data))
        fingerprint: Fingerprint = request.fingerprint  # type: ignore[attr-defined] # set by idempotent()
        IdempotencyKey.objects.create(user=_user(request), key=key, answer=answer, **asdict(fingerprint))
    return response


def _user(request: Request) -> User:
    return cast(User, request.user)  # the default permission has made sure of it


def _key(request: Request) -> str:
    """The request's key, empty if it has none. Raises MicroDBError for one that is too long."""
    key = str(request.headers.get("Idempotency-Key", "")).strip()
    if len(key) > LONGEST_KEY:
        raise MicroDBError(
            _("An Idempotency-Key has at most %(most)d characters; this one has %(given)d. Send a shorter one.")
            % {"most": LONGEST_KEY, "given": len(key)},
            code="bad_key",
        )
    return key


def _find(request: Request, key: str) -> IdempotencyKey | None:
    return IdempotencyKey.objects.filter(user=_user(request), key=key).first()


def _answer(request: Request, key: str, now: Fingerprint) -> Any:
    """What was answered to this request before; None for a new key. Raises MicroDBError if the requests differ."""
    before = _find(request, key)
    if before is None:
        return None
    if (before.path, before.fields_sha256) != (now.path, now.fields_sha256):
        raise MicroDBError(
            _("This Idempotency-Key was sent before with another request. Send a new key, or the request as it was."),
            code="idempotency_key_reused",
        )
    if before.files_sha256 != now.files_sha256:
        raise MicroDBError(
            _("This Idempotency-Key was sent before with other files. Send a new key, or the files as they were."),
            code="idempotency_key_other_files",
        )
    return before.answer


def _fingerprint(request: Request, headers: Iterable[str]) -> Fingerprint:
    files = {name: request.FILES.getlist(name) for name in sorted(request.FILES)}
    contents = [(name, _given_name(file), file_sha256(file)) for name, sent in files.items() for file in sent]
    fields = _fields(request.data, files)
    if said := {name: request.headers.get(name) for name in headers}:
        fields = [fields, said]
    return Fingerprint(request.path, _json_sha256(fields), _json_sha256(contents))


def _fields(sent: Any, files: Mapping[str, Any]) -> Any:
    """What was sent beside files: all values of each field of a form, or the JSON as it is."""
    if not hasattr(sent, "getlist"):
        return sent
    return {name: sent.getlist(name) for name in sent if name not in files}


def _given_name(file: Any) -> str:
    """With its folders, where the parser kept them."""
    return str(getattr(file, "given_path", "") or file.name)


def _json_sha256(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


@contextmanager
def _locked(name: str) -> Iterator[None]:
    """Let one request at a time work under this name; a killed process gives its lock back.

    Raises MicroDBError if another one works longer than ``LONGEST_WAIT``.
    """
    end = time.monotonic() + LONGEST_WAIT
    while not _lock("SELECT pg_try_advisory_lock(hashtext('idempotency'), hashtext(%s))", name):
        if time.monotonic() >= end:
            raise MicroDBError(
                _("The first request with this Idempotency-Key is still being carried out. Ask again in a minute."),
                code="in_progress",
            )
        time.sleep(WAITING_STEP)
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            _lock("SELECT pg_advisory_unlock(hashtext('idempotency'), hashtext(%s))", name)


def _lock(statement: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [name])
        row = cursor.fetchone()
    return bool(row and row[0])
