"""The form of a specimen's record."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _

from microdb.errors import MicroDBError
from microdb.metallurgy import Composition, parse_composition, parse_heat_treatment
from microdb.micrographs.models import Specimen

Read = TypeVar("Read")


class SpecimenForm(forms.Form):
    """The record of a specimen, as text.

    Each field is sent with the value that was shown, so that only what the person changed counts as changed, also where
    somebody else has saved the record since.
    """

    material = forms.CharField(
        label=_("Material or grade"), max_length=100, required=False, help_text=_("For example 100Cr6 or AISI 1095.")
    )
    composition = forms.CharField(
        label=_("Composition"),
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Mass percent, for example: C 0.9, Mn 0.5, Fe balance"),
    )
    heat_treatment = forms.CharField(
        label=_("Heat treatment"),
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("One step after the other: 970 °C, 90 min, quenched in water; 180 °C, 2 h, air-cooled"),
    )
    heat_number = forms.CharField(label=_("Heat number"), max_length=100, required=False)
    other_fields = forms.CharField(
        label=_("Other fields"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("One in each line, its name first. For example: etchant: nital 2 %"),
    )
    notes = forms.CharField(label=_("Notes"), required=False, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True

    def clean_composition(self) -> Composition:
        return _without_mistake(parse_composition, self.cleaned_data["composition"])

    def clean_heat_treatment(self) -> str:
        text: str = self.cleaned_data["heat_treatment"]
        _without_mistake(parse_heat_treatment, text)
        return text

    def clean_other_fields(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in filter(str.strip, self.cleaned_data["other_fields"].splitlines()):
            name, colon, text = (part.strip() for part in line.partition(":"))
            if not colon or not name:
                raise forms.ValidationError(_("Write a name, a colon and a text; “%s” was given.") % line)
            if name in found:
                raise forms.ValidationError(_("The field “%s” is given twice. Keep one.") % name)
            found[name] = text
        return found


def specimen_initial(specimen: Specimen) -> dict[str, str]:
    """The record of a specimen for its ``SpecimenForm``."""
    others = "\n".join(f"{name}: {text}" for name, text in specimen.other_fields.items())
    texts = {name: getattr(specimen, name) for name in ("material", "heat_treatment", "heat_number", "notes")}
    return texts | {"composition": specimen.composition_text, "other_fields": others}


def _without_mistake(read: Callable[[str], Read], text: str) -> Read:
    try:
        return read(text)
    except MicroDBError as error:
        raise forms.ValidationError(error.message) from error
