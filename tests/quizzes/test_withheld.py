"""The questions of an open quiz are withheld, as whole micrographs, from everybody who may still take it."""

import csv
import io
import zipfile

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.models import BlindItem, Change, Micrograph, NearDuplicate, Reading, Role
from microdb.quizzes.models import Answer, Ballot, Question, Quiz
from microdb.quizzes.services import (
    close_quiz,
    copy_quiz,
    create_quiz,
    reopen_quiz,
    sign_truth,
    start_ballot,
    submit_ballot,
)
from microdb.scoring.models import Batch, BatchItem, Score
from microdb.scoring.services import BatchInput, create_batch
from microdb.training.models import OutOfFold
from tests.descriptor_maps import map_of

MAY_STILL_SIT = ["viewer", "labeller", "curator", "owner", "staff", "superuser"]


@pytest.fixture
def people(dataset, member) -> dict[str, User]:
    """Members of each role who did not organise the quiz, staff who curate, and a superuser."""
    found = {role: member(role) for role in ("viewer", "labeller", "curator", "owner")}
    found["staff"] = User.objects.create_user("a-staff", is_staff=True)
    services.set_member(dataset=dataset, user=found["staff"], role=Role.OWNER, by=dataset.created_by)
    found["superuser"] = User.objects.create_superuser("a-superuser")
    return found


@pytest.fixture
def asked(quiz, held_out, dataset, version, owner, member) -> list[Micrograph]:
    """The questions, with everything that could tell their labels: history, readings, batch, blind round, folds."""
    for one in dataset.micrographs.all():  # its training micrographs are exported, too
        with one.display.open() as picture:
            one.master.save("", picture)
    for one in held_out:
        Change.objects.create(micrograph=one, field=Change.Field.LABEL, new=one.label, by=owner)
        Reading.objects.get_or_create(micrograph=one)
    services.update_specimens(dataset=dataset, records={held_out[0].specimen: {"heat_number": "H-1"}}, by=owner)
    OutOfFold.answered(version, held_out[0].pk, "ferrite", {"ferrite": 0.2, "pearlite": 0.8}).save()
    version.descriptor_map = map_of(held_out)
    version.save()
    create_batch(model_version=version, items=[BatchInput(one.filename, one) for one in held_out], by=owner)
    raters = [User.objects.create_user(name) for name in ("rater-1", "rater-2")]
    for rater in raters:
        services.set_member(dataset=dataset, user=rater, role=Role.LABELLER, by=owner)
    ready = dataset.micrographs.filter(pk__in=[one.pk for one in held_out])
    services.start_blind_round(dataset=dataset, micrographs=ready, count=9, first=raters[0], second=raters[1], by=owner)
    BlindItem.objects.update(first_answer="ferrite", second_answer="pearlite")
    return held_out


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def telling(micrographs: list[Micrograph]) -> set[str]:
    """What identifies a micrograph or tells its label."""
    return {text for one in micrographs for text in (str(one.pk), one.filename, one.sha256)}


def told(answer, micrographs: list[Micrograph]) -> set[str]:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"\n".join(
                [*(archive.read(name) for name in archive.namelist()), *map(str.encode, archive.namelist())]
            )
    return {text for text in telling(micrographs) if text.encode() in body}


