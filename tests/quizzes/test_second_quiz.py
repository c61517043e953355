"""A quiz like the paper's second, without None of these, from its draft to its results."""

import re

from django.test import Client

from microdb.accounts.models import Panel
from microdb.quizzes.reports import quiz_report
from microdb.quizzes.services import close_quiz, create_quiz, open_quiz, start_ballot, submit_ballot

SECTIONS = ("verdict", "people", "agreement", "questions", "method")


def test_a_quiz_without_none_of_these_runs_to_its_end(dataset, owner, version, held_out, score, answer_all, signed_in):
    asked = held_out[:-1]
    quiz = create_quiz(
        dataset=dataset,
        title="Quiz 2",
        micrographs=asked,
        competitors=[version],
        by=owner,
        offers_none_of_these=False,
    )
    for number, micrograph in enumerate(asked):
        score(version, micrograph, "none-of-these" if number == 0 else micrograph.label)
    open_quiz(quiz=quiz)
    for number, panel in enumerate([Panel.EXPERT, Panel.EXPERT, Panel.NON_EXPERT]):
        ballot = start_ballot(quiz=quiz, nickname=f"R{number}", panel=panel, consents=True)
        page = Client().get(f"/quiz/{quiz.slug}/{ballot.key}/1/").content.decode()
        assert "None of these" not in page
        assert len(re.findall(r'name="choice"', page)) == 3
        answer_all(ballot, wrong=number)
        submit_ballot(ballot=ballot)
    close_quiz(quiz=quiz, by=owner)
    report = quiz_report(quiz)
    assert report.options == ["ferrite", "pearlite"]
    assert {panel.panel: panel.readers for panel in report.panels} == {"expert": 2, "non-expert": 1}
    assert report.models[0].answered == 6
    for section in SECTIONS:
        page = signed_in.get(f"/quizzes/{quiz.slug}/results/?section={section}")
        assert page.status_code == 200
        assert "nan" not in re.findall(r"\bnan\b", page.content.decode().lower())
