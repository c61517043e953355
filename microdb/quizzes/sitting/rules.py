"""What readers and their answers may be; everything else is refused in a sentence."""

import re
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import Panel
from microdb.errors import MicroDBError
from microdb.quizzes.models import UNSURE, Quiz
from microdb.quizzes.models.stamps import PATTERN
from microdb.quizzes.sitting.frozen import frozen

NICKNAME_LENGTH = 50
YEARS_AT_MOST = 80


def check_takes_answers(quiz: Quiz) -> None:
    sentences = {
        "draft": _("This quiz is not open yet. Ask whoever sent you the link."),
        "scheduled": _("This quiz is not open yet: it opens on %s.") % _when(quiz.opens_at),
        "closed": _("This quiz is closed: it takes no more answers."),
    }
    state = quiz.state
    if state in sentences:
        raise MicroDBError(sentences[state], code="quiz_closed" if state == "closed" else "quiz_not_open")


def clean_nickname(nickname: str) -> str:
    """The nickname without control characters and repeated spaces. Raises MicroDBError for a bad length."""
    name = " ".join("".join(c if c.isprintable() else " " for c in nickname).split())
    if not 1 <= len(name) <= NICKNAME_LENGTH:
        raise MicroDBError(
            _("A nickname has 1 to %(most)d characters; %(given)d were given. Choose another one.")
            % {"most": NICKNAME_LENGTH, "given": len(name)},
            code="bad_nickname",
        )
    return name


def check_reader(panel: str, years_of_experience: int | None) -> None:
    if panel not in Panel.values:
        raise MicroDBError(_("Say whether you are an expert or a non-expert."), code="bad_panel")
    if years_of_experience is not None and not 0 <= years_of_experience <= YEARS_AT_MOST:
        raise MicroDBError(
            _("Years of experience go from 0 to %(most)d; %(given)d was given.")
            % {"most": YEARS_AT_MOST, "given": years_of_experience},
            code="bad_years",
        )


def chosen_fields(quiz: Quiz, choice: str) -> dict[str, Any]:
    """An answer's two fields for a choice: the primary key of one of the quiz's options, or ``unsure``."""
    if choice == UNSURE:
        return {"option": None, "unsure": True}
    option = frozen(quiz).option_of.get(choice)
    if option is None:
        raise MicroDBError(
            _("This is not one of the quiz's options. Choose one of the buttons; reload the page if it is old."),
            code="unknown_option",
        )
    return {"option": option, "unsure": False}


def check_stamps(*stamps: str) -> None:
    if any(stamp and not re.match(PATTERN, stamp) for stamp in stamps):
        raise MicroDBError(
            _("The page sent a count of answers that can't be read. Reload the page and choose again."),
            code="bad_stamp",
        )


def kept_confidence(quiz: Quiz, chosen: dict[str, Any], confidence: int | None) -> int | None:
    """Confidence in per cent; None where the quiz does not ask for it or the reader is unsure."""
    if confidence is None or chosen["unsure"] or not quiz.asks_confidence:
        return None
    if not 0 <= confidence <= 100:
        raise MicroDBError(
            _("Confidence goes from 0 to 100 per cent; %d was given.") % confidence, code="bad_confidence"
        )
    return confidence


def _when(moment: datetime | None) -> str:
    return formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else ""