LISTS = [
    "/datasets/",
    "/datasets/steels/",
    "/datasets/steels/overview/",
    "/datasets/steels/?label=pearlite",
    "/datasets/steels/?label=none-of-these",
    "/datasets/steels/?split=quiz",
    "/datasets/steels/?predicted=pearlite",
    "/datasets/steels/facets/predicted/",
    "/datasets/steels/?specimen=quiz-ferrite-0",
    "/datasets/steels/?search=telltale",
    "/datasets/steels/?sort=specimen",
    "/datasets/steels/facets/specimen/",
    "/datasets/steels/facets/heat_number/",
    "/datasets/steels/specimens/",
    "/datasets/steels/specimens/quiz-ferrite-0/",
    "/datasets/steels/specimens.csv",
    "/datasets/steels/health/",
    "/datasets/steels/label/?all=1",
    "/datasets/steels/label/queue/?all=1",
    "/datasets/steels/suspects/",
    "/datasets/steels/suspects/?kept=1",
    "/datasets/steels/suspects/queue/",
    "/datasets/steels/suspects/review/",
    "/datasets/steels/next/",
    "/datasets/steels/next/queue/",
    "/datasets/steels/versions/",
    "/datasets/steels/versions/compare/?before=1&after=1",
    "/datasets/steels/settings/",
    "/datasets/steels/export/",
    "/datasets/steels/split/?share=50&seed=0",
    "/datasets/steels/trash/",
    "/datasets/steels/scores/",
    "/datasets/steels/scores/?predicted=pearlite",
    "/datasets/steels/training/1/",
    "/datasets/steels/training/1/held-out/",
    "/datasets/steels/training/1/map/",
    "/datasets/steels/training/1/map/micrographs/",
    "/datasets/steels/?among=map:1:_w",
    "/datasets/steels/label/queue/?among=map:1:_w",
    "/datasets/steels/quizzes/new/",
    "/quizzes/{quiz}/",
    "/quizzes/{quiz}/results/",
    "/quizzes/{quiz}/results/?section=questions",
    "/quizzes/{quiz}/results.csv",
    "/quizzes/{quiz}/results.json",
    "/quizzes/{quiz}/record/",
    "/quizzes/{quiz}/record.json",
    "/datasets/steels/blind/{blind}/",
    "/batches/{batch}/",
    "/batches/{batch}/progress/",
    "/batches/{batch}/results.csv",
    "/batches/{batch}/results.pdf",
    "/api/v1/datasets/steels/micrographs/?page_size=100",
    "/api/v1/datasets/steels/micrographs/?label=pearlite",
    "/api/v1/datasets/steels/micrographs/?predicted=pearlite",
    "/api/v1/datasets/steels/suspects/",
    "/api/v1/datasets/steels/specimens/?page_size=100",
    "/api/v1/datasets/steels/specimens/quiz-ferrite-0/",
    "/api/v1/datasets/steels/area-fractions/?specimen=quiz-ferrite-0",
    "/api/v1/datasets/steels/batches/{batch}/results/",
    "/api/v1/datasets/steels/micrographs/?among=map:1:_w",
    "/api/v1/datasets/steels/model-versions/1/",
    "/api/v1/datasets/steels/model-versions/1/held-out/",
    "/api/v1/datasets/steels/model-versions/1/report/",
    "/api/v1/quizzes/{quiz}/results/",
    "/admin/micrographs/micrograph/?all=",
    "/admin/micrographs/micrograph/?label=pearlite",
    "/admin/micrographs/micrograph/?q=telltale",
    "/admin/micrographs/change/?all=",
    "/admin/micrographs/reading/?all=",
    "/admin/micrographs/nearduplicate/?all=",
    "/admin/scoring/score/?all=",
    "/admin/scoring/score/?q=telltale",
    "/admin/quizzes/quiz/{quiz_pk}/change/",
    "/admin/quizzes/ballot/",
    "/admin/quizzes/answer/",
]


OF_ORGANISERS = {f"/quizzes/{{quiz}}/{name}" for name in ("results.csv", "results.json", "record.json")}
"""Downloads that are not there for those who may not see truths."""


@pytest.fixture
def address(quiz):
    def fill(pattern: str, **more: object) -> str:
        blind = BlindItem.objects.values_list("round", flat=True).first()
        return pattern.format(quiz=quiz.slug, quiz_pk=quiz.pk, batch=Batch.objects.first().pk, blind=blind, **more)

    return fill


@pytest.mark.parametrize("role", MAY_STILL_SIT)
def test_no_list_tells_a_question_to_somebody_who_may_still_take_the_quiz(role, people, asked, address):
    client = client_of(people[role])
    for pattern in LISTS:
        answer = client.get(address(pattern))
        assert answer.status_code in (200, 302, 403) or pattern in OF_ORGANISERS, pattern
        assert told(answer, asked) == set(), pattern


