"""Publishing a dataset, and what visitors see of it."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError
from django.test import Client

from microdb.accounts.models import User
from microdb.audit_log.models import Entry
from microdb.audit_log.verbs import Verb
from microdb.micrographs.models import Dataset, Licence, Micrograph
from microdb.micrographs.services import update_dataset
from microdb.micrographs.validation.doi import clean_doi
from tests.micrographs.conftest import rejected

PUBLISHING = "/datasets/steels/settings/publishing/"


@pytest.fixture
def public(dataset: Dataset) -> Dataset:
    return update_dataset(dataset=dataset, public=True, licence=Licence.CC_BY, doi="10.5281/zenodo.1", citation="Ada")


def test_an_owner_publishes_a_dataset_and_makes_it_private_again(signed_in: Client, dataset: Dataset) -> None:
    about = {"licence": "CC0-1.0", "doi": "https://doi.org/10.5281/zenodo.12", "citation": "Ada, 2026"}
    signed_in.post(PUBLISHING, {"action": "publish", **about})
    dataset.refresh_from_db()
    assert (dataset.public, dataset.licence, dataset.doi) == (True, "CC0-1.0", "10.5281/zenodo.12")
    page = Client().get("/datasets/steels/").text
    assert "https://doi.org/10.5281/zenodo.12" in page
    assert "https://spdx.org/licenses/CC0-1.0.html" in page
    assert "Ada, 2026" in page
    signed_in.post(PUBLISHING, {"action": "unpublish"})
    assert Client().get("/datasets/steels/").url == "/accounts/login/?next=/datasets/steels/"
    logged = Entry.objects.filter(verb__in=[Verb.DATASET_PUBLISHED, Verb.DATASET_UNPUBLISHED]).order_by("pk")
    assert list(logged.values_list("verb", flat=True)) == ["dataset.published", "dataset.unpublished"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"licence": "ask me"}, "Select a valid choice"),
        ({"licence": "CC0-1.0", "doi": "zenodo 12"}, "A DOI begins with"),
    ],
)
def test_without_an_open_licence_or_with_a_wrong_doi_it_stays_private(
    signed_in: Client, dataset: Dataset, given: dict[str, str], said: str
) -> None:
    page = signed_in.post(PUBLISHING, {"action": "publish", **given}, follow=True).text
    assert said in page
    dataset.refresh_from_db()
    assert not dataset.public


def test_the_database_and_the_description_keep_the_licence_of_a_public_dataset(public: Dataset) -> None:
    assert rejected(lambda: update_dataset(dataset=public, licence="ask me")) == "licence_needed"
    with pytest.raises(IntegrityError):
        Dataset.objects.update(licence="")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        (" doi:10.1016/j.scriptamat.2020.10.026 ", "10.1016/j.scriptamat.2020.10.026"),
        ("http://dx.doi.org/10.1000/ABC(1)", "10.1000/ABC(1)"),
        ("10.1000.10/123", "10.1000.10/123"),
    ],
)
def test_a_doi_is_kept_bare(given: str, kept: str) -> None:
    assert clean_doi(given) == kept


@pytest.mark.parametrize("given", ["11.1000/1", "10.1/x", "10.1000", "https://example.org/10.1000/1", "10.1000/a b"])
def test_what_is_no_doi_is_refused(given: str) -> None:
    assert rejected(lambda: clean_doi(given)) == "bad_doi"


@pytest.mark.parametrize("action", [{}, {"action": ""}, {"action": "save"}])
def test_a_form_that_does_not_say_so_publishes_nothing(
    signed_in: Client, dataset: Dataset, action: dict[str, str]
) -> None:
    page = signed_in.post(PUBLISHING, {"licence": "CC-BY-4.0", **action}, follow=True).text
    assert "Choose whether the dataset becomes public or private." in page
    dataset.refresh_from_db()
    assert not dataset.public


def test_a_change_of_the_description_publishes_nothing_that_became_private_meanwhile(public: Dataset) -> None:
    other_tab = Dataset.objects.get(pk=public.pk)
    update_dataset(dataset=public, public=False)
    update_dataset(dataset=other_tab, description="Of steels")
    public.refresh_from_db()
    assert (public.public, public.description) == (False, "Of steels")


def test_in_the_api_only_owners_publish(
    public: Dataset, people: dict[str, User], token: Callable[..., dict[str, str]]
) -> None:
    def send(who: str, **given: object):
        options = {"content_type": "application/json", "headers": token(people[who], "read", "upload")}
        return Client().patch("/api/v1/datasets/steels/", given, **options)

    assert send("curator", public=False).status_code == 403
    assert send("curator", description="Of steels").status_code == 200
    answer = send("owner", public=False, doi="doi:10.1000/2").json()
    assert (answer["public"], answer["doi"], answer["licence"]) == (False, "10.1000/2", "CC-BY-4.0")
    refused = send("owner", public=True, licence="mine")
    assert (refused.status_code, refused.json()["code"]) == (400, "licence_needed")


def test_visitors_read_and_change_nothing(public: Dataset, add: Callable[..., Micrograph], owner: User) -> None:
    one, visitor = add(0, label="ferrite", specimen="A"), Client()
    detail = visitor.get(f"/datasets/steels/micrographs/{one.pk}/").text
    assert "ferrite" in detail
    assert not any(text in detail for text in (owner.username, "History", "/master/", "<form method"))
    assert visitor.get(f"/micrographs/{one.pk}/thumbnail/").status_code == 200
    assert visitor.get(f"/micrographs/{one.pk}/master/").status_code == 302
    assert visitor.post(f"/datasets/steels/micrographs/{one.pk}/", {"label": "pearlite"}).status_code == 302
    one.refresh_from_db()
    assert one.label == "ferrite"


def test_filters_do_not_tell_who_uploaded(public: Dataset, add: Callable[..., Micrograph], stranger: User) -> None:
    add(0)
    add(1, by=stranger)
    for visitor in (Client(), Client()):
        page = visitor.get("/datasets/steels/?uploader=stranger")
        assert "Uploaded by" not in page.text
        assert page.context["page"].paginator.count == 2
        visitor.force_login(stranger)


def test_a_trashed_dataset_is_not_public(public: Dataset, signed_in: Client) -> None:
    signed_in.post("/datasets/steels/settings/trash/", {"name": "Steels"})
    assert Client().get("/datasets/steels/").status_code == 302


def test_more_micrographs_cost_a_visitor_no_more_queries(
    public: Dataset, add: Callable[..., Micrograph], django_assert_max_num_queries
) -> None:
    for seed in range(12):
        add(seed, label="ferrite", specimen=f"S{seed}")
    with django_assert_max_num_queries(14):
        Client().get("/datasets/steels/")


def test_members_of_a_public_dataset_see_what_they_saw(public: Dataset, add, people: dict[str, User]) -> None:
    add(0)
    client = Client()
    client.force_login(people["viewer"])
    page = client.get("/datasets/steels/").text
    assert all(tab in page for tab in ("/datasets/steels/scores/", "/datasets/steels/settings/"))


def test_a_new_account_is_shown_what_is_public(public: Dataset, stranger: User) -> None:
    client = Client()
    client.force_login(stranger)
    page = client.get("/datasets/").text
    assert "Or read a public dataset" in page
    assert "/datasets/steels/" in page
