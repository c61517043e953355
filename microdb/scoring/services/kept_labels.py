"""Labels that a person keeps although a model version contradicts them."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.micrographs.models import Dataset
from microdb.scoring.models import LabelCheck


@transaction.atomic
def keep_label(*, dataset: Dataset, micrograph: UUID, kept: bool, seen: str | None = None) -> LabelCheck:
    """Take a label issue off the list until label or evidence change, or with ``kept`` false put it back.

    Raises MicroDBError where nothing contradicts the label any more, and where it is no longer the one ``seen``.
    """
    contradicted = LabelCheck.objects.filter(dataset=dataset, weight__isnull=False)
    shown = contradicted.exclude(micrograph__in=dataset.withheld).select_related("micrograph__material_class")
    check = shown.select_for_update(of=("self",)).filter(micrograph=micrograph).first()
    if check is None:
        raise MicroDBError(_("No prediction contradicts this label any more. Go on to the next."), code="no_issue")
    if seen is not None and seen != check.label:
        raise MicroDBError(
            _("Somebody else set “%s” meanwhile. Check it, and decide again.") % check.label, code="changed"
        )
    if check.kept != kept:
        check.kept_label = check.label if kept else ""
        check.save(update_fields=["kept_label"])
        verb = Verb.LABEL_KEPT if kept else Verb.LABEL_NOT_KEPT
        record(verb, dataset=dataset, keys=[micrograph], name=check.micrograph.filename)
    return check