def test_the_same_lists_show_them_to_the_organiser_and_to_all_when_the_quiz_is_closed(
    people, asked, address, quiz, owner
):
    found = "/api/v1/datasets/steels/micrographs/?page_size=100"
    assert told(client_of(owner).get(found), asked) == telling(asked)
    assert told(client_of(owner).get(address("/batches/{batch}/")), asked)
    assert told(client_of(owner).get("/datasets/steels/export/"), asked)
    close_quiz(quiz=quiz)
    for role in MAY_STILL_SIT:
        assert told(client_of(people[role]).get(found), asked) == telling(asked)
    reopen_quiz(quiz=quiz, by=owner, reason="one more reader")
    assert told(client_of(people["viewer"]).get(found), asked) == set()


ONE = [
    "/datasets/steels/micrographs/{pk}/",
    "/datasets/steels/training/1/map/micrographs/{pk}/",
    "/micrographs/{pk}/image/",
    "/micrographs/{pk}/thumbnail/",
    "/micrographs/{pk}/master/",
    "/api/v1/datasets/steels/micrographs/{pk}/",
    "/api/v1/micrographs/{pk}/image/",
    "/api/v1/micrographs/{pk}/thumbnail/",
    "/api/v1/micrographs/{pk}/master/",
]
OF_SCORE = [
    "/scores/{score}/",
    "/scores/{score}/card/",
    "/scores/{score}/saliency/",
    "/scores/{score}/planes/",
    "/scores/{score}/area-fractions.csv",
    "/api/v1/scores/{score}/",
    "/api/v1/scores/{score}/saliency/",
    "/api/v1/scores/{score}/planes/",
]


@pytest.mark.parametrize("role", MAY_STILL_SIT)
def test_a_question_itself_its_files_and_its_scores_are_refused_with_the_reason(role, people, asked):
    client, one = client_of(people[role]), asked[0]
    for pattern in ONE:
        etag = f'"{one.pk}-display"'
        answer = client.get(pattern.format(pk=one.pk), headers={"if-none-match": etag, "accept": "application/json"})
        assert answer.status_code == 403, pattern
        assert "open quiz" in answer.content.decode(), pattern
        assert one.filename not in answer.content.decode(), pattern
    score = Score.objects.filter(micrograph=one).first()
    for pattern in OF_SCORE:
        assert client.get(pattern.format(score=score.pk)).status_code == 404, pattern


def test_tokens_reach_no_more_than_their_owner(people, asked):
    for role in MAY_STILL_SIT:
        _token, secret = create_api_token(user=people[role], scopes=["read", "upload", "train", "score", "quiz"])
        client = Client(headers={"authorization": f"Token {secret}"})
        listed = client.get("/api/v1/datasets/steels/micrographs/?page_size=100")
        assert (listed.json()["count"], told(listed, asked)) == (4, set())
        address = f"/api/v1/datasets/steels/micrographs/{asked[0].pk}/"
        assert client.get(address).status_code == 403
        assert client.patch(address, {"label": "pearlite"}, "application/json").status_code == 403


def test_counts_and_facets_leave_the_questions_out(people, asked, quiz):
    client = client_of(people["viewer"])

    def options() -> dict[str, int]:
        facets = client.get("/datasets/steels/").context["facets"]
        return {option.text: option.count for facet in facets for option in facet.options if option.count}

    def report() -> dict[str, tuple[int, int]]:
        rows = client.get("/datasets/steels/health/").context["report"].rows
        return {row.name: (row.train, row.quiz, sum(one.count for one in row.covered)) for row in rows}

    assert options() == {"ferrite": 2, "pearlite": 2, "train": 4}
    assert report() == {"ferrite": (2, 0, 2), "pearlite": (2, 0, 2)}
    (card,) = client.get("/datasets/").context["datasets"]
    assert (card.micrograph_count, card.labelled_count) == (4, 4)
    classes = client.get("/datasets/steels/settings/").context["classes"]
    assert [one.count for one in classes] == [2, 2]
    assert client.get("/datasets/steels/?split=train").context["page"].paginator.count == 4
    assert client.get("/datasets/steels/?heat_number=H-1").context["page"].paginator.count == 0
    assert "7 micrographs are hidden from you" in client.get("/datasets/steels/").content.decode()
    close_quiz(quiz=quiz)
    assert options() == {
        "ferrite": 5,
        "pearlite": 5,
        "none-of-these": 1,
        "none of these": 1,
        "train": 4,
        "quiz": 7,
    } or (options()["ferrite"] == 5)
    assert report()["pearlite"] == (2, 3, 5)


