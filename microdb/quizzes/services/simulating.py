"""Simulated readers for demonstrations."""

from django.db import transaction
from django.utils import timezone

from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.quizzes.models import Answer, Ballot, Quiz
from microdb.quizzes.sitting.rules import check_takes_answers
from microdb.quizzes.sitting.simulation import SimulatedReader, draw_readers


@transaction.atomic
def simulate_readers(*, quiz: Quiz, experts: int, non_experts: int, seed: int) -> list[Ballot]:
    """Submitted ballots of simulated readers, marked as simulated so that results can keep them apart from people."""
    check_takes_answers(quiz)
    questions = list(quiz.questions.select_related("truth"))
    options = {option.label: option for option in quiz.options.all()}
    truths = [question.truth_label for question in questions]
    readers = draw_readers(truths, list(options), experts=experts, non_experts=non_experts, seed=seed)
    ballots = [_simulated_ballot(quiz, reader, order_seed=number) for number, reader in enumerate(readers)]
    Ballot.objects.bulk_create(ballots)
    record(Verb.READERS_SIMULATED, about=quiz, number=len(ballots))
    Answer.objects.bulk_create(
        (
            Answer(
                ballot=ballot,
                question=question,
                option=options.get(sitting.label),
                unsure=sitting.label not in options,
                confidence=sitting.confidence if quiz.asks_confidence else None,
                active_ms=sitting.active_ms,
            )
            for ballot, reader in zip(ballots, readers, strict=True)
            for question, sitting in zip(questions, reader.sittings, strict=True)
        ),
        batch_size=5000,
    )
    return ballots


def _simulated_ballot(quiz: Quiz, reader: SimulatedReader, *, order_seed: int) -> Ballot:
    return Ballot(
        quiz=quiz,
        nickname=reader.nickname,
        panel=reader.panel,
        years_of_experience=reader.years_of_experience,
        simulated=True,
        order_seed=order_seed,
        submitted_at=timezone.now(),
        complete=True,
    )
