"""Readers at the same time over real HTTP, while gunicorn's workers are killed."""

import pytest

from tests.quizzes.crowd import crowd, kept_answers, killing, web
from tests.workers import database_url


@pytest.mark.django_db(transaction=True)
def test_no_acknowledged_answer_is_lost_or_doubled_while_web_workers_are_killed(quiz, tmp_path):
    with web(tmp_path, database_url()) as (service, port), killing(service.pid, every=1.5) as killed:
        readers = crowd(quiz.slug, port, readers=12, think=0.4)
    assert killed
    assert [reader.error for reader in readers if reader.error] == []
    for reader in readers:
        assert kept_answers(reader) == reader.acknowledged
    assert quiz.ballots.submitted().count() == 12
