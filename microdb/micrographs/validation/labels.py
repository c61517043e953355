"""Which class a label names, and whether a new name could be mistaken for a label that is there."""

import unicodedata
from collections.abc import Iterable

from confusable_homoglyphs.confusables import is_confusable
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.labels import NONE_OF_THESE, UNSURE, canonical_label, label_key
from microdb.micrographs.validation.text import clean_text

RESERVED = (NONE_OF_THESE, UNSURE)


class KnownLabels:
    """The labels of a dataset: its classes, none-of-these and unsure, looked up as people read them."""

    def __init__(self, classes: Iterable[str]) -> None:
        self._names: dict[str, list[str]] = {}
        self._by_skeleton: dict[str, str] = {}
        for name in (*RESERVED, *classes):
            self.add(name)

    def keys(self) -> Iterable[str]:
        """The ``label_key`` of each label."""
        return self._names.keys()

    def add(self, name: str) -> None:
        self._names.setdefault(label_key(name), []).append(name)
        self._by_skeleton.setdefault(skeleton(name), name)

    def find(self, label: str) -> str | None:
        """The known label that ``label`` means, by another case or normal form too; None where it is new.

        Raises MicroDBError ``look_alike`` where it only looks like a known label, or could mean more than one.
        """
        if not label:
            return None
        names = self._names.get(label_key(label), [])
        if label in names:
            return label
        if len(names) > 1:
            raise MicroDBError(
                _("“%(given)s” could mean any of the classes %(known)s. Write it exactly as one of them.")
                % {"given": label, "known": ", ".join(f"“{name}”" for name in names)},
                code="look_alike",
            )
        if names:
            return names[0]
        self._refuse_look_alike(label)
        return None

    def _refuse_look_alike(self, label: str) -> None:
        if known := self._by_skeleton.get(skeleton(label)):
            strange = sorted(set(_composed(label)) - set(_composed(known)))
            letters = ", ".join(f"“{char}” ({unicodedata.name(char, hex(ord(char)))})" for char in strange)
            raise MicroDBError(
                _("“%(given)s” looks like “%(known)s” but is written with other characters: %(letters)s. Correct it.")
                % {"given": label, "known": known, "letters": letters},
                code="look_alike",
            )


def checked_class_name(name: str, *, others: Iterable[str]) -> str:
    """A name for a new class beside ``others``. Raises MicroDBError where it is empty, reserved, there or looks so."""
    wanted = canonical_label(clean_text(name, what=_("the class name"), most=60))
    if not wanted:
        raise MicroDBError(_("A class needs a name; give it one."), code="invalid")
    if wanted in RESERVED:
        raise MicroDBError(
            _("“%s” is reserved for micrographs of no class; choose another name.") % wanted,
            code="reserved_class",
        )
    keys = {label_key(other): other for other in others}
    if there := keys.get(label_key(wanted)):
        raise MicroDBError(
            _("The dataset has a class “%s” already; choose another name.") % there, code="duplicate_class"
        )
    KnownLabels(keys.values()).find(wanted)
    return wanted


def skeleton(label: str) -> str:
    """Equal for labels that look the same, after UTS 39, by Unicode's table of confusable characters.

    Unlike there, ASCII characters stay as they are: “Al” and “A1” are both what somebody typed, so they differ.
    """
    compatible = unicodedata.normalize("NFKD", canonical_label(label))
    return canonical_label(unicodedata.normalize("NFKD", "".join(map(_plain, compatible)).casefold()))


def _plain(char: str) -> str:
    """The ASCII characters that ``char`` looks like, else the first of those that look the same."""
    if char.isascii():
        return char
    found = is_confusable(char, greedy=True)
    alike = [str(one["c"]) for one in found[0]["homoglyphs"]] if found else []
    return min((one for one in alike if one.isascii()), default=min([char, *alike]))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())
