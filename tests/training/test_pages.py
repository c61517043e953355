"""The pages of model versions."""

import pytest
from django.test import Client
from django.urls import reverse

from microdb.accounts.models import User
from microdb.jobs import Job
from microdb.micrographs.models import Dataset, Membership, Role
from microdb.micrographs.services import set_split
from microdb.training.models import ModelVersion
from microdb.training.services import cancel_training, request_training


def address(name: str, *args: object) -> str:
    return reverse(f"training:{name}", args=["steels", *args])


def test_the_list_says_what_is_missing_and_where_to_mend_it(signed_in: Client, dataset: Dataset):
    page = signed_in.get(address("model_version_list")).content.decode()
    assert "Class “ferrite” has 0 micrographs to train on; 2 are needed." in page
    assert reverse("micrographs:labelling", args=["steels"]) in page
    assert "disabled" in page


def test_the_train_button_queues_a_version_and_leads_to_its_page(signed_in: Client, drawn: Dataset):
    answer = signed_in.post(address("model_version_create"), {"seed": 0})
    version = drawn.model_versions.get()
    assert answer.url == address("model_version", version.number)
    assert version.state == Job.State.QUEUED


def test_labelled_micrographs_without_a_split_can_be_trained_on_at_once(signed_in: Client, drawn: Dataset, owner: User):
    set_split(micrographs=drawn.micrographs.filter(split="train"), split="", by=owner)
    page = signed_in.get(address("model_version_list")).content.decode()
    assert "Put the 6 labelled micrographs without a split" in page
    signed_in.post(address("model_version_create"), {"seed": 0, "with_unsplit": "on"})
    assert drawn.micrographs.filter(split="train").count() == 6
    assert drawn.model_versions.count() == 1


def test_a_refused_training_says_why_on_the_page_and_moves_nothing(signed_in: Client, drawn: Dataset, owner: User):
    set_split(micrographs=drawn.micrographs.filter(material_class__name="pearlite"), split="quiz", by=owner)
    set_split(micrographs=drawn.micrographs.filter(split="train"), split="", by=owner)
    answer = signed_in.post(address("model_version_create"), {"seed": 0, "with_unsplit": "on"})
    assert answer.status_code == 400
    assert "Class “pearlite” has 0 micrographs to train on" in answer.content.decode()
    assert not drawn.micrographs.filter(split="train").exists()


def test_a_queued_version_shows_its_place_and_asks_again_until_it_has_ended(
    signed_in: Client, drawn: Dataset, owner: User
):
    request_training(dataset=drawn, by=owner)
    second = request_training(dataset=drawn, by=owner, seed=1)
    fragment = signed_in.get(address("model_version_progress", 2)).content.decode()
    assert "1 training is before it" in fragment
    assert 'hx-trigger="every 1s"' in fragment
    cancel_training(model_version=second)
    assert signed_in.get(address("model_version_progress", 2))["HX-Refresh"] == "true"


def test_a_running_version_shows_stage_and_percentage(signed_in: Client, drawn: Dataset, owner: User):
    version = request_training(dataset=drawn, by=owner)
    ModelVersion.objects.claim(version.pk).heartbeat(0.42, "training: step 10 of 24")
    fragment = signed_in.get(address("model_version_progress", 1)).content.decode()
    assert "42 %" in fragment
    assert "training: step 10 of 24" in fragment


def test_a_trained_version_shows_accuracy_controls_confusion_and_map(signed_in: Client, trained: ModelVersion):
    page = signed_in.get(address("model_version", 1)).content.decode()
    for text in (
        "95 % interval",
        "Control: the best constant answer",
        "Control: scale alone",
        "Can its probabilities be trusted?",
        "recall",
        "The map as tables",
    ):
        assert text in page
    assert 'id="descriptor-map"' in page
    assert trained.artifact_sha256 in page


def rate(share: float | None, count: int = 50) -> dict[str, object]:
    return {"hits": 1, "count": count, "share": share, "interval": [0.01, 0.99]}


