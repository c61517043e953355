"""The members' pages, the results and the API, by role."""

import csv
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from microdb.accounts.models import Panel
from microdb.accounts.services import create_api_token
from microdb.jobs import Job
from microdb.quizzes.exhibits import exhibits
from microdb.quizzes.models import Quiz, StoredReport
from microdb.quizzes.reports import quiz_report
from microdb.quizzes.reports.headlines import headline
from microdb.quizzes.services import close_quiz, invite, simulate_readers, start_ballot, submit_ballot
from microdb.scoring.models import Score


@pytest.fixture
def readers(quiz, answer_all):
    """Two experts with 7 and 5 right of 7, one non-expert with 3."""
    for nickname, panel, wrong in [("Ada", "expert", 0), ("Bo", "expert", 2), ("=SUM(1)", "non-expert", 4)]:
        ballot = start_ballot(consents=True, quiz=quiz, nickname=nickname, panel=panel)
        answer_all(ballot, wrong=wrong)
        submit_ballot(ballot=ballot)
    start_ballot(consents=True, quiz=quiz, nickname="Unfinished", panel=Panel.EXPERT)


def test_a_curator_drafts_a_quiz_from_the_preselected_micrographs(signed_in, dataset, version, held_out):
    page = signed_in.get(f"/datasets/{dataset.slug}/quizzes/new/")
    assert page.content.decode().count('name="micrographs"') == 7
    assert page.context["chosen"] == 7
    fields = {"title": "New", "competitors": version.pk, "micrographs": [m.pk for m in held_out], "shuffled": "on"}
    refused = signed_in.post(f"/datasets/{dataset.slug}/quizzes/new/", fields)
    assert "does not offer" in refused.content.decode()
    made = signed_in.post(f"/datasets/{dataset.slug}/quizzes/new/", fields | {"offers_none_of_these": "on"})
    assert made.url == f"/quizzes/{Quiz.objects.get().slug}/"
    assert Quiz.objects.get().questions.count() == 7


def test_a_quiz_is_drafted_in_one_step_and_the_active_version_asked(signed_in, dataset, version, held_out):
    held_out[0].specimen = "train-ferrite-0"
    held_out[0].save()
    made = signed_in.post(f"/datasets/{dataset.slug}/quizzes/draft/")
    quiz = Quiz.objects.get()
    assert made.url == f"/quizzes/{quiz.slug}/"
    assert (quiz.title, list(quiz.competitors.all())) == (dataset.name, [version])
    asked = set(quiz.questions.values_list("micrograph", flat=True))
    assert asked == {one.pk for one in held_out[1:]}
    assert set(version.scores.values_list("micrograph", flat=True)) == asked


def test_a_dataset_without_a_model_gets_no_draft_and_is_told_why(signed_in, dataset):
    page = signed_in.post(f"/datasets/{dataset.slug}/quizzes/draft/", follow=True)
    assert not Quiz.objects.exists()
    assert page.redirect_chain[0][0] == f"/datasets/{dataset.slug}/quizzes/new/"
    assert list(page.context["messages"])


def test_a_member_starts_at_once_beside_what_they_agree_to_and_only_once(signed_in, quiz, owner):
    page = signed_in.get(f"/quizzes/{quiz.slug}/")
    assert "Your answers, their times and what you enter here are stored" in page.text
    assert "You take part as owner, a non-expert." in page.text
    known = {name: value for name, value in page.context["reader"].items() if value is not None}
    answer = signed_in.post(f"/quiz/{quiz.slug}/", known | {"consents": "on"})
    ballot = quiz.ballots.get()
    assert ballot.user == owner
    assert answer.url == f"/quiz/{quiz.slug}/{ballot.key}/1/"
    assert "You take part as" not in signed_in.get(f"/quizzes/{quiz.slug}/").text


def test_a_balanced_draw_keeps_what_was_typed(signed_in, dataset, version, held_out):
    fields = {"title": "Half typed", "draw": "1", "per_class": "1"}
    page = signed_in.post(f"/datasets/{dataset.slug}/quizzes/new/", fields)
    assert page.context["chosen"] == 3
    assert "Half typed" in page.content.decode()
    assert not Quiz.objects.exists()


