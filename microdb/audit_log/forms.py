"""The filters of the log."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from microdb.audit_log.models import EntryQuerySet
from microdb.audit_log.verbs import Kind


class LogFilterForm(forms.Form):
    """Who, what and when, kept in the address."""

    who = forms.CharField(required=False, max_length=150, label=_("Who"), help_text=_("A user name."))
    what = forms.ChoiceField(required=False, label=_("What"), choices=[("", _("everything")), *Kind.choices])
    since = forms.DateField(required=False, label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))

    def apply(self, entries: EntryQuerySet) -> EntryQuerySet:
        """The entries that match. None do if a filter can't be understood: the page says which one."""
        if not self.is_valid():
            return entries.none()
        given = self.cleaned_data
        if given["who"]:
            entries = entries.filter(actor_name=given["who"].strip())
        if given["what"]:
            entries = entries.of_kind(given["what"])
        if given["since"]:
            entries = entries.filter(timestamp__gte=_midnight(given["since"]))
        if given["until"]:
            entries = entries.filter(timestamp__lt=_midnight(given["until"] + timedelta(days=1)))
        return entries


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
