"""Writes of blind double labelling."""

import random

from django.db import transaction
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.recording import record, together
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.micrographs.labelling.blind_rounds import answer_column
from microdb.micrographs.models import BlindItem, BlindRound, Dataset, MicrographQuerySet, Role, withheld_from
from microdb.micrographs.services.curating import set_label
from microdb.micrographs.validation.fields import checked_label, find_class


@transaction.atomic
def start_blind_round(
    *, dataset: Dataset, micrographs: MicrographQuerySet, count: int, first: User, second: User, by: User
) -> BlindRound:
    """A round of at most ``count`` of these ready micrographs, drawn and ordered by chance.

    Raises MicroDBError where there is none, or the two are one person or may not label.
    """
    if first == second:
        raise MicroDBError(_("Choose two different people; %s was chosen twice.") % first)
    for person in (first, second):
        if not Dataset.objects.visible_to(person, Role.LABELLER).filter(pk=dataset.pk).exists():
            raise MicroDBError(_("%s may not label here; make them a labeller in the settings.") % person)
    keys = list(micrographs.ready().filter(dataset=dataset).values_list("pk", flat=True))
    if not keys:
        raise MicroDBError(_("No micrograph matches this choice. Choose others."), code="empty")
    chosen = random.sample(keys, min(count, len(keys)))
    blind = BlindRound.objects.create(dataset=dataset, first=first, second=second, created_by=by)
    BlindItem.objects.bulk_create(
        BlindItem(round=blind, micrograph_id=pk, position=position) for position, pk in enumerate(chosen)
    )
    return blind


@transaction.atomic
def answer_blind(*, item: BlindItem, answer: str, by: User) -> None:
    """The answer of one of the two; an empty one takes it back. MicroDBError for anybody else, or once settled."""
    column = answer_column(item.round, by)
    if column is None:
        raise MicroDBError(_("Only %s label this round.") % item.round, code="not_yours")
    found = find_class(dataset=item.round.dataset, label=answer)
    open_row = BlindItem.objects.filter(pk=item.pk, settled_answer="")
    if not open_row.update(**{column: found.name if found else checked_label(answer)}):
        raise MicroDBError(_("This conflict was settled in the meantime."), code="settled")
    _record(Verb.BLIND_ANSWERED, item)


@transaction.atomic
def settle_agreed(*, blind: BlindRound, by: User) -> int:
    """Label every micrograph on which the two agree; the number of micrographs settled."""
    shown = blind.items.filter(~withheld_from(by, "micrograph"))
    agreed = shown.select_for_update(of=("self",)).filter(settled_answer="").exclude(first_answer="")
    settled = 0
    with together(Verb.BLIND_SETTLED):
        for item in agreed.select_related("micrograph__dataset"):
            if item.first_answer == item.second_answer:
                settle_item(item=item, answer=item.first_answer, by=by)
                settled += 1
    return settled


@transaction.atomic
def settle_item(*, item: BlindItem, answer: str, by: User) -> None:
    """Set the label that somebody decides on, whatever the two answered."""
    if not answer:
        raise MicroDBError(_("Choose the label; none was given."), code="unknown_class")
    with together(Verb.BLIND_SETTLED):
        _record(Verb.BLIND_SETTLED, item)
        set_label(micrographs=[item.micrograph], label=answer, by=by)
    item.micrograph.refresh_from_db()
    BlindItem.objects.filter(pk=item.pk).update(settled_answer=item.micrograph.answer)


def _record(verb: Verb, item: BlindItem) -> None:
    """Without the answer, which nobody sees before the round is settled."""
    micrograph = item.micrograph
    record(verb, dataset=micrograph.dataset, keys=[micrograph.pk], name=micrograph.filename)