def test_what_would_leak_is_marked_and_neither_preselected_nor_drawn(signed_in, dataset, version, held_out):
    leaking = held_out[0]
    leaking.specimen = "train-ferrite-0"
    leaking.save()
    address = f"/datasets/{dataset.slug}/quizzes/new/"
    page = signed_in.get(address)
    assert page.context["chosen"] == 6
    assert page.content.decode().count("leaks from the training") == 1
    drawn = signed_in.post(address, {"title": "x", "draw": "1", "per_class": "9", "competitors": version.pk})
    assert drawn.context["chosen"] == 6


def test_micrographs_of_another_dataset_can_not_be_smuggled_in(signed_in, dataset, version, held_out, owner):
    other = type(dataset).objects.create(name="Other", slug="other", created_by=owner)
    held_out[0].dataset = other
    held_out[0].save()
    fields = {"title": "New", "competitors": version.pk, "micrographs": [held_out[0].pk], "offers_none_of_these": "on"}
    page = signed_in.post(f"/datasets/{dataset.slug}/quizzes/new/", fields)
    assert "is not one of the available choices" in page.content.decode()


def test_opening_asks_the_model_first_and_waits_for_its_answers(signed_in, draft, version, held_out, score):
    assert "have answered 0 of 7" in signed_in.get(f"/quizzes/{draft.slug}/").content.decode()
    signed_in.post(f"/quizzes/{draft.slug}/open/")
    waiting = signed_in.get(f"/quizzes/{draft.slug}/readiness/").content.decode()
    assert "still answering: 0 of 7" in waiting
    assert "every 2s" in waiting
    Score.objects.all().delete()
    for micrograph in held_out:
        score(version, micrograph, micrograph.label)
    ready = signed_in.get(f"/quizzes/{draft.slug}/readiness/").content.decode()
    assert "every 2s" not in ready
    assert "Open the quiz" in ready
    signed_in.post(f"/quizzes/{draft.slug}/open/")
    draft.refresh_from_db()
    assert draft.is_open
    page = signed_in.get(f"/quizzes/{draft.slug}/").content.decode()
    assert draft.frozen_sha256 in page
    assert f"http://testserver/quiz/{draft.slug}/" in page


def test_a_quiz_that_opens_later_says_so_and_its_link_can_be_sent_and_it_can_be_closed(
    signed_in, draft, version, held_out, score
):
    Quiz.objects.filter(pk=draft.pk).update(opens_at=timezone.now() + timedelta(hours=2))
    for micrograph in held_out:
        score(version, micrograph, micrograph.label)
    page = signed_in.post(f"/quizzes/{draft.slug}/open/", follow=True).content.decode()
    assert "opens by itself at its time. Send its link" in page
    assert "The quiz is open." not in page
    assert f"http://testserver/quiz/{draft.slug}/" in page
    assert "Take the quiz" not in page
    assert "Close the quiz" in page
    signed_in.post(f"/quizzes/{draft.slug}/close/")
    assert Quiz.objects.get(pk=draft.pk).is_closed


def test_a_signed_in_reader_finds_the_ballot_again_on_another_device(quiz, member, answer_all):
    viewer = member("viewer")
    phone, desk = Client(), Client()
    for device in (phone, desk):
        device.force_login(viewer)
    phone.post(f"/quiz/{quiz.slug}/", {"nickname": "Vi", "panel": "expert", "consents": "on"})
    ballot = quiz.ballots.get(user=viewer)
    there = f"/quiz/{quiz.slug}/{ballot.key}/"
    assert there in desk.get(f"/quiz/{quiz.slug}/").content.decode()
    assert there not in Client().get(f"/quiz/{quiz.slug}/").content.decode()
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    assert f"{there}compare/" in desk.get(f"/quizzes/{quiz.slug}/results/").content.decode()


def test_an_answer_that_failed_is_told_and_asked_for_again(signed_in, draft, version, held_out):
    signed_in.post(f"/quizzes/{draft.slug}/open/")
    Score.objects.filter(micrograph=held_out[0]).update(state=Job.State.FAILED, error="The file is torn.")
    page = signed_in.get(f"/quizzes/{draft.slug}/").content.decode()
    assert f"{held_out[0].filename}: The file is torn." in page
    signed_in.post(f"/quizzes/{draft.slug}/open/")
    assert Score.objects.filter(micrograph=held_out[0], state=Job.State.QUEUED).exists()


