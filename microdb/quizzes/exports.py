"""A quiz's answers as a long table for other software."""

from collections.abc import Iterator

from microdb.quizzes.models import Answer, Quiz

COLUMNS = [
    "reader",
    "nickname",
    "panel",
    "years_of_experience",
    "simulated",
    "question",
    "filename",
    "pixels_per_micrometre",
    "truth",
    "answer",
    "right",
    "active_ms",
    "answered_at",
]


def answer_rows(quiz: Quiz) -> Iterator[list[str]]:
    """The header, then one row per reader and answered question of the submitted ballots."""
    yield COLUMNS
    answers = Answer.objects.filter(ballot__quiz=quiz, ballot__submitted_at__isnull=False)
    answers = answers.select_related("ballot", "question__micrograph", "question__truth", "material_class")
    for answer in answers.order_by("ballot", "question__position").iterator(chunk_size=2000):
        ballot, question = answer.ballot, answer.question
        cells = [
            ballot.pk,
            _harmless(ballot.nickname),
            ballot.panel,
            "" if ballot.years_of_experience is None else ballot.years_of_experience,
            int(ballot.simulated),
            question.position + 1,
            _harmless(question.micrograph.filename),
            "" if question.pixels_per_micrometre is None else question.pixels_per_micrometre,
            _harmless(question.truth_label),
            _harmless(answer.label),
            int(answer.label == question.truth_label),
            answer.active_ms,
            answer.answered_at.isoformat(),
        ]
        yield [str(cell) for cell in cells]


def _harmless(text: str) -> str:
    """A spreadsheet takes text that begins like a formula for one, so it gets an apostrophe."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
