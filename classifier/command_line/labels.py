"""Labels of a manifest in one spelling, as the site reads them (`microdb.labels`)."""

import re
import unicodedata
from collections.abc import Iterable

from classifier.samples import NONE_OF_THESE

UNSURE = "unsure"
"""The site exports it where somebody could not decide; such a micrograph has no label."""
_INVISIBLE = re.compile(r"[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_NO_LETTER = re.compile(r"[\W_]+")
_RESERVED = {_NO_LETTER.sub("", word): word for word in (NONE_OF_THESE, UNSURE)}


def one_spelling(labels: Iterable[str]) -> list[str | None]:
    """Each label in the spelling that came first of those that differ in case, normal form, spaces or invisible marks.

    A spelling of none-of-these, such as "None of these", is that label; unsure and empty labels are None.
    """
    first: dict[str, str] = {}
    found = []
    for label in labels:
        canonical = _canonical(label)
        spelled = first.setdefault(unicodedata.normalize("NFC", canonical.casefold()), canonical)
        found.append(None if spelled in ("", UNSURE) else spelled)
    return found


def _canonical(text: str) -> str:
    label = unicodedata.normalize("NFC", " ".join(_INVISIBLE.sub("", text).split()))
    letters = _NO_LETTER.sub("", unicodedata.normalize("NFKC", label).casefold())
    return _RESERVED.get(letters, label)
