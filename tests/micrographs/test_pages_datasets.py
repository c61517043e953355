"""The list of datasets, a new one, and the settings of one."""

from collections.abc import Callable

import pytest
from django.test import Client

from microdb.accounts.models import User
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Micrograph, Role


def classes(dataset: Dataset) -> list[str]:
    return list(dataset.material_classes.order_by("position").values_list("name", flat=True))


def test_the_list_counts_and_shows_one_of_each_class_first(
    signed_in: Client, add: Callable[..., Micrograph], stranger: User
) -> None:
    services.create_dataset(name="Foreign", by=stranger)
    add(0, label="pearlite")
    again, other = add(1, label="pearlite"), add(2, label="ferrite")
    (shown,) = signed_in.get("/datasets/").context["datasets"]
    assert (shown.micrograph_count, shown.labelled_count, shown.class_count, shown.role_name) == (3, 3, 2, "owner")
    assert (shown.thumbnails[0], shown.thumbnails[-1]) == (other.pk, again.pk)


def test_more_datasets_cost_no_more_queries(
    signed_in: Client, dataset: Dataset, owner: User, django_assert_max_num_queries
) -> None:
    for n in range(20):
        services.create_dataset(name=f"D{n}", by=owner, class_names=["a", "b"])
    with django_assert_max_num_queries(20):
        signed_in.get("/datasets/")


def names(client: Client, query: str) -> list[str]:
    return [one.name for one in client.get(f"/datasets/?{query}").context["datasets"]]


def test_the_list_is_searched_by_name_and_sorted(signed_in: Client, dataset: Dataset, owner: User) -> None:
    services.create_dataset(name="Cast irons", by=owner)
    services.create_dataset(name="Alloys", by=owner)
    services.add_material_class(dataset=dataset, name="bainite")
    assert names(signed_in, "search=IRON") == ["Cast irons"]
    assert names(signed_in, "sort=name") == ["Alloys", "Cast irons", "Steels"]
    assert names(signed_in, "sort=created") == ["Alloys", "Cast irons", "Steels"]
    assert names(signed_in, "")[-1] == "Cast irons"
    assert "No dataset has “nothing” in its name." in signed_in.get("/datasets/?search=nothing").text


@pytest.mark.parametrize("sort", ["name", "created", "activity"])
def test_each_dataset_is_on_one_page_of_the_list(signed_in: Client, dataset: Dataset, owner: User, sort: str) -> None:
    for n in range(60):
        services.create_dataset(name=f"D{n}~", by=owner)
    page = signed_in.get(f"/datasets/?sort={sort}").context["page"]
    seen = [one.name for one in page]
    while page.after:
        page = signed_in.get("/datasets/", {"sort": sort, "after": page.after}).context["page"]
        seen += [one.name for one in page]
    assert len(seen) == len(set(seen)) == 61


def test_a_card_tells_what_is_missing_who_owns_it_and_how_accurate_its_model_is(
    signed_in: Client, dataset: Dataset, add: Callable[..., Micrograph]
) -> None:
    add(0, label="pearlite")
    add(1)
    dataset.model_versions.create(
        dataset_version=services.freeze_dataset(dataset=dataset),
        number=1,
        state="done",
        is_active=True,
        metrics={"accuracy": 0.74, "held_out": 27},
    )
    page = " ".join(signed_in.get("/datasets/").text.split())
    for text in ("1 without a label", "Owner: owner", "74 % of 27 correct", "last activity"):
        assert text in page


def test_an_empty_list_says_why_and_what_next(client: Client, stranger: User) -> None:
    client.force_login(stranger)
    page = client.get("/datasets/").text
    assert "No datasets here yet" in page
    assert "manage.py" not in page
    assert "/datasets/new/" in page
    assert "/sample/" in page
    assert "/guide/" in page


def test_a_new_dataset_has_its_classes_in_order(signed_in: Client, owner: User) -> None:
    response = signed_in.post("/datasets/new/", {"name": "My steels", "class_names": "bainite\n\n  ferrite \r\n"})
    dataset = Dataset.objects.get(name="My steels")
    assert response.url == "/datasets/my-steels/upload/"
    assert classes(dataset) == ["bainite", "ferrite"]