def test_cached_numbers_of_one_person_are_not_shown_to_another(people, asked, owner):
    query = "/datasets/steels/?search=telltale"
    assert client_of(owner).get(query).context["page"].paginator.count == 11
    assert client_of(people["viewer"]).get(query).context["page"].paginator.count == 4
    assert client_of(owner).get(query).context["page"].paginator.count == 11


WRITES = [
    ("/datasets/steels/label/{pk}/", {"label": "pearlite"}, 403),
    ("/datasets/steels/micrographs/{pk}/", {"label": "pearlite"}, 403),
    ("/datasets/steels/micrographs/{pk}/scale/", {"pixels_per_micrometre": "3"}, 403),
    ("/datasets/steels/micrographs/{pk}/trash/", {}, 403),
    ("/datasets/steels/changes/{change}/revert/", {}, 404),
    ("/datasets/steels/bulk/", {"action": "label", "label": "pearlite", "micrograph": "{pk}"}, 302),
    ("/datasets/steels/bulk/", {"action": "label", "label": "pearlite", "everything": "1"}, 302),
    ("/datasets/steels/scores/micrographs/{pk}/", {"pixels_per_micrometre": "3"}, 403),
    ("/admin/micrographs/micrograph/{pk}/change/", {"label": "pearlite"}, 302),
    (
        "/admin/micrographs/micrograph/",
        {"action": "label_selected", "label": "pearlite", "_selected_action": "{pk}"},
        302,
    ),
]


@pytest.mark.parametrize("role", ["owner", "superuser"])
@pytest.mark.parametrize(("pattern", "fields", "status"), WRITES)
def test_nobody_changes_a_question_that_is_hidden_from_them(role, people, asked, pattern, fields, status):
    if pattern.startswith("/admin/") and role != "superuser":
        pytest.skip("no staff")
    one = asked[0]
    change = Change.objects.filter(micrograph=one).first()
    given = {name: value.format(pk=one.pk) for name, value in fields.items()}
    answer = client_of(people[role]).post(pattern.format(pk=one.pk, change=change.pk), given)
    assert answer.status_code == status
    one.refresh_from_db()
    assert (one.label, one.pixels_per_micrometre, one.trashed_at) == ("ferrite", 2.5, None)
    if status == 403:
        assert "open quiz" in answer.content.decode()


def test_services_refuse_to_change_them_whatever_calls(people, asked, owner):
    for change in (
        lambda by: services.set_label(micrographs=asked, label="pearlite", by=by),
        lambda by: services.set_specimen(micrographs=asked, specimen="S", by=by),
        lambda by: services.trash_micrographs(micrographs=asked, by=by),
    ):
        with pytest.raises(MicroDBError, match="open quiz") as refused:
            change(people["superuser"])
        assert refused.value.code == "withheld"
    assert services.set_label(micrographs=asked[:1], label="pearlite", by=owner) == 1


def test_uploading_the_same_file_names_no_question(people, asked, owner):
    master = asked[0].display.open().read()
    client = client_of(people["curator"])
    named = [{"sha256": one.sha256, "label": "pearlite"} for one in asked]
    assert client.post("/datasets/steels/upload/known/", {"files": named}, "application/json").json() == {"known": {}}
    manifest = "filename,label\n" + "".join(f"{one.filename},pearlite\n" for one in asked)
    applied = client.post("/datasets/steels/apply/", {"manifest": io.StringIO(manifest)})
    assert "ferrite →" not in applied.content.decode()
    headers = {"accept": "application/json"}
    sent = client.post("/datasets/steels/upload/", {"file": named_file("x.png", master)}, headers=headers).json()
    assert sent["code"] == "duplicate"
    assert asked[0].filename not in sent["message"]
    scored = client.post("/datasets/steels/scores/upload/", {"files": named_file("x.png", master)})
    assert "open quiz" in scored.content.decode()


