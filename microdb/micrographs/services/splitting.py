"""A proposed split, applied."""

from django.db import transaction

from microdb.accounts.models import User
from microdb.audit_log.recording import together
from microdb.micrographs.curation.split_proposal import Proposal
from microdb.micrographs.models import Micrograph, Split
from microdb.micrographs.services.bulk import Step, step_of
from microdb.micrographs.services.curating import set_split


@transaction.atomic
def apply_split(*, proposal: Proposal, by: User) -> tuple[int, list[Step]]:
    """Put both sides into their splits, or neither; how many micrographs changed, and what undoes it."""
    chosen = Micrograph.objects.filter(pk__in=[*proposal.train, *proposal.quiz])
    step = step_of("split", chosen)
    with together():
        count = set_split(micrographs=chosen.filter(pk__in=proposal.train), split=Split.TRAIN, by=by)
        count += set_split(micrographs=chosen.filter(pk__in=proposal.quiz), split=Split.QUIZ, by=by)
    return count, [step]