ROUTES = [
    ("get", "/datasets/steels/quizzes/", {"viewer": 200, "labeller": 200, "curator": 200, "stranger": 404}),
    ("get", "/datasets/steels/quizzes/new/", {"viewer": 403, "labeller": 403, "curator": 200, "stranger": 404}),
    ("post", "/datasets/steels/quizzes/new/", {"viewer": 403, "labeller": 403, "curator": 200, "stranger": 404}),
    ("get", "/quizzes/{slug}/", {"viewer": 200, "labeller": 200, "curator": 200, "stranger": 404}),
    ("get", "/quizzes/{slug}/readiness/", {"viewer": 200, "labeller": 200, "curator": 200, "stranger": 404}),
    ("post", "/quizzes/{slug}/open/", {"viewer": 403, "labeller": 403, "curator": 302, "stranger": 404}),
    ("post", "/quizzes/{slug}/delete/", {"viewer": 403, "labeller": 403, "curator": 400, "stranger": 404}),
    ("get", "/quizzes/{slug}/results/", {"viewer": 200, "labeller": 200, "curator": 200, "stranger": 404}),
    ("get", "/quizzes/{slug}/results.csv", {"viewer": 404, "labeller": 404, "curator": 404, "stranger": 404}),
    ("post", "/quizzes/{slug}/sign/", {"viewer": 403, "labeller": 403, "curator": 400, "stranger": 404}),
    ("get", "/quizzes/{slug}/invitations/", {"viewer": 403, "labeller": 403, "curator": 200, "stranger": 404}),
    ("post", "/quizzes/{slug}/invitations/", {"viewer": 403, "labeller": 403, "curator": 200, "stranger": 404}),
    ("get", "/quizzes/{slug}/results.json", {"viewer": 404, "labeller": 404, "curator": 404, "stranger": 404}),
    ("get", "/quizzes/{slug}/results.imrmc", {"viewer": 404, "labeller": 404, "curator": 404, "stranger": 404}),
    ("get", "/quizzes/{slug}/results.pdf", {"viewer": 404, "labeller": 404, "curator": 404, "stranger": 404}),
    ("post", "/quizzes/{slug}/endpoint/", {"viewer": 403, "labeller": 403, "curator": 302, "stranger": 404}),
    ("get", "/quizzes/{slug}/results/accuracy.csv", {"viewer": 200, "labeller": 200, "curator": 200, "stranger": 404}),
    ("get", "/quizzes/{slug}/results/questions.csv", {"viewer": 404, "labeller": 404, "curator": 404, "stranger": 404}),
    ("get", "/datasets/steels/quizzes/power/", {"viewer": 403, "labeller": 403, "curator": 200, "stranger": 404}),
    ("post", "/quizzes/{slug}/close/", {"viewer": 403, "labeller": 403, "curator": 302, "stranger": 404}),
    ("post", "/quizzes/{slug}/reopen/", {"viewer": 403, "labeller": 403, "curator": 302, "stranger": 404}),
    ("get", "/quizzes/{slug}/edit/", {"viewer": 403, "labeller": 403, "curator": 302, "stranger": 404}),
    ("post", "/quizzes/{slug}/copy/", {"viewer": 403, "labeller": 403, "curator": 302, "stranger": 404}),
    ("get", "/quizzes/{slug}/preview/", {"viewer": 403, "labeller": 403, "curator": 200, "stranger": 404}),
    ("get", "/quizzes/{slug}/link.png", {"viewer": 200, "labeller": 200, "curator": 200, "stranger": 404}),
    ("get", "/quizzes/{slug}/readers/", {"viewer": 403, "labeller": 403, "curator": 200, "stranger": 404}),
    ("post", "/quizzes/{slug}/readers/1/overrule/", {"viewer": 403, "labeller": 403, "curator": 404, "stranger": 404}),
    ("get", "/quizzes/{slug}/record/", {"viewer": 200, "labeller": 200, "curator": 200, "stranger": 404}),
    ("get", "/quizzes/{slug}/record.json", {"viewer": 404, "labeller": 404, "curator": 404, "stranger": 404}),
    ("get", "/quizzes/{slug}/compare/", {"viewer": 200, "labeller": 200, "curator": 200, "stranger": 404}),
    ("get", "/api/v1/quizzes/", {"viewer": 200, "labeller": 200, "curator": 200, "stranger": 200}),
    ("get", "/api/v1/quizzes/{slug}/results/", {"viewer": 200, "labeller": 200, "curator": 200, "stranger": 404}),
]


@pytest.mark.parametrize(("method", "path", "expected"), ROUTES)
def test_each_route_lets_in_whom_it_should(method, path, expected, quiz, member, stranger):
    for role, status in expected.items():
        client = Client()
        client.force_login(stranger if role == "stranger" else member(role))
        assert getattr(client, method)(path.format(slug=quiz.slug)).status_code == status, role


