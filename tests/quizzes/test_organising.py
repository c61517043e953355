"""Organisers edit and preview a draft, share its link, copy a quiz and compare two."""

import io
import re

import pytest
from PIL import Image

from microdb.accounts.models import Panel
from microdb.errors import MicroDBError
from microdb.micrographs.models import Dataset, Membership, Micrograph, Role
from microdb.quizzes.models import Ballot, Exemplar, Quiz
from microdb.quizzes.services import change_draft, copy_quiz, open_quiz, simulate_readers, start_ballot


def fields_of(quiz: Quiz, **changed: object) -> dict[str, object]:
    """What the composer sends."""
    return {
        "title": quiz.title,
        "competitors": [version.pk for version in quiz.competitors.all()],
        "micrographs": [question.micrograph_id for question in quiz.questions.all()],
        "offers_none_of_these": "on",
        "shuffled": "on",
        **changed,
    }


def test_a_draft_is_edited_in_the_composer_with_what_it_has(draft, signed_in, held_out):
    Quiz.objects.filter(pk=draft.pk).update(asks_confidence=True, completeness_percent=90, analysis_plan="One test.")
    address = f"/quizzes/{draft.slug}/edit/"
    form = signed_in.get(address).context["form"]
    assert (form["title"].value(), form["asks_confidence"].value()) == (draft.title, True)
    assert (form["completeness_percent"].value(), form["analysis_plan"].value()) == (90, "One test.")
    changed = fields_of(
        draft,
        title="Who sees best?",
        micrographs=[m.pk for m in held_out[:5]],
        truths_shown="never",
        completeness_percent="75",
    )
    assert signed_in.post(address, changed).url == f"/quizzes/{draft.slug}/"
    draft.refresh_from_db()
    assert (draft.title, draft.questions.count(), draft.asks_confidence) == ("Who sees best?", 5, False)
    assert (draft.truths_shown, draft.completeness_percent) == ("never", 75)


def test_a_draft_keeps_its_content_when_a_change_is_refused(draft, signed_in, held_out):
    Micrograph.objects.filter(pk=held_out[0].pk).update(specimen="train-ferrite-0")
    page = signed_in.post(f"/quizzes/{draft.slug}/edit/", fields_of(draft, title="Leaky"))
    assert "trained on the same specimen" in page.content.decode()
    draft.refresh_from_db()
    assert (draft.title, draft.questions.count(), draft.exemplars.count()) == ("Who sees more?", 7, 4)


def test_an_opened_quiz_can_not_be_edited(quiz, signed_in, held_out, version):
    page = signed_in.get(f"/quizzes/{quiz.slug}/edit/", follow=True).content.decode()
    assert "Copy it to a new draft instead" in page
    with pytest.raises(MicroDBError, match="can't be changed"):
        change_draft(quiz=quiz, title="Other", micrographs=held_out, competitors=[version])


@pytest.mark.parametrize("percent", [0, 101])
def test_a_completeness_that_means_nothing_is_refused(draft, held_out, version, percent):
    with pytest.raises(MicroDBError, match="1 to 100 per cent of the questions"):
        change_draft(quiz=draft, title="T", micrographs=held_out, competitors=[version], completeness_percent=percent)


@pytest.mark.parametrize("when", ["after_closing", "never"])
def test_teaching_that_keeps_the_truth_back_is_refused(draft, held_out, version, when):
    wanted = {"title": "T", "micrographs": held_out, "competitors": [version], "teaching": True}
    with pytest.raises(MicroDBError, match="choose “after a complete sitting”"):
        change_draft(quiz=draft, **wanted, truths_shown=when)
    change_draft(quiz=draft, **wanted, truths_shown="after_sitting")
    draft.refresh_from_db()
    assert draft.teaching


def test_a_copy_is_a_draft_with_the_same_questions_examples_and_rules(quiz, signed_in):
    Quiz.objects.filter(pk=quiz.pk).update(asks_confidence=True, truths_shown="after_closing")
    response = signed_in.post(f"/quizzes/{quiz.slug}/copy/")
    copy = Quiz.objects.exclude(pk=quiz.pk).get()
    assert response.url == f"/quizzes/{copy.slug}/edit/"
    assert (copy.title, copy.opened_at, copy.frozen_sha256, copy.record) == (f"{quiz.title} (copy)", None, "", "")
    assert (copy.asks_confidence, copy.truths_shown) == (True, "after_closing")
    assert [q.micrograph for q in copy.questions.all()] == [q.micrograph for q in quiz.questions.all()]
    assert copy.answers_known == {"1": 7}  # their answers are there by now
    assert open_quiz(quiz=copy).is_open


def test_a_copy_leaves_out_what_can_no_longer_be_asked(quiz, held_out, owner):
    Micrograph.objects.filter(pk=held_out[0].pk).update(specimen="train-ferrite-0")
    Micrograph.objects.filter(pk=held_out[1].pk).update(material_class=None)
    asked = {question.micrograph for question in copy_quiz(quiz=quiz, by=owner).questions.all()}
    assert asked == set(held_out[2:])


