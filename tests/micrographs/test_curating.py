"""Labels, scales and the rest change with a history; trash can be undone; versions hold still."""

import pytest

from microdb.accounts.models import User
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, MaterialClass, Membership, Role
from tests.micrographs.conftest import rejected


def test_a_label_changes_with_its_history(add, dataset, owner):
    micrographs = [add(0, label="ferrite"), add(1)]
    assert services.set_label(micrographs=dataset.micrographs.all(), label="pearlite", by=owner) == 2
    assert [(c.old, c.new, c.by) for c in micrographs[0].changes.all()] == [
        ("ferrite", "pearlite", owner),
        ("", "ferrite", owner),
    ]


def test_setting_what_is_there_changes_nothing(add, owner):
    micrograph = add(0, label="ferrite")
    assert services.set_label(micrographs=[micrograph], label="ferrite", by=owner) == 0
    assert micrograph.changes.count() == 1


def test_none_of_these_and_no_label_are_labels_too(add, owner):
    micrograph = add(0, label="ferrite")
    services.set_label(micrographs=[micrograph], label="none-of-these", by=owner)
    micrograph.refresh_from_db()
    assert (micrograph.label, micrograph.material_class) == ("none-of-these", None)
    services.set_label(micrographs=[micrograph], label="", by=owner)
    micrograph.refresh_from_db()
    assert (micrograph.label, micrograph.none_of_these) == ("", False)


def test_a_label_that_names_no_class_changes_nothing(add, owner):
    micrograph = add(0, label="ferrite")
    assert rejected(lambda: services.set_label(micrographs=[micrograph], label="granite", by=owner)) == "unknown_class"
    micrograph.refresh_from_db()
    assert micrograph.label == "ferrite"


def test_a_label_means_the_class_of_the_micrographs_own_dataset(add, owner):
    elsewhere = services.create_dataset(name="Other", by=owner, class_names=["ferrite"])
    here, there = add(0), add(0, dataset=elsewhere)
    assert services.set_label(micrographs=[here, there], label="ferrite", by=owner) == 2
    there.refresh_from_db()
    assert there.material_class.dataset == elsewhere


def test_a_scale_changes_with_its_source(add, owner):
    micrograph = add(0, pixels_per_micrometre=2)
    services.set_scale(micrographs=[micrograph], pixels_per_micrometre=4.5, source="micron_bar", by=owner)
    change = micrograph.changes.first()
    assert (change.old, change.new, change.scale_source) == ("2", "4.5", "micron_bar")
    services.set_scale(micrographs=[micrograph], pixels_per_micrometre=None, source="", by=owner)
    micrograph.refresh_from_db()
    assert (micrograph.pixels_per_micrometre, micrograph.scale_source) == (None, "")


@pytest.mark.parametrize(
    ("service", "given", "field"),
    [
        (services.set_specimen, {"specimen": "S7"}, "specimen"),
        (services.set_modality, {"modality": "SEM"}, "modality"),
        (services.set_split, {"split": "quiz"}, "split"),
    ],
)
def test_the_rest_changes_with_its_history(add, owner, service, given, field):
    micrograph = add(0)
    assert service(micrographs=[micrograph], by=owner, **given) == 1
    micrograph.refresh_from_db()
    assert getattr(micrograph, field) == given[field]
    assert micrograph.changes.get().field == field


def test_trash_is_undone_by_restore(add, dataset, owner):
    micrograph = add(0)
    assert services.trash_micrographs(micrographs=[micrograph], by=owner) == 1
    assert services.trash_micrographs(micrographs=[micrograph], by=owner) == 0
    assert not dataset.micrographs.kept().exists()
    assert services.restore_micrographs(micrographs=[micrograph], by=owner) == 1
    assert dataset.micrographs.kept().exists()


def test_a_file_that_was_added_again_cannot_come_back_twice(add, dataset, owner):
    first = add(0)
    services.trash_micrographs(micrographs=[first], by=owner)
    add(0)
    assert rejected(lambda: services.restore_micrographs(micrographs=[first], by=owner)) == "duplicate"
    assert dataset.micrographs.kept().count() == 1


def test_a_version_is_reused_until_something_changes(add, dataset, owner):
    micrograph = add(0, label="ferrite", pixels_per_micrometre=2, split="train")
    first = services.freeze_dataset(dataset=dataset)
    assert services.freeze_dataset(dataset=dataset) == first
    services.set_label(micrographs=[micrograph], label="pearlite", by=owner)
    second = services.freeze_dataset(dataset=dataset)
    assert (first.number, second.number) == (1, 2)
    assert (first.entries.get().label, second.entries.get().label) == ("ferrite", "pearlite")


def test_datasets_of_one_name_have_addresses_of_their_own(owner):
    slugs = [services.create_dataset(name=name, by=owner).slug for name in ("A steel", "A steel", "new", "…")]
    assert slugs == ["a-steel", "a-steel-2", "new-2", "dataset"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "invalid"),
        ("none-of-these", "reserved_class"),
        ("Ferrite\0" * 20, "too_long"),
        ("ferrite", "duplicate_class"),
    ],
)
def test_a_bad_class_name_is_refused(dataset, name, code):
    assert rejected(lambda: services.add_material_class(dataset=dataset, name=name)) == code


def test_classes_are_numbered_in_their_order(dataset):
    services.add_material_class(dataset=dataset, name="martensite")
    assert list(MaterialClass.objects.filter(dataset=dataset).values_list("name", "position")) == [
        ("ferrite", 0),
        ("pearlite", 1),
        ("martensite", 2),
    ]


def test_a_dataset_keeps_an_owner(dataset: Dataset, owner: User, stranger: User):
    demote = lambda: services.set_member(dataset=dataset, user=owner, role=Role.VIEWER, by=owner)  # noqa: E731 # called twice
    assert rejected(demote) == "last_owner"
    assert rejected(lambda: services.remove_member(dataset=dataset, user=owner, by=owner)) == "last_owner"
    services.set_member(dataset=dataset, user=stranger, role=Role.OWNER, by=owner)
    assert demote().role == Role.VIEWER
    assert Membership.objects.filter(dataset=dataset).count() == 2


def test_a_trashed_dataset_is_out_of_sight_until_restored(dataset, owner):
    services.trash_dataset(dataset=dataset, by=owner)
    assert not Dataset.objects.visible_to(owner).exists()
    services.restore_dataset(dataset=dataset, by=owner)
    assert Dataset.objects.visible_to(owner).get() == dataset