@pytest.mark.parametrize(("method", "path", "expected"), ROUTES)
def test_no_members_route_is_open_to_the_public(method, path, expected, quiz):
    assert getattr(Client(), method)(path.format(slug=quiz.slug)).status_code in (302, 401, 404)


def test_the_report_counts_submitted_real_readers(quiz, readers):
    report = quiz_report(quiz)
    by_panel = {panel.panel: panel for panel in report.panels}
    assert by_panel["expert"].readers == 2
    assert by_panel["expert"].accuracy == pytest.approx(6 / 7)
    assert by_panel["non-expert"].accuracy == pytest.approx(3 / 7)
    assert (report.best_expert.right, report.models[0].right) == (7, 6)
    votes = {vote.label: vote for vote in report.questions[0].votes}
    assert (votes["ferrite"].experts, votes["unsure"].experts, votes["unsure"].non_experts) == (1, 1, 1)


def test_the_headline_says_plainly_what_the_quiz_shows(quiz, readers):
    first, second = headline(quiz_report(quiz))
    assert first.startswith("Model version 1 was right on 6 of 7 (86 %), the experts (2) on 86 % on average: ")
    assert "a difference of 0 points (95 % interval -" in first
    assert first.endswith("This quiz does not show a difference: the true one may lie anywhere in the interval.")
    assert second.startswith("Model version 1 was right on 6 of 7 (86 %), the non-experts (1) on 43 % on average: ")
    assert second.endswith("One reader does not speak for others: the interval is for this reader alone.")


def test_without_readers_there_is_nothing_to_compare(quiz, signed_in):
    page = signed_in.get(f"/quizzes/{quiz.slug}/results/").content.decode()
    assert "nothing to compare it with" in page


def test_the_results_page_shows_the_papers_figure_and_its_table(quiz, readers, signed_in):
    page = signed_in.get(f"/quizzes/{quiz.slug}/results/")
    trace = page.context["exhibits"][0].figure["data"][0]
    assert trace["x"] == ["non-experts", "experts", "best expert", "Model version 1"]
    assert trace["text"] == ["1", "2", "", ""]
    votes = signed_in.get(f"/quizzes/{quiz.slug}/results/?section=questions").content.decode()
    assert "E 1 · N 0" in " ".join(votes.split())
    assert quiz.frozen_sha256 in signed_in.get(f"/quizzes/{quiz.slug}/results/?section=method").content.decode()


def test_every_exhibit_is_in_one_section_and_tables_of_charts_are_closed(quiz, readers, signed_in):
    found = []
    for name in ("verdict", "people", "agreement", "questions", "method"):
        page = signed_in.get(f"/quizzes/{quiz.slug}/results/?section={name}")
        found += [exhibit.name for exhibit in page.context["exhibits"]]
        charts = sum(exhibit.figure is not None for exhibit in page.context["exhibits"])
        assert page.content.decode().count("<details >") >= charts
    assert sorted(found) == sorted(exhibit.name for exhibit in exhibits(quiz_report(quiz), sees_truth=True))
    assert signed_in.get(f"/quizzes/{quiz.slug}/results/?section=nonsense").context["section"] == "verdict"


def test_the_first_section_says_what_the_quiz_does_not_show(quiz, readers, signed_in):
    page = signed_in.get(f"/quizzes/{quiz.slug}/results/").content.decode()
    assert page.index("Model version 1 was right on") < page.index('id="accuracy"') < page.index("does not show</h2>")


def test_simulated_readers_are_left_out_as_soon_as_there_are_people(quiz, readers, signed_in):
    simulate_readers(quiz=quiz, experts=4, non_experts=5, seed=0)
    page = signed_in.get(f"/quizzes/{quiz.slug}/results/").content.decode()
    assert "9 simulated readers are left out" in page
    with_them = signed_in.get(f"/quizzes/{quiz.slug}/results/?simulated=1")
    assert "9 of these readers are simulated" in with_them.content.decode()
    assert with_them.context["report"].panels[0].readers == 6


def test_simulated_readers_fill_a_quiz_without_people_and_say_so(quiz, signed_in):
    simulate_readers(quiz=quiz, experts=4, non_experts=5, seed=0)
    assert "MicroDB made them up for demonstration" in signed_in.get(f"/quizzes/{quiz.slug}/results/").content.decode()


