"""Entered text, made fit for a column: no control characters, no lone surrogates, not too long."""

import unicodedata

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.labels import visible_line

FILENAME_LENGTH = 255


def clean_text(value: str, *, what: str = "", most: int | None = None) -> str:
    """``value`` stripped, in Unicode's form NFC.

    Where ``most`` is given, it is on one line without invisible characters; raises MicroDBError where that is longer.
    """
    text = unicodedata.normalize("NFC", _without(("Cc",), value).strip())
    if most is None:
        return text
    text = visible_line(text)
    if len(text) > most:
        raise MicroDBError(
            _("At most %(most)d characters are taken for %(what)s; %(given)d were given. Shorten it.")
            % {"most": most, "what": what, "given": len(text)},
            code="too_long",
        )
    return text


def clean_filename(name: str, *, most: int = FILENAME_LENGTH) -> str:
    """A file name to show: with the folders it was given with, but none above them; the end survives a cut."""
    # Cf: marks that turn the writing direction and so disguise a file's ending
    printable = _without(("Cc", "Cf"), name).replace("\n", "").replace("\t", " ").replace("\\", "/")
    parts = [part for part in unicodedata.normalize("NFC", printable).split("/") if part.strip(". ")]
    return "/".join(parts)[-most:].strip() or _("unnamed")


def _without(categories: tuple[str, ...], value: str) -> str:
    whole = value.encode("utf-8", "replace").decode()
    return "".join(char for char in whole if char in "\n\t" or unicodedata.category(char) not in categories)