@pytest.mark.parametrize("names", ["a\na", "none-of-these", "x" * 61])
def test_a_class_name_that_can_not_be_is_said_and_nothing_is_made(signed_in: Client, owner: User, names: str) -> None:
    response = signed_in.post("/datasets/new/", {"name": "My steels", "class_names": names})
    assert response.status_code == 400
    assert not Dataset.objects.filter(name="My steels").exists()


def test_settings_change_what_describes_the_dataset(signed_in: Client, dataset: Dataset) -> None:
    signed_in.post(
        "/datasets/steels/settings/", {"name": "Irons", "description": "d", "source": "s", "scale_free": "on"}
    )
    dataset.refresh_from_db()
    assert (dataset.name, dataset.slug, dataset.description, dataset.scale_free) == ("Irons", "steels", "d", True)


def test_classes_are_added_renamed_and_moved(signed_in: Client, dataset: Dataset) -> None:
    url = "/datasets/steels/settings/classes/"
    signed_in.post(url, {"name": "martensite"})
    ferrite = dataset.material_classes.get(name="ferrite")
    signed_in.post(f"{url}{ferrite.pk}/", {"action": "rename", "name": "α-Ferrit"})
    signed_in.post(f"{url}{ferrite.pk}/", {"action": "down"})
    assert classes(dataset) == ["pearlite", "α-Ferrit", "martensite"]
    for _ in range(3):
        signed_in.post(f"{url}{ferrite.pk}/", {"action": "up"})
    assert classes(dataset) == ["α-Ferrit", "pearlite", "martensite"]


@pytest.mark.parametrize(
    ("name", "sentence"), [("pearlite", "has a class"), ("None-of-these", "reserved"), (" ", "name:")]
)
def test_a_class_gets_no_name_that_can_not_be(signed_in: Client, dataset: Dataset, name: str, sentence: str) -> None:
    ferrite = dataset.material_classes.get(name="ferrite")
    url = f"/datasets/steels/settings/classes/{ferrite.pk}/"
    page = signed_in.post(url, {"action": "rename", "name": name}, follow=True).text
    assert sentence.lower() in page.lower()
    assert classes(dataset) == ["ferrite", "pearlite"]


def test_an_owner_adds_changes_and_removes_members(signed_in: Client, dataset: Dataset, stranger: User) -> None:
    url = "/datasets/steels/settings/members/"
    signed_in.post(url, {"username": "stranger", "role": "viewer"})
    signed_in.post(url, {"username": "stranger", "role": "curator"})
    membership = dataset.memberships.get(user=stranger)
    assert membership.role == Role.CURATOR
    signed_in.post(f"{url}{membership.pk}/remove/")
    assert not dataset.memberships.filter(user=stranger).exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"username": "nobody", "role": "viewer"}, "Nobody here is called “nobody”"),
        ({"username": "owner", "role": "viewer"}, "is the only owner"),
        ({"username": "owner", "role": "king"}, "king"),
    ],
)
def test_a_membership_that_can_not_be_is_said(
    signed_in: Client, dataset: Dataset, fields: dict[str, str], sentence: str
) -> None:
    assert sentence in signed_in.post("/datasets/steels/settings/members/", fields, follow=True).text
    assert dataset.memberships.get().role == Role.OWNER


def test_a_dataset_is_trashed_only_by_its_name(signed_in: Client, dataset: Dataset) -> None:
    page = signed_in.post("/datasets/steels/settings/trash/", {"name": "steel"}, follow=True).text
    assert "Type the name of the dataset" in page
    signed_in.post("/datasets/steels/settings/trash/", {"name": "Steels"})
    assert signed_in.get("/datasets/steels/").status_code == 404


@pytest.mark.parametrize(
    ("value", "text"), [(0.515, "0.515"), (265000.4, "265000"), (1.1, "1.1"), (0.00012345678, "0.0001235")]
)
def test_scales_are_shown_with_four_digits_and_no_exponent(value: float, text: str) -> None:
    from microdb.micrographs.templatetags.micrographs import significant

    assert significant(value) == text