def test_a_version_shows_what_its_limit_rejects_and_finds_and_what_others_would(
    signed_in: Client, trained: ModelVersion
):
    shares = {"unknown": {"drawn": 0.9, "labelled": 0.8}, "left_out": 0.3}
    preview = [{"false_rejection": share, "limit": 1 - share, "known": share, **shares} for share in (0.04, 0.1)]
    point = {
        "false_rejection": 0.04,
        "known": rate(0.05),
        "degraded": rate(0.07),
        "unknown": {"drawn": rate(0.91), "labelled": rate(0.83)},
        "left_out": {"ferrite": rate(0.42)},
        "false_scale": {"false_alarms": rate(0.06), "2": rate(0.13), "4": rate(0.72), "10": rate(0.97)},
        "preview": preview,
    }
    trained.metrics = {**trained.metrics, "operating_point": point}
    trained.save()
    page = " ".join(signed_in.get(address("model_version", 1)).content.decode().split())
    for text in (
        "about 4 % of the known micrographs of new specimens",
        "other materials, drawn",
        "your micrographs labelled None of these",
        "ferrite, left out of the training",
        "scale wrong by a factor of 4",
        "91 %",
        "42 %",
        "72 %",
        "It does not decide what is None of these",
        "Setting 10 %: of 50 known micrographs of new specimens, 5 would be called None of these (10 %)",
        'data-limit="0.9"',
        "Of your micrographs labelled None of these, 80 % would be found",
    ):
        assert text in page
    assert page.count('class="chosen"') == 1


def test_a_version_of_a_recipe_without_an_operating_point_shows_none(signed_in: Client, trained: ModelVersion):
    assert "What it calls None of these" not in signed_in.get(address("model_version", 1)).content.decode()


def test_the_share_of_known_micrographs_that_may_be_rejected_is_a_setting(signed_in: Client, drawn: Dataset):
    refused = signed_in.post(address("model_version_create"), {"seed": 0, "false_rejection": "80"})
    assert refused.status_code == 400
    signed_in.post(address("model_version_create"), {"seed": 0, "false_rejection": "2.5"})
    assert drawn.model_versions.get().config == {"mixture": {"false_rejection": 0.025}}


@pytest.mark.parametrize(("threshold", "said"), [(None, True), (-3.0, False)])
def test_a_version_without_a_threshold_says_that_it_always_names_a_class(
    threshold: float | None, said: bool, signed_in: Client, trained: ModelVersion
):
    trained.metrics["held_out"] = None
    trained.descriptor_map["threshold"] = threshold
    trained.save()
    page = signed_in.get(address("model_version", 1)).content.decode()
    assert "No specimen could be held out" in page
    assert ("the model always names a class" in page) is said
    assert ("Crops outside the contour of the threshold" in page) is not said


def test_a_failed_version_shows_its_sentence_and_its_id(signed_in: Client, drawn: Dataset, owner: User):
    version = request_training(dataset=drawn, by=owner)
    ModelVersion.objects.claim(version.pk).fail("Something broke.", error_id="abc123")
    page = signed_in.get(address("model_version", 1)).content.decode()
    assert "Something broke." in page
    assert "abc123" in page


def test_cancelling_and_activating_by_the_buttons(signed_in: Client, trained: ModelVersion, owner: User):
    request_training(dataset=trained.dataset, by=owner, seed=1)
    signed_in.post(address("model_version_cancel", 2))
    assert ModelVersion.objects.get(number=2).state == Job.State.CANCELLED
    answer = signed_in.post(address("model_version_activate", 2))
    assert answer.status_code == 400
    assert "Only a trained version can be active" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "args"),
    [("model_version_create", []), ("model_version_cancel", [1]), ("model_version_activate", [1])],
)
def test_a_viewer_looks_but_starts_nothing(name, args, trained: ModelVersion, stranger: User, client: Client):
    client.force_login(stranger)
    assert client.get(address("model_version", 1)).status_code == 404
    Membership.objects.create(dataset=trained.dataset, user=stranger, role=Role.LABELLER)
    assert client.get(address("model_version", 1)).status_code == 200
    assert client.post(address(name, *args), {"seed": 0}).status_code == 403
    assert client.get(address(name, *args)).status_code == 405


def test_the_list_takes_as_many_queries_for_many_versions_as_for_one(
    signed_in: Client, trained: ModelVersion, owner: User, django_assert_max_num_queries
):
    for seed in range(1, 12):
        request_training(dataset=trained.dataset, by=owner, seed=seed)
    with django_assert_max_num_queries(11):
        assert signed_in.get(address("model_version_list")).status_code == 200


def test_a_quarter_of_what_is_in_no_split_can_be_set_aside_first(signed_in: Client, drawn: Dataset, owner: User):
    set_split(micrographs=drawn.micrographs.all(), split="", by=owner)
    signed_in.post(address("model_version_create"), {"seed": 0, "with_unsplit": "on", "hold_out": "on"})
    assert drawn.micrographs.filter(split="quiz").exists()
    assert not drawn.micrographs.filter(split="", material_class__isnull=False).exists()
    assert drawn.model_versions.count() == 1