def test_the_csv_has_a_row_per_reader_and_question_and_no_formula(quiz, readers, signed_in):
    response = signed_in.get(f"/quizzes/{quiz.slug}/results.csv?names=1")
    rows = [row for row in csv.DictReader(response.getvalue().decode().splitlines()) if row["panel"] != "model"]
    assert len(rows) == 21
    assert {row["nickname"] for row in rows} == {"Ada", "Bo", "'=SUM(1)"}
    assert [sum(int(row["right"]) for row in rows if row["panel"] == panel) for panel in Panel.values] == [12, 3]


def test_members_who_could_still_take_the_quiz_learn_no_truth(quiz, readers, member):
    client = Client()
    client.force_login(member("viewer"))
    for path in ("/quizzes/{}/", "/quizzes/{}/results/", "/quizzes/{}/results/?section=questions"):
        page = client.get(path.format(quiz.slug)).content.decode()
        assert "E 1" not in page
        assert "telltale" not in page
    assert client.get(f"/api/v1/quizzes/{quiz.slug}/results/").json()["questions"] is None
    close_quiz(quiz=quiz)
    assert len(client.get(f"/api/v1/quizzes/{quiz.slug}/results/").json()["questions"]) == 7


def test_the_api_tells_the_same_numbers_as_the_page(quiz, readers, signed_in):
    body = signed_in.get(f"/api/v1/quizzes/{quiz.slug}/results/").json()
    assert body["models"][0]["right"] == 6
    assert body["comparisons"][0]["panel"] == "expert"
    assert body["questions"][0]["truth"] == "ferrite"
    listed = signed_in.get("/api/v1/quizzes/").json()["results"][0]
    assert (listed["questions"], listed["readers"], listed["state"]) == (7, 3, "open")


def test_a_token_needs_the_scope_quiz(quiz, owner):
    for scope, status in [("read", 403), ("quiz", 200)]:
        _token, secret = create_api_token(user=owner, scopes=[scope])
        response = Client().get("/api/v1/quizzes/", HTTP_AUTHORIZATION=f"Token {secret}")
        assert response.status_code == status


def test_a_draft_has_no_results(draft, signed_in):
    assert signed_in.get(f"/quizzes/{draft.slug}/results/").status_code == 404
    assert signed_in.get(f"/api/v1/quizzes/{draft.slug}/results/").json()["code"] == "quiz_not_open"


def test_lists_make_a_constant_number_of_queries(quiz, signed_in, django_assert_max_num_queries, dataset, owner):
    Quiz.objects.bulk_create(
        Quiz(dataset=dataset, title=f"Quiz {n}", slug=f"quiz-{n}", created_by=owner) for n in range(40)
    )
    for path in ("/quizzes/", f"/datasets/{dataset.slug}/quizzes/", "/api/v1/quizzes/"):
        with django_assert_max_num_queries(8):
            assert signed_in.get(path).status_code == 200


def test_results_take_a_constant_number_of_queries(quiz, signed_in):
    counts = []
    for seed, readers in enumerate((2, 60)):
        simulate_readers(quiz=quiz, experts=readers, non_experts=readers, seed=seed)
        StoredReport.objects.all().delete()
        with CaptureQueriesContext(connection) as computed:
            signed_in.get(f"/quizzes/{quiz.slug}/results/")
        with CaptureQueriesContext(connection) as stored:
            signed_in.get(f"/quizzes/{quiz.slug}/results/")
        counts.append((len(computed), len(stored)))
    assert counts[0] == counts[1]
    assert counts[0][1] < 13


def test_the_admin_shows_an_opened_quiz_read_only(quiz, readers, owner, signed_in):
    owner.is_staff = owner.is_superuser = True
    owner.save()
    page = signed_in.get(f"/admin/quizzes/quiz/{quiz.pk}/change/").content.decode()
    assert 'name="title"' not in page
    assert quiz.frozen_sha256 in page
    ballot = quiz.ballots.first()
    (invitation,) = invite(quiz=quiz, count=1, by=owner)
    for path in ("quiz", "ballot", "answer", "invitation", "signoff", "quizevent"):
        listed = signed_in.get(f"/admin/quizzes/{path}/")
        assert listed.status_code == 200
        assert str(invitation.key) not in listed.content.decode()
    ballot_page = signed_in.get(f"/admin/quizzes/ballot/{ballot.pk}/change/").content.decode()
    assert str(ballot.key) not in ballot_page
