"""Curation in the admin."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from microdb.micrographs.models import Change, Dataset, Micrograph, NearDuplicate, Role
from microdb.micrographs.services import create_dataset, freeze_dataset

MICROGRAPHS = "/admin/micrographs/micrograph/"


def act(client: Client, address: str, action: str, *chosen, **given) -> str:
    data = {"action": action, "_selected_action": [str(one.pk) for one in chosen], **given}
    return client.post(address, data, follow=True).content.decode()


@pytest.mark.parametrize("model", ["dataset", "micrograph", "change", "nearduplicate", "datasetversion"])
def test_every_list_opens(admin_client, add, model):
    add(0, label="ferrite")
    assert admin_client.get(f"/admin/micrographs/{model}/").status_code == 200


def test_the_list_shows_thumbnails_in_a_constant_number_of_queries(
    admin_client, add, django_assert_num_queries, django_assert_max_num_queries
):
    first = add(0, label="ferrite")
    with django_assert_max_num_queries(20) as few:
        page = admin_client.get(MICROGRAPHS).content.decode()
    assert f"/api/v1/micrographs/{first.pk}/thumbnail/" in page
    for seed in range(1, 6):
        add(seed, label="pearlite")
    with django_assert_num_queries(len(few)):
        admin_client.get(MICROGRAPHS)


def test_a_change_in_the_form_leaves_its_history(admin_client, admin_user, add):
    micrograph = add(0, label="ferrite")
    form = {
        "label": "pearlite",
        "pixels_per_micrometre": "3",
        "scale_source": "micron_bar",
        "specimen": "S1",
        "modality": "SEM",
        "split": "quiz",
        "data_bar_top": "40",
        "changes-TOTAL_FORMS": "0",
        "changes-INITIAL_FORMS": "0",
    }
    answer = admin_client.post(f"{MICROGRAPHS}{micrograph.pk}/change/", form)
    assert answer.status_code == 302
    micrograph.refresh_from_db()
    assert (micrograph.label, micrograph.pixels_per_micrometre, micrograph.split) == ("pearlite", 3, "quiz")
    assert set(micrograph.changes.filter(by=admin_user).values_list("field", flat=True)) == {
        "label",
        "pixels_per_micrometre",
        "specimen",
        "modality",
        "split",
        "data_bar_top",
    }
    page = admin_client.get(f"{MICROGRAPHS}{micrograph.pk}/change/").text
    assert page.count("pearlite") >= 2  # the field, and the history beside it


def test_a_scale_without_a_source_is_sent_back(admin_client, add):
    answer = admin_client.post(f"{MICROGRAPHS}{add(0).pk}/change/", {"pixels_per_micrometre": "3"})
    assert "A scale needs its source" in answer.content.decode()


def test_bulk_actions_leave_their_history(admin_client, admin_user, add):
    micrographs = [add(0), add(1)]
    act(admin_client, MICROGRAPHS, "split_train", *micrographs)
    act(admin_client, MICROGRAPHS, "label_selected", *micrographs, label="pearlite")
    act(admin_client, MICROGRAPHS, "trash", *micrographs)
    act(admin_client, MICROGRAPHS, "restore", micrographs[0])
    assert Change.objects.filter(by=admin_user).count() == 7
    for micrograph in micrographs:
        micrograph.refresh_from_db()
    assert [one.trashed_at is None for one in micrographs] == [True, False]
    assert micrographs[0].label == "pearlite"


def test_a_bulk_action_that_cannot_be_done_says_why(admin_client, add):
    assert "is no class of" in act(admin_client, MICROGRAPHS, "label_selected", add(0), label="granite")


def test_a_dataset_is_trashed_and_restored(admin_client, dataset: Dataset):
    act(admin_client, "/admin/micrographs/dataset/", "trash", dataset)
    dataset.refresh_from_db()
    assert dataset.trashed_at
    act(admin_client, "/admin/micrographs/dataset/", "restore", dataset)
    dataset.refresh_from_db()
    assert dataset.trashed_at is None


def test_a_label_is_found_by_its_word_in_all_datasets(admin_client, add, admin_user):
    add(0, label="ferrite")
    other = create_dataset(name="Other", by=admin_user, class_names=["ferrite", "bainite"])
    add(1, dataset=other, label="ferrite")
    add(2, label="none-of-these")
    page = admin_client.get(f"{MICROGRAPHS}?label=ferrite")
    assert {one.filename for one in page.context["cl"].queryset} == {"0.png", "1.png"}
    (choice,) = [spec for spec in page.context["cl"].filter_specs if spec.title == "label"]
    assert [name for name, _text in choice.lookup_choices].count("ferrite") == 1
    page = admin_client.get(f"{MICROGRAPHS}?label=none-of-these")
    assert [one.filename for one in page.context["cl"].queryset] == ["2.png"]


@pytest.mark.parametrize("model", ["dataset", "micrograph", "change", "nearduplicate", "datasetversion"])
def test_staff_finds_only_what_they_curate(add, dataset: Dataset, owner, stranger, png, model):
    one = add(0, label="ferrite")
    add(1, filename="copy.png")
    NearDuplicate.objects.create(
        first=one, second=Micrograph.objects.get(filename="copy.png"), kind="near", differing_bits=2
    )
    freeze_dataset(dataset=dataset, by=owner)
    client = Client()
    for person, sees in ((owner, True), (stranger, False)):
        person.is_staff = True
        person.save()
        person.user_permissions.set(Permission.objects.filter(content_type__app_label="micrographs"))
        client.force_login(person)
        found = client.get(f"/admin/micrographs/{model}/").context["cl"].queryset
        assert found.exists() == sees
    assert client.get(f"{MICROGRAPHS}{one.pk}/change/").status_code == 302  # there is none for a stranger


@pytest.mark.parametrize(("role", "status"), [(Role.LABELLER, 403), (Role.CURATOR, 200)])
def test_staff_curate_by_their_role_alone(stranger, dataset, add, role, status):
    mine = add(0, label="ferrite")
    dataset.memberships.create(user=stranger, role=role)
    stranger.is_staff = True
    stranger.save()
    client = Client()
    client.force_login(stranger)
    assert client.get(MICROGRAPHS).status_code == status
    assert client.get(f"{MICROGRAPHS}{mine.pk}/change/").status_code == status
    act(client, MICROGRAPHS, "split_quiz", mine)
    mine.refresh_from_db()
    assert (mine.split == "quiz") == (status == 200)
    assert client.get("/admin/micrographs/dataset/").status_code == 403


@pytest.mark.parametrize("action", ["change", "delete"])
def test_history_can_only_be_read(admin_client, add, action):
    add(0, label="ferrite")
    address = f"/admin/micrographs/change/{Change.objects.get().pk}/{action}/"
    assert admin_client.post(address, {"new": "other"}).status_code == 403


def test_nothing_is_deleted_for_good(admin_client, add):
    assert admin_client.post(f"{MICROGRAPHS}{add(0).pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_admin_is_for_staff(signed_in, dataset):
    assert signed_in.get(MICROGRAPHS).status_code == 302