@pytest.mark.parametrize("which", ["draft", "quiz"])
def test_the_preview_shows_the_readers_page_and_keeps_nothing(request, which, signed_in):
    quiz = request.getfixturevalue(which)
    page = signed_in.get(f"/quizzes/{quiz.slug}/preview/?question=2").content.decode()
    assert "Question 2 of 7" in page
    assert "Nothing that you choose here is kept" in page
    assert len(re.findall(r'name="choice"', page)) == 4
    picture = re.search(r'"image": "([^"]+)"', page)[1]
    assert signed_in.get(picture).status_code == 200
    assert signed_in.get(f"/quizzes/{quiz.slug}/preview/?question=8").status_code == 404
    assert not Ballot.objects.exists()


def test_the_link_is_a_qr_code_that_is_a_png(quiz, signed_in):
    response = signed_in.get(f"/quizzes/{quiz.slug}/link.png")
    assert response["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(response.content)).width > 200
    page = signed_in.get(f"/quizzes/{quiz.slug}/").content.decode()
    assert 'data-copy="#quiz-link"' in page


def test_two_quizzes_are_compared_side_by_side(quiz, signed_in, owner):
    other = open_quiz(quiz=copy_quiz(quiz=quiz, by=owner))
    simulate_readers(quiz=quiz, experts=3, non_experts=0, seed=0)
    there = f"/quizzes/{quiz.slug}/compare/"
    assert other.title in signed_in.get(there).content.decode()
    page = signed_in.get(there, {"with": other.slug})
    lines = {line.label: (line.first, line.second) for line in page.context["lines"]}
    assert (lines["Experts"][0].readers, lines["Experts"][1]) == (3, None)
    assert lines["Model version 1"][0].accuracy == lines["Model version 1"][1].accuracy
    assert "7 micrographs are asked in both quizzes" in " ".join(page.content.decode().split())
    assert signed_in.get(there, {"with": "nothing"}).status_code == 404


def test_models_of_two_datasets_with_one_name_are_compared_on_two_lines(quiz, signed_in, owner):
    other = open_quiz(quiz=copy_quiz(quiz=quiz, by=owner))
    twin = Dataset.objects.create(name=quiz.dataset.name, slug="twin", created_by=owner)
    Membership.objects.create(dataset=twin, user=owner, role=Role.OWNER)
    Quiz.objects.filter(pk=other.pk).update(dataset=twin)
    lines = signed_in.get(f"/quizzes/{quiz.slug}/compare/", {"with": other.slug}).context["lines"]
    assert [(line.first is None, line.second is None) for line in lines] == [(False, True), (True, False)]


def test_readers_see_definitions_and_what_a_class_is_confused_with(
    dataset, draft, version, held_out, score, client, signed_in
):
    page = signed_in.post(
        f"/datasets/{dataset.slug}/settings/classes/{dataset.material_classes.get(name='ferrite').pk}/",
        {"action": "describe", "description": "Iron with little carbon."},
        follow=True,
    )
    assert "Iron with little carbon." in page.content.decode()
    version.metrics |= {
        "outcomes": ["ferrite", "pearlite", "none-of-these"],
        "confusion": [[8, 2, 0], [0, 10, 0], [0, 0, 0]],
    }
    version.save()
    for micrograph in held_out:
        score(version, micrograph, micrograph.label)
    open_quiz(quiz=draft)
    ballot = start_ballot(quiz=draft, nickname="Ada", panel=Panel.EXPERT, consents=True)
    for address in (f"/quiz/{draft.slug}/", f"/quiz/{draft.slug}/{ballot.key}/1/"):
        text = " ".join(client.get(address).content.decode().split())
        assert "Iron with little carbon." in text
        assert "Often confused with pearlite." in text
        assert "Often confused with ferrite." not in text


def test_examples_are_small_pictures_that_lead_to_the_large_ones(quiz, client):
    exemplar = quiz.exemplars.first()
    webp = io.BytesIO()
    Image.new("L", (320, 240)).save(webp, "WEBP")
    exemplar.micrograph.thumbnail.save("", io.BytesIO(webp.getvalue()))
    page = client.get(f"/quiz/{quiz.slug}/").content.decode()
    assert f"/quiz/exemplar/{exemplar.key}.webp" in page
    small = client.get(f"/quiz/exemplar/{exemplar.key}.webp")
    assert small["Content-Type"] == "image/webp"
    assert Image.open(io.BytesIO(small.content)).size == (256, 192)
    assert client.get(f"/quiz/exemplar/{exemplar.key}.png")["Content-Type"] == "image/png"
    without = Exemplar.objects.filter(quiz=quiz).exclude(pk=exemplar.pk).first()
    assert client.get(f"/quiz/exemplar/{without.key}.webp")["Content-Type"] == "image/webp"


def test_every_page_estimates_the_same_time(quiz, client):
    ballot = start_ballot(quiz=quiz, nickname="Ada", panel=Panel.EXPERT, consents=True)
    assert "about 2 minutes" in " ".join(client.get(f"/quiz/{quiz.slug}/").content.decode().split())
    sheet = client.get(f"/quiz/{quiz.slug}/{ballot.key}/1/").context["sheet"]
    assert -(-7 * sheet["usualSeconds"] // 60) == 2
