"""The ids of work, and places in the list of it, from which a page goes on."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from microdb.activity.work import Kind, Work
from microdb.errors import MicroDBError


def parse_id(given: str) -> tuple[Kind, Any]:
    """Raises MicroDBError for what is no id."""
    kind, _dash, key = given.partition("-")
    try:
        return Kind(kind), UUID(key) if kind == Kind.BATCH else _number(key)
    except ValueError as error:
        raise MicroDBError(_("“%s” is no id of a job.") % given[:60], code="bad_id") from error


def _number(key: str) -> int:
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        raise ValueError(key)
    return int(key)


@dataclass(frozen=True)
class Place:
    """A place in the list: newest first, then by kind, then by key."""

    created_at: datetime
    kind: Kind
    key: Any

    @classmethod
    def of(cls, work: Work) -> "Place":
        return cls(work.created_at, work.kind, work.key)

    @classmethod
    def read(cls, cursor: str) -> "Place":
        """Raises MicroDBError for a cursor that no page gave."""
        try:
            moment, _space, given = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
            kind, key = parse_id(given)
            return cls(datetime.fromisoformat(moment), kind, key)
        except (ValueError, TypeError, binascii.Error, MicroDBError) as error:
            raise MicroDBError(
                _("“%s” is no cursor of this list: take the address in `next`.") % cursor[:60], code="bad_cursor"
            ) from error

    @property
    def cursor(self) -> str:
        given = f"{self.created_at.isoformat()} {self.kind}-{self.key}"
        return base64.urlsafe_b64encode(given.encode()).decode()

    def rows_behind(self, kind: Kind) -> Q:
        """The rows of a kind that come behind this place."""
        if kind == self.kind:
            tied = Q(created_at=self.created_at, pk__lt=self.key)
        else:
            tied = Q(created_at=self.created_at) if kind > self.kind else Q(pk__in=[])
        return Q(created_at__lt=self.created_at) | tied

    def is_before(self, work: Work) -> bool:
        if work.created_at != self.created_at:
            return work.created_at < self.created_at
        return work.key < self.key if work.kind == self.kind else work.kind > self.kind
