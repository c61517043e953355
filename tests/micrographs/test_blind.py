"""Two people label blindly; agreement is Cohen's kappa; conflicts are settled by a third."""

from collections.abc import Callable

import pytest
from django.test import Client
from sklearn.metrics import cohen_kappa_score

from microdb.accounts.models import User
from microdb.micrographs.labelling.inter_rater import agreement_table
from microdb.micrographs.models import BlindRound, Dataset, Micrograph

Add = Callable[..., Micrograph]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def blind(dataset: Dataset, people: dict[str, User], add: Add) -> BlindRound:
    """Three unlabelled micrographs for the labeller and the curator."""
    for seed in range(3):
        add(seed, filename=f"ferrite/secret-{seed}.png")
    start = {"scope": "unlabelled", "count": "3", "first": people["labeller"].pk, "second": people["curator"].pk}
    assert client_of(people["owner"]).post("/datasets/steels/blind/", start).status_code == 302
    return BlindRound.objects.get()


def answer(blind: BlindRound, who: User, answers: list[str]) -> list[int]:
    client = client_of(who)
    url = f"/datasets/steels/blind/{blind.pk}/items/"
    items = blind.items.order_by("position")
    return [client.post(f"{url}{i.pk}/", {"label": a}).status_code for i, a in zip(items, answers, strict=False)]


def test_nobody_sees_the_others_answers_before_both_are_through(blind: BlindRound, people: dict[str, User]):
    answer(blind, people["labeller"], ["ferrite", "pearlite", "unsure"])
    for who in ("labeller", "curator", "owner"):
        page = client_of(people[who]).get(f"/datasets/steels/blind/{blind.pk}/")
        assert "agreement" not in page.context
    page = client_of(people["curator"]).get(f"/datasets/steels/blind/{blind.pk}/label/")
    assert "secret" not in page.text
    assert [item["label"] for item in page.context["first"]] == ["", "", ""]
    queue = client_of(people["labeller"]).get(f"/datasets/steels/blind/{blind.pk}/queue/").json()
    assert queue["items"] == []


def test_agreed_labels_are_set_and_conflicts_settled(blind: BlindRound, people: dict[str, User], dataset: Dataset):
    answer(blind, people["labeller"], ["ferrite", "pearlite", "unsure"])
    answer(blind, people["curator"], ["ferrite", "none-of-these", "unsure"])
    assert not dataset.micrographs.labelled().exists()
    owner, url = client_of(people["owner"]), f"/datasets/steels/blind/{blind.pk}/"
    page = owner.get(url)
    assert (page.context["agreed"], len(page.context["conflicts"])) == (2, 1)
    owner.post(url + "settle/")
    conflict = page.context["conflicts"][0]
    settled = owner.post(url + "settle/", {"item": conflict.pk, "label": "pearlite"}, follow=True)
    assert f"{conflict.micrograph}: pearlite." in settled.text
    answers = {item.micrograph.answer for item in blind.items.select_related("micrograph")}
    assert answers == {"ferrite", "pearlite", "unsure"}
    assert conflict.micrograph.changes.get().by == people["owner"]
    assert owner.get(url).context["conflicts"] == []
    assert answer(blind, people["labeller"], ["pearlite"]) == [400]


def test_an_answer_is_from_the_two_about_a_known_class(blind: BlindRound, people: dict[str, User]):
    assert answer(blind, people["owner"], ["ferrite"]) == [403]
    assert answer(blind, people["labeller"], ["granite"]) == [400]
    assert answer(blind, people["viewer"], ["ferrite"]) == [403]
    assert answer(blind, people["stranger"], ["ferrite"]) == [404]


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [("labeller", "labeller", "two different people"), ("labeller", "viewer", "Select a valid choice")],
)
def test_a_round_takes_two_people_who_may_label(
    signed_in: Client, people: dict[str, User], add: Add, first: str, second: str, sentence: str
):
    add(0)
    given = {"scope": "unlabelled", "count": "1", "first": people[first].pk, "second": people[second].pk}
    assert sentence in signed_in.post("/datasets/steels/blind/", given).text
    assert not BlindRound.objects.exists()


def test_a_round_of_nothing_is_refused_in_words(signed_in: Client, people: dict[str, User], dataset: Dataset):
    given = {"scope": "quiz", "count": "1", "first": people["labeller"].pk, "second": people["curator"].pk}
    assert "No micrograph matches this choice" in signed_in.post("/datasets/steels/blind/", given).text


def test_kappa_is_cohens():
    pairs = [("a", "a"), ("a", "b"), ("b", "b"), ("c", "c"), ("c", "a"), ("a", "a"), ("b", "c"), ("", "a")]
    found = agreement_table(pairs)
    first, second = zip(*pairs[:-1], strict=True)
    assert found.kappa == pytest.approx(cohen_kappa_score(first, second))
    assert (found.both, found.alike) == (7, 4)
    assert found.table == [("a", [2, 1, 0]), ("b", [0, 1, 1]), ("c", [1, 0, 1])]


@pytest.mark.parametrize(("pairs", "kappa"), [([], None), ([("a", "a")], None), ([("a", "b"), ("b", "a")], -1.0)])
def test_kappa_at_its_limits(pairs: list[tuple[str, str]], kappa: float | None):
    assert agreement_table(pairs).kappa == kappa


def test_of_two_people_labelling_one_image_at_once_the_second_is_told(
    add: Add, people: dict[str, User], dataset: Dataset
):
    one = add(0)
    url = f"/datasets/steels/label/{one.pk}/"
    first = client_of(people["labeller"]).post(url, {"label": "ferrite", "seen": ""})
    second = client_of(people["curator"]).post(url, {"label": "pearlite", "seen": ""})
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json()["label"] == "ferrite"
    assert "Somebody else set “ferrite” meanwhile" in second.json()["message"]
    assert client_of(people["curator"]).post(url, {"label": "pearlite", "seen": "ferrite"}).status_code == 200
    assert [(c.new, c.by.username) for c in one.changes.all()] == [("pearlite", "curator"), ("ferrite", "labeller")]
