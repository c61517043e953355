"""Errors that are nobody's mistake and pass: a full disk, and a database or a queue that does not answer."""

import errno
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError as QueueError
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSilent

POSTGRES_DISK_FULL = "53100"
FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Outage:
    """What is answered while it lasts."""

    status: int
    code: str
    sentence: Any
    retry_after: int
    """Seconds."""

    @property
    def body(self) -> dict[str, str]:
        return {"code": self.code, "message": str(self.sentence)}


DISK_FULL = Outage(
    507,
    "disk_full",
    _(
        "The server's disk is full, so not everything could be stored. Tell its administrator, and send the same again "
        "later: what is stored already is not stored twice."
    ),
    retry_after=300,
)
DATABASE_AWAY = Outage(
    503, "database_away", _("The database does not answer. Nothing was changed. Try again in a moment."), retry_after=10
)
QUEUE_AWAY = Outage(
    503,
    "queue_away",
    _(
        "The server that keeps the queue and counts attempts to sign in does not answer. Try the same again in a "
        "moment: what is stored already is not stored twice."
    ),
    retry_after=10,
)


def outage_of(error: BaseException) -> Outage | None:
    """The outage that the error shows, if it shows one."""
    if isinstance(error, OSError) and error.errno in FULL:
        return DISK_FULL
    if isinstance(error, OperationalError | InterfaceError):
        full = getattr(error.__cause__, "pgcode", None) == POSTGRES_DISK_FULL
        return DISK_FULL if full else DATABASE_AWAY
    if isinstance(error, QueueError | RedisAway | RedisSilent):
        return QUEUE_AWAY
    return None
