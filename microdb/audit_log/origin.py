"""Who acts, and from where: found from the request, the task or the command that is running."""

import getpass
import ipaddress
import sys
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from microdb.audit_log.models import ActorKind
from microdb.log_context import current_request_id


@dataclass(frozen=True)
class Origin:
    """The columns of an entry that say who and from where."""

    actor_kind: ActorKind
    actor_name: str
    actor_id: int | None = None
    token: str = ""
    remote_addr: str | None = None
    cid: str = ""


@dataclass(frozen=True)
class _Request:
    """A request, whose user is looked up only when there is something to record."""

    request: HttpRequest

    def origin(self) -> Origin:
        # The API sets both attributes once it has read the token.
        user, token = getattr(self.request, "user", None), getattr(self.request, "auth", None)
        address = client_address(self.request)
        if user is None or not user.is_authenticated:
            return Origin(ActorKind.VISITOR, "", remote_addr=address, cid=current_request_id())
        beginning = str(getattr(token, "beginning", ""))
        return Origin(ActorKind.PERSON, user.get_username(), user.pk, beginning, address, current_request_id())


@dataclass(frozen=True)
class _Task:
    name: str
    task_id: str

    def origin(self) -> Origin:
        """With the id of the request that asked for the task; the task's own where beat did."""
        cid = current_request_id() or self.task_id
        return Origin(ActorKind.WORKER, self.name.removeprefix("microdb.")[:150], cid=cid)


_running: ContextVar[tuple[_Request | _Task, ...]] = ContextVar("running", default=())
"""What is being done, the innermost last."""


class AuditOrigin:
    """Middleware that remembers the request for what is recorded while it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = _running.set((_Request(request),))
        try:
            return self.get_response(request)
        finally:
            _running.reset(before)


def current_origin() -> Origin:
    """Of the request or task that is running; without either, of the command."""
    running = _running.get()
    return running[-1].origin() if running else _command()


def follow_tasks() -> None:
    """Let entries that a worker writes name its task."""
    task_prerun.connect(_task_begins, dispatch_uid="audit")
    task_postrun.connect(_task_ends, dispatch_uid="audit")


def client_address(request: HttpRequest) -> str | None:
    """The address that a request came from; None where it can't be known.

    Each trusted proxy appends the address that it saw to ``X-Forwarded-For``. Everything left of those was sent by the
    client, who can write anything there.
    """
    given = str(request.META.get("REMOTE_ADDR", ""))
    if proxies := settings.TRUSTED_PROXIES:
        seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        if seen:
            given = seen[-min(proxies, len(seen))]
    try:
        return str(ipaddress.ip_address(given))
    except ValueError:
        return None


def _task_begins(task_id: str = "", task: Any = None, **_: Any) -> None:
    _running.set((*_running.get(), _Task(str(getattr(task, "name", "")), task_id)))


def _task_ends(**_: Any) -> None:
    _running.set(_running.get()[:-1])


def _command() -> Origin:
    """The command with its subcommand, but without arguments, which may hold secrets; and who runs it."""
    words = [Path(sys.argv[0]).name, *sys.argv[1:2]] if Path(sys.argv[0]).name == "manage.py" else sys.argv[:1]
    name = " ".join(Path(word).name for word in words)
    with suppress(KeyError, OSError, ImportError):  # a container may run as a number without a name
        name = f"{name} ({getpass.getuser()})"
    return Origin(ActorKind.COMMAND, name[:150])
