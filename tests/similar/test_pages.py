"""Pages of similar micrographs, and the same through the API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.jobs import Job
from microdb.micrographs.models import Membership, Micrograph, Role
from microdb.scoring.models import Score
from microdb.scoring.services import request_score
from microdb.scoring.tasks import score_micrograph
from microdb.similar.models import Describing
from tests.trained import drawn_png, read_all

HTMX = {"HX-Request": "true"}


@pytest.fixture
def row(drawn, place) -> list[Micrograph]:
    """Micrographs of different specimens and of one scale, each one farther from the first."""
    found = list(drawn.micrographs.order_by("filename"))
    for number, one in enumerate(found):
        place(one, (float(number), 0.0), trained_on=one.split == "train")
    Describing.objects.update(state=Job.State.DONE)
    return found


@pytest.fixture
def score(trained) -> Score:
    made = request_score(model_version=trained, micrograph=trained.dataset.micrographs.filter(split="quiz").first())
    score_micrograph(str(made.pk))
    made.refresh_from_db()
    assert made.state == Job.State.DONE, made.error
    return made


@pytest.fixture
def api(owner: User) -> Client:
    return Client(headers={"authorization": "Token " + create_api_token(user=owner, scopes=["read"])[1]})


def page_of(micrograph: Micrograph) -> str:
    return f"/datasets/steels/micrographs/{micrograph.pk}/similar/"


def links(page: str, row: list[Micrograph]) -> list[str]:
    """The micrographs that a page links to, in its order."""
    places = {one.filename: page.find(f'href="/datasets/steels/micrographs/{one.pk}/"') for one in row}
    return [name for name, place in sorted(places.items(), key=lambda pair: pair[1]) if place >= 0]


def test_the_page_shows_what_looks_alike_with_labels_and_links(signed_in: Client, trained, row):
    page = signed_in.get(page_of(row[0])).content.decode()
    assert links(page, row) == [one.filename for one in row]  # itself at the head, then the nearest first
    assert "pearlite" in page
    assert "being described" not in page


def test_the_options_of_the_address_widen_the_search(signed_in: Client, trained, row):
    Micrograph.objects.filter(pk=row[1].pk).update(specimen=row[0].specimen)
    assert row[1].filename not in signed_in.get(page_of(row[0])).content.decode()
    assert row[1].filename in signed_in.get(page_of(row[0]) + "?specimens=any&scale=nonsense").content.decode()


def test_a_micrograph_that_waits_asks_again_until_it_is_described(signed_in: Client, trained, drawn, place):
    one = drawn.micrographs.first()
    page = signed_in.get(page_of(one)).content.decode()
    assert f'hx-get="{page_of(one)}"' in page
    answer = signed_in.get(page_of(one), headers=HTMX)
    assert signed_in.get(page_of(one), headers=HTMX | {"If-None-Match": answer["ETag"]}).status_code == 304
    place(one, (0.0, 0.0))
    fragment = signed_in.get(page_of(one), headers=HTMX | {"If-None-Match": answer["ETag"]}).content.decode()
    assert "hx-get" not in fragment
    assert "<html" not in fragment


def test_the_page_takes_as_many_queries_for_many_as_for_one(
    signed_in: Client, trained, row, django_assert_max_num_queries
):
    with django_assert_max_num_queries(25):
        signed_in.get(page_of(row[0]))


def test_without_a_trained_model_the_page_leads_to_training(signed_in: Client, drawn):
    page = signed_in.get(page_of(drawn.micrographs.first())).content.decode()
    assert "this dataset has none yet" in page


def test_the_page_of_a_micrograph_links_to_the_similar_ones(signed_in: Client, drawn):
    one = drawn.micrographs.first()
    assert page_of(one) in signed_in.get(f"/datasets/steels/micrographs/{one.pk}/").content.decode()


def test_a_score_shows_the_training_micrographs_that_it_looks_like(signed_in: Client, trained, row, score, place):
    address = f"/scores/{score.pk}/similar/"
    assert f'hx-get="{address}"' in signed_in.get(f"/scores/{score.pk}/").content.decode()
    place(score.micrograph, (10.0, 0.0))
    expected = [one.filename for one in reversed(row) if one.split == "train"][:5]
    fragment = signed_in.get(address, headers=HTMX).content.decode()
    assert links(fragment, row) == expected
    assert links(signed_in.get(address).content.decode(), row) == expected


def test_a_file_is_read_and_scored_and_then_searched_by(signed_in: Client, trained, row):
    page = "/datasets/steels/similar/"
    assert "multipart/form-data" in signed_in.get(page).content.decode()
    sent = SimpleUploadedFile("new.png", drawn_png("pearlite", 50), "image/png")
    answer = signed_in.post(page, {"file": sent, "pixels_per_micrometre": "10"})
    new = Micrograph.objects.get(filename="new.png")
    assert (answer["Location"], new.scored_only) == (page_of(new), True)
    asked = f"/datasets/steels/scores/micrographs/{new.pk}/"
    assert f'hx-post="{asked}"' in signed_in.get(page_of(new)).content.decode()
    read_all()
    signed_in.post(asked, headers=HTMX)
    score = Score.objects.get(micrograph=new)
    assert f"/scores/{score.pk}/card/" in signed_in.get(page_of(new)).content.decode()
    score_micrograph(str(score.pk))
    found = signed_in.get(page_of(new))
    assert found.context["found"].state == "found"
    assert "/card/" not in found.content.decode()
    assert new.filename not in [one.micrograph.filename for one in found.context["found"].similar]


def test_a_file_that_cannot_be_used_says_why(signed_in: Client, trained):
    sent = SimpleUploadedFile("new.png", b"no image", "image/png")
    answer = signed_in.post("/datasets/steels/similar/", {"file": sent})
    assert answer.status_code == 400
    assert not Micrograph.objects.filter(filename="new.png").exists()


def test_a_viewer_searches_but_sends_no_files_and_a_stranger_finds_nothing(client: Client, trained, row, stranger):
    client.force_login(stranger)
    for address in (page_of(row[0]), "/datasets/steels/similar/"):
        assert client.get(address).status_code == 404
    Membership.objects.create(dataset=trained.dataset, user=stranger, role=Role.VIEWER)
    assert client.get(page_of(row[0])).status_code == 200
    assert client.get("/datasets/steels/similar/").status_code == 403


def test_the_api_answers_the_same(api: Client, trained, row):
    answer = api.get(f"/api/v1{page_of(row[0])}?limit=3").json()
    assert (answer["model_version"], answer["state"], answer["incomplete"]) == (1, "found", False)
    assert [one["micrograph"]["filename"] for one in answer["results"]] == [one.filename for one in row[1:4]]
    assert [one["distance"] for one in answer["results"]] == pytest.approx([1, 2, 3], rel=1e-2)
    assert answer["results"][0]["micrograph"]["label"] == row[1].label


def test_the_api_tells_that_a_micrograph_waits(api: Client, trained, drawn):
    answer = api.get(f"/api/v1{page_of(drawn.micrographs.first())}").json()
    assert (answer["state"], answer["results"]) == ("waiting", [])


def test_the_api_gives_the_training_micrographs_of_a_score(api: Client, trained, row, score, place):
    place(score.micrograph, (10.0, 0.0))
    answer = api.get(f"/api/v1/scores/{score.pk}/similar/").json()
    assert {one["micrograph"]["split"] for one in answer["results"]} == {"train"}
    everything = api.get(f"/api/v1/scores/{score.pk}/similar/?trained_on=false&limit=50").json()
    assert {one["micrograph"]["split"] for one in everything["results"]} == {"train", "quiz"}


@pytest.mark.parametrize("query", ["limit=0", "limit=51", "scale=wide", "specimen=any"])
def test_the_api_refuses_what_it_does_not_know(api: Client, trained, row, query):
    assert api.get(f"/api/v1{page_of(row[0])}?{query}").status_code == 400
