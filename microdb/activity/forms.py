"""Choosing which work is listed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from microdb.activity.viewers import Viewer
from microdb.activity.work import Kind

ALL = [("", _("all"))]


class WorkFilterForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[*ALL, *Kind.choices])
    dataset = forms.ChoiceField(label=_("Dataset"), required=False)

    def __init__(self, data: Any, *, viewer: Viewer) -> None:
        super().__init__(data)
        slugs = sorted((one.slug, one.name) for one in viewer.datasets.values())
        self.fields["dataset"].choices = [*ALL, *slugs]  # type: ignore[attr-defined] # a ChoiceField

    @property
    def chosen(self) -> dict[str, Any]:
        """As arguments of ``Wanted``; what is no choice filters nothing."""
        self.is_valid()
        kind = self.cleaned_data.get("kind")
        return {"kinds": [Kind(kind)] if kind else [], "slug": self.cleaned_data.get("dataset", "")}
