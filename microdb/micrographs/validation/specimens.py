"""What may be entered about a specimen; everything else raises MicroDBError."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from microdb.errors import MicroDBError
from microdb.labels import label_key
from microdb.metallurgy import Composition, checked_composition, composition_text, parse_heat_treatment, treatment_text
from microdb.micrographs.models import Specimen
from microdb.micrographs.validation.specimen_columns import column_of
from microdb.micrographs.validation.text import clean_text

MOST_FIELDS = 50
LONGEST_FIELD = 1000
LONGEST_NOTES = 5000


def checked_record(given: Mapping[str, Any]) -> dict[str, Any]:
    """Of ``Specimen.ENTERED``, those that are given, as they are stored."""
    return {name: _CHECKS[name](value) for name, value in given.items()}


def steps_of(heat_treatment: str) -> list[dict[str, Any]]:
    """What is understood of a heat treatment, as it is stored."""
    return [step.as_json() for step in parse_heat_treatment(heat_treatment)]


def shown_value(name: str, value: Any) -> str:
    """A value of a record as one line of text; empty where there is none."""
    if name == "composition":
        return composition_text(value)
    if name == "other_fields":
        return "; ".join(f"{key}: {text}" for key, text in value.items())
    text = " ".join(str(value).split())
    if name == "heat_treatment" and (understood := _understood(text)) != text:
        return _("%(text)s (read as %(understood)s)") % {"text": text, "understood": understood}
    return text


def _understood(text: str) -> str:
    try:
        return treatment_text(parse_heat_treatment(text))
    except MicroDBError:  # written when more was read
        return text


def changes_sentence(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """For example “heat number none → 4711, composition none → Cr 1.5, C 0.9”."""
    changes = []
    for name in (name for name in Specimen.ENTERED if name in after):
        title = Specimen._meta.get_field(name).verbose_name  # type: ignore[union-attr] # no relation is entered
        old, now = (shown_value(name, values[name]) or _("none") for values in (before, after))
        changes.append(f"{title} {old} → {now}")
    return ", ".join(changes)


def look_alike_error(name: str, known: str) -> MicroDBError:
    """For a name that differs from a known one only in case, spaces or invisible characters."""
    return MicroDBError(
        _("“%(name)s” differs from the specimen “%(known)s” only in upper and lower case. Write it in one way.")
        % {"name": name, "known": known},
        code="look_alike",
    )


def specimen_key(name: str) -> str:
    """Equal for names that differ only in case, Unicode form, spaces or invisible characters."""
    return label_key(name)


def _heat_treatment(value: Any) -> str:
    text = clean_text(str(value).replace("\n", "; "), what=_("the heat treatment"), most=1000)
    parse_heat_treatment(text)
    return text


def _composition(value: Any) -> Composition:
    if not isinstance(value, Mapping):
        raise MicroDBError(_("A composition is an object of elements and their mass percent."), code="bad_composition")
    return checked_composition(value)


def _other_fields(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise MicroDBError(_("Other fields are an object of names and texts."), code="bad_fields")
    found: dict[str, str] = {}
    for key, text in value.items():
        name = clean_text(str(key), what=_("the name of a field"), most=60)
        if not name:
            raise MicroDBError(_("A field needs a name before its text; give it one."), code="bad_fields")
        if column_of(name).kind != "other":  # a downloaded table could not be read back
            raise MicroDBError(
                _("A table of specimens reads a column “%s” as something else. Choose another name for the field.")
                % name,
                code="bad_fields",
            )
        if name in found:
            raise MicroDBError(_("The field “%s” is given twice. Keep one.") % name, code="bad_fields")
        if cleaned := clean_text(str(text), what=f"“{name}”", most=LONGEST_FIELD):
            found[name] = cleaned
    if len(found) > MOST_FIELDS:
        raise MicroDBError(
            _("A specimen has at most %(most)d other fields; %(given)d were given. Move some into the notes.")
            % {"most": MOST_FIELDS, "given": len(found)},
            code="bad_fields",
        )
    return dict(sorted(found.items()))


def _notes(value: Any) -> str:
    text = clean_text(str(value))
    if len(text) > LONGEST_NOTES:
        raise MicroDBError(
            _("At most %(most)d characters are taken for %(what)s; %(given)d were given. Shorten it.")
            % {"most": LONGEST_NOTES, "what": _("the notes"), "given": len(text)},
            code="too_long",
        )
    return text


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "material": lambda value: clean_text(str(value), what=_("the material"), most=100),
    "composition": _composition,
    "heat_treatment": _heat_treatment,
    "heat_number": lambda value: clean_text(str(value), what=_("the heat number"), most=100),
    "other_fields": _other_fields,
    "notes": _notes,
}