def named_file(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def test_what_looks_like_a_question_is_hidden_too(people, asked, add, dataset):
    twin = add("ferrite", "", "another")
    first, second = sorted([twin, asked[0]], key=lambda one: str(one.pk))
    NearDuplicate.objects.create(first=first, second=second, kind=NearDuplicate.Kind.PIXELS, differing_bits=0)
    listed = client_of(people["viewer"]).get("/api/v1/datasets/steels/micrographs/")
    assert told(listed, [*asked, twin]) == set()


def test_who_signed_or_acted_on_a_quiz_is_an_organiser_and_knows(draft, people, held_out, dataset):
    sign_truth(quiz=draft, by=people["curator"])
    assert Quiz.objects.organised_by(people["curator"]).get() == draft
    assert not Quiz.objects.organised_by(people["owner"]).exists()
    assert not Quiz.objects.organised_by(AnonymousUser()).exists()


def test_a_curator_who_may_still_take_a_quiz_sees_no_truths_in_a_copy_or_an_older_quiz(
    people, quiz, asked, version, owner, dataset
):
    with pytest.raises(MicroDBError):
        copy_quiz(quiz=quiz, by=people["curator"])
    older = create_quiz(dataset=dataset, title="Older", micrographs=asked, competitors=[version], by=owner)
    page = client_of(people["curator"]).get(f"/quizzes/{older.slug}/")
    assert told(page, asked) == set()
    assert page.context["questions"] is None


def test_the_admin_shows_neither_ballots_nor_truths_of_an_open_quiz_and_deletes_none(
    quiz, people, owner, ballot, answer_all
):
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    owner.is_staff = owner.is_superuser = True
    owner.save()
    for user in (people["superuser"], owner):
        client = client_of(user)
        for path in (f"ballot/{ballot.pk}", f"answer/{ballot.answers.first().pk}"):
            for page in ("change", "delete", "history"):
                assert client.get(f"/admin/quizzes/{path}/{page}/").status_code in (302, 403, 404)
            assert client.post(f"/admin/quizzes/{path}/delete/", {"post": "yes"}).status_code in (302, 403)
        assert "Ada" not in client.get("/admin/quizzes/ballot/").content.decode()
        selected = {"action": "delete_selected", "_selected_action": ballot.pk, "post": "yes"}
        client.post("/admin/quizzes/ballot/", selected)
        page = client.get(f"/admin/quizzes/quiz/{quiz.pk}/change/").content.decode()
        assert "pearlite" not in page
    assert (Ballot.objects.count(), Answer.objects.count(), Question.objects.count()) == (1, 7, 7)
    close_quiz(quiz=quiz)
    assert "Ada" in client.get("/admin/quizzes/ballot/").content.decode()


def test_a_class_in_use_is_not_offered_for_deletion_where_the_refusal_would_list_questions(people, asked, dataset):
    page = client_of(people["superuser"]).get(f"/admin/micrographs/dataset/{dataset.pk}/change/").content.decode()
    assert "material_classes-0-name" in page
    assert "material_classes-0-DELETE" not in page


def test_the_quiz_itself_goes_on_showing_pictures_and_taking_answers(people, quiz, asked):
    client = client_of(people["viewer"])
    ballot = start_ballot(consents=True, quiz=quiz, nickname="Vi", panel="expert", user=people["viewer"])
    assert client.get(f"/quiz/{quiz.slug}/{ballot.key}/1/").status_code == 200
    key = quiz.questions.first().key
    assert client.get(f"/quiz/image/{key}.png").status_code == 200


def test_the_csv_of_a_batch_has_only_the_rows_that_may_be_seen(people, asked, dataset, version, owner):
    batch = Batch.objects.get()
    shown = dataset.micrographs.filter(split="train").first()
    BatchItem.objects.create(batch=batch, position=99, filename=shown.filename, micrograph=shown)
    body = b"".join(client_of(people["viewer"]).get(f"/batches/{batch.pk}/results.csv").streaming_content).decode()
    assert [row["filename"] for row in csv.DictReader(io.StringIO(body.lstrip("﻿")))] == [shown.filename]
