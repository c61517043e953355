"""Files for other software: the long table, the format of iMRMC, and the PDF."""

import csv
import re

import numpy as np
import pytest

from microdb import statistics
from microdb.accounts.models import Panel
from microdb.micrographs.models import MaterialClass
from microdb.quizzes.reports import quiz_report as report_of
from microdb.quizzes.services import open_quiz, simulate_readers, start_ballot, submit_ballot


@pytest.fixture
def long_table(signed_in):
    def read(quiz, query=""):
        text = signed_in.get(f"/quizzes/{quiz.slug}/results.csv{query}").getvalue().decode()
        return list(csv.DictReader(text.splitlines()))

    return read


def parsed_imrmc(text):
    """Header values, truth by case, and (reader, case, modality) -> score."""
    head, _begin, body = text.partition("BEGIN DATA:\n")
    sizes = {name: int(value) for name, value in re.findall(r"^(NR|N0|N1|NM): (\d+)$", head, re.MULTILINE)}
    rows = [line.split(",") for line in body.splitlines()]
    truth = {case: int(score) for reader, case, _modality, score in rows if reader == "-1"}
    scores = {(r, c, m): float(score) for r, c, m, score in rows if r != "-1"}
    assert len(truth) + len(scores) == len(rows)
    return sizes, truth, scores


def area(scores, truth, reader, modality):
    """The Wilcoxon area under the curve, as iMRMC computes it."""
    mine = {case: score for (r, case, m), score in scores.items() if (r, m) == (reader, modality)}
    signal = [score for case, score in mine.items() if truth[case]]
    neutral = [score for case, score in mine.items() if not truth[case]]
    return np.mean([(one > other) + 0.5 * (one == other) for one in signal for other in neutral])


def test_the_long_table_has_readers_as_numbers_their_order_the_specimen_and_the_models_rows(
    quiz, ballot, answer_all, long_table
):
    answer_all(ballot, wrong=2)
    submit_ballot(ballot=ballot)
    rows = long_table(quiz)
    people, models = rows[:7], rows[7:]
    assert {row["reader"] for row in people} == {"1"}
    assert "nickname" not in rows[0]
    assert "Ada" not in str(rows)
    order = ballot.in_order(list(quiz.questions.all()))
    assert [int(row["shown_as"]) for row in people] == [order.index(q) + 1 for q in quiz.questions.all()]
    assert {row["specimen"] for row in rows} == {q.micrograph.specimen for q in quiz.questions.all()}
    assert {row["reader"] for row in models} == {"model-1"}
    assert sum(int(row["right"]) for row in models) == 6
    assert {float(row["confidence"]) for row in models} == {80.0}


def test_nicknames_are_in_the_table_only_where_asked_for(quiz, answer_all, long_table, signed_in):
    ballot = start_ballot(quiz=quiz, nickname="=SUM(1)", panel=Panel.EXPERT, consents=True)
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    assert {row["nickname"] for row in long_table(quiz, "?names=1")} == {"'=SUM(1)", ""}
    assert b"SUM" not in signed_in.get(f"/quizzes/{quiz.slug}/results.json").content
    assert b"SUM" in signed_in.get(f"/quizzes/{quiz.slug}/results.json?names=1").content


def test_in_imrmcs_format_the_areas_are_the_accuracies(quiz, signed_in):
    simulate_readers(quiz=quiz, experts=4, non_experts=3, seed=2)
    sizes, truth, scores = parsed_imrmc(signed_in.get(f"/quizzes/{quiz.slug}/results.imrmc").content.decode())
    assert sizes == {"NR": 7, "N0": 2, "N1": 7, "NM": 4}
    assert sum(truth.values()) == 7
    report = report_of(quiz)
    for panel in report.panels:
        readers = sorted({r for r, _c, m in scores if m == panel.panel})
        assert np.mean([area(scores, truth, r, panel.panel) for r in readers]) == pytest.approx(panel.accuracy)
        model = f"model-1-for-{panel.panel}"
        assert np.mean([area(scores, truth, r, model) for r in readers]) == pytest.approx(report.models[0].accuracy)
    table = np.array([[scores["1", str(case), "expert"] for case in range(1, 8)]])
    assert statistics.panel_accuracy(table) == area(scores, truth, "1", "expert")


def test_the_pdf_has_figures_and_tables_and_takes_any_text(quiz, signed_in):
    quiz.title = "<b>Who & what</b> </para> µm → ✓"
    quiz.save()
    simulate_readers(quiz=quiz, experts=4, non_experts=3, seed=2)
    response = signed_in.get(f"/quizzes/{quiz.slug}/results.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", response.content)) >= 3
    assert response.content.count(b"/Subtype /Image") >= 7  # the questions of the overview


def test_the_pdf_of_two_models_shows_the_pictures_in_the_overview_of_each(two_model_quiz, signed_in):
    simulate_readers(quiz=two_model_quiz, experts=4, non_experts=3, seed=2)
    pdf = signed_in.get(f"/quizzes/{two_model_quiz.slug}/results.pdf").content
    drawn = [re.findall(rb"/FormXob\.\w+ \d+ 0 R", one) for one in re.findall(rb"/XObject <<(.*?)>>", pdf, re.DOTALL)]
    assert sum(len(set(names)) == 7 for names in drawn) == 2


@pytest.mark.parametrize("name", ["results.pdf", "results.imrmc", "results.csv", "results.json"])
def test_files_are_for_those_who_may_see_the_truth(quiz, member, client, name):
    assert client.get(f"/quizzes/{quiz.slug}/{name}").status_code == 302
    client.force_login(member("viewer"))
    assert client.get(f"/quizzes/{quiz.slug}/{name}").status_code == 404


def test_the_pdf_of_a_quiz_with_many_classes_names_the_largest(draft, dataset, version, held_out, score, signed_in):
    for number in range(40):
        MaterialClass.objects.create(dataset=dataset, name=f"a rather long name {number}", position=10 + number)
    for micrograph in held_out:
        score(version, micrograph, micrograph.label)
    quiz = open_quiz(quiz=draft)
    simulate_readers(quiz=quiz, experts=4, non_experts=3, seed=2)
    assert signed_in.get(f"/quizzes/{quiz.slug}/results.pdf").content.startswith(b"%PDF")
