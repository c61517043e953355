"""A page of the log: entries alike that follow one another are one line, such as the files of one upload."""

from dataclasses import dataclass, field
from typing import Any

from microdb.audit_log.masking import Mask
from microdb.audit_log.models import Entry, EntryQuerySet
from microdb.audit_log.sentences import actor_text, sentence
from microdb.audit_log.verbs import Verb

LINES = 50
MOST_ENTRIES = 1000
"""Read for one page, however much alike they are."""
JOINED = {
    Verb.MICROGRAPHS_ADDED,
    Verb.MICROGRAPHS_SENT,
    Verb.MICROGRAPHS_CHANGED,
    Verb.MICROGRAPHS_TAKEN,
    Verb.BLIND_ANSWERED,
    Verb.SCORE_REQUESTED,
    Verb.MASTER_DOWNLOADED,
}
"""What is done to one micrograph after the other."""


@dataclass
class Line:
    """One entry, or several alike with the latest first."""

    entries: list[Entry] = field(default_factory=list)

    @property
    def latest(self) -> Entry:
        return self.entries[0]

    @property
    def earliest(self) -> Entry:
        return self.entries[-1]

    @property
    def takes_minutes(self) -> bool:
        """Whether beginning and end are shown apart."""
        begin, end = (one.timestamp.replace(second=0, microsecond=0) for one in (self.earliest, self.latest))
        return begin < end

    @property
    def sentence(self) -> str:
        return sentence(self.latest, number=sum(entry.number for entry in self.entries))

    @property
    def actor(self) -> str:
        return actor_text(self.latest)

    @property
    def parts(self) -> list[tuple[Entry, str]]:
        """The entries with their own sentences, if there are several."""
        return [(entry, sentence(entry)) for entry in self.entries] if len(self.entries) > 1 else []


@dataclass(frozen=True)
class LogPage:
    """Lines, and the entry before which the next page begins; None on the last page."""

    lines: list[Line]
    last: Entry | None


def log_page(entries: EntryQuerySet, mask: Mask, before: Entry | None = None) -> LogPage:
    """The page after ``before``, by one query of at most ``MOST_ENTRIES`` rows, and one of what ``mask`` hides."""
    rows = entries.older_than(before) if before else entries
    lines: list[Line] = []
    found = [mask(entry) for entry in rows[: MOST_ENTRIES + 1]]
    last = None
    for entry in found[:MOST_ENTRIES]:
        if lines and _alike(lines[-1].latest, entry):
            lines[-1].entries.append(entry)
        elif len(lines) == LINES:
            return LogPage(lines, last)
        else:
            lines.append(Line([entry]))
        last = entry
    return LogPage(lines, last if len(found) > MOST_ENTRIES else None)


def _alike(one: Entry, other: Entry) -> bool:
    return one.verb in JOINED and _about(one) == _about(other)


def _about(entry: Entry) -> tuple[Any, ...]:
    fields = tuple((entry.additional_data or {}).get("fields", ()))
    return entry.verb, entry.actor_name, entry.token, entry.remote_addr, entry.dataset_id, fields
