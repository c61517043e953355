"""The front page, and which doors it has."""

import pytest
from django.test import Client

from microdb.micrographs.models import Dataset, Licence
from microdb.micrographs.services import create_dataset, update_dataset
from microdb.quizzes.models import Quiz
from microdb.quizzes.services import close_quiz

QUIZ, FINISHED, SIGN_IN = "Take the sample quiz", "Look at a finished dataset", "Sign in"


@pytest.fixture
def public(dataset: Dataset) -> Dataset:
    return update_dataset(dataset=dataset, public=True, licence=Licence.CC0)


def test_people_who_are_signed_in_go_on_to_their_datasets(signed_in: Client) -> None:
    assert signed_in.get("/").url == "/datasets/"


def test_a_site_with_nothing_public_has_one_door(client: Client, dataset: Dataset) -> None:
    page = client.get("/").text
    assert SIGN_IN in page
    assert QUIZ not in page
    assert FINISHED not in page
    assert dataset.name not in page


def test_a_site_with_a_quiz_and_a_public_dataset_has_three(client: Client, public, quiz: Quiz, settings) -> None:
    settings.SAMPLE_QUIZ = quiz.slug
    page = client.get("/").text
    assert f'href="/quiz/{quiz.slug}/"' in page
    assert f'href="/datasets/{public.slug}/"' in page
    assert SIGN_IN in page


@pytest.mark.parametrize("reason", ["not named", "by invitation", "closed", "trashed"])
def test_the_quiz_is_offered_only_if_it_is_named_and_anybody_may_take_it(
    client: Client, quiz: Quiz, settings, reason: str
) -> None:
    settings.SAMPLE_QUIZ = "" if reason == "not named" else quiz.slug
    match reason:
        case "by invitation":
            Quiz.objects.update(by_invitation=True)
        case "closed":
            close_quiz(quiz=quiz)
        case "trashed":
            Dataset.objects.update(trashed_at=quiz.created_at)
    assert QUIZ not in client.get("/").text


def test_the_pictures_are_no_questions_of_an_open_quiz(client: Client, public: Dataset, quiz: Quiz) -> None:
    asked = set(quiz.questions.values_list("micrograph", flat=True))
    shown = set(client.get("/").context["thumbnails"])
    assert shown
    assert not shown & asked


def test_a_dataset_with_a_trained_version_is_the_finished_one(client: Client, public, version, owner) -> None:
    later = create_dataset(name="Later", by=owner)
    update_dataset(dataset=later, public=True, licence=Licence.CC0)
    context = client.get("/").context
    assert context["finished"] == public
    assert context["datasets"] == [public, later]


def test_more_public_datasets_cost_no_more_queries(client: Client, owner, django_assert_max_num_queries) -> None:
    for number in range(15):
        update_dataset(dataset=create_dataset(name=f"D{number}", by=owner), public=True, licence=Licence.CC0)
    with django_assert_max_num_queries(6):
        client.get("/")
