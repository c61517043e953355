"""The one form in which labels, specimens and file names are compared. Needs no Django."""

import re
import unicodedata

NONE_OF_THESE = "none-of-these"
"""The reserved label of a micrograph that belongs to no material class of its dataset."""

UNSURE = "unsure"
"""The reserved answer of somebody who could not decide; such a micrograph has no label."""

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Unicode's Default_Ignorable_Code_Point: zero width, joiners, marks of writing direction, variation selectors."""

_BLANK = str.maketrans("\u2800", " ")  # an empty Braille cell is a space to the eye, but not to str.split
_NO_LETTER = re.compile(r"[\W_]+")
_RESERVED = {_NO_LETTER.sub("", word): word for word in (NONE_OF_THESE, UNSURE)}


def visible_line(text: str) -> str:
    """``text`` on one line in Unicode's form NFC: no control or invisible characters, single spaces."""
    line = " ".join(_INVISIBLE.sub("", text).translate(_BLANK).split())
    printable = "".join(char for char in line if unicodedata.category(char) != "Cc")
    return " ".join(unicodedata.normalize("NFC", printable).split())


def canonical_label(text: str) -> str:
    """``text`` as ``visible_line`` has it; a spelling of a reserved label, such as “None of these”, as that label."""
    label = visible_line(text)
    letters = _NO_LETTER.sub("", unicodedata.normalize("NFKC", label).casefold())
    return _RESERVED.get(letters, label)


def label_key(label: str) -> str:
    """Equal for labels that name the same class: those that differ only in case, form, spaces or invisible marks."""
    return unicodedata.normalize("NFC", canonical_label(label).casefold())
