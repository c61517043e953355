"""A client finds its batch again by a key of its own, for as long as the batch exists."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from microdb.accounts.models import IdempotencyKey, User
from microdb.accounts.services import create_api_token, drop_old_keys
from microdb.micrographs.models import Dataset, Membership, Role
from microdb.scoring.models import Batch
from tests.scoring.batch_api import Api, image, score_all

KEYED = {"start": False, "client_key": "night of the 1st", "pixels_per_micrometre": 10}


def ten_days_pass() -> None:
    for model in (IdempotencyKey, Batch):
        model.objects.update(created_at=timezone.now() - timedelta(days=10))
    drop_old_keys()


def test_the_same_key_answers_with_the_batch_as_it_is_now_also_after_ten_days(api: Api):
    first = api.post(json=KEYED, status=202)
    assert first["client_key"] == "night of the 1st"
    batch = f"{first['id']}/"
    api.send(batch, {"a.png": image(60)})
    ten_days_pass()
    again = api.post(json=KEYED, status=202)
    assert (again["id"], again["state"], again["total"]) == (first["id"], "open", 1)
    api.post(f"{batch}start/", status=202)
    score_all()
    ten_days_pass()
    ended = api.post(json=KEYED, status=202)
    assert (ended["id"], ended["state"], ended["done"]) == (first["id"], "done", 1)
    assert Batch.objects.count() == 1


def test_a_cancelled_batch_gives_its_key_back(api: Api):
    first = api.post(json=KEYED, status=202)["id"]
    api.post(f"{first}/cancel/", status=200)
    second = api.post(json=KEYED, status=202)["id"]
    assert second != first
    assert api.post(json=KEYED, status=202)["id"] == second


def test_other_keys_other_people_and_no_key_make_batches_of_their_own(api: Api, client: Client, dataset: Dataset):
    other = User.objects.create_user("other")
    Membership.objects.create(dataset=dataset, user=other, role=Role.CURATOR)
    theirs = Api(client, {"authorization": "Token " + create_api_token(user=other, scopes=["read", "score"])[1]})
    made = {
        api.post(json=KEYED, status=202)["id"],
        theirs.post(json=KEYED, status=202)["id"],
        api.post(json=KEYED | {"client_key": "another"}, status=202)["id"],
        api.post(json={"start": False}, status=202)["id"],
        api.post(json={"start": False}, status=202)["id"],
    }
    assert len(made) == 5


def test_other_options_under_a_known_key_are_refused(api: Api):
    api.post(json=KEYED, status=202)
    answer = api.post(json=KEYED | {"pixels_per_micrometre": 12}, status=409)
    assert answer["code"] == "client_key_reused"
    assert api.post(json=KEYED | {"add_to_dataset": True}, status=409)["code"] == "client_key_reused"


def test_a_key_is_for_open_and_empty_batches(api: Api, dataset: Dataset):
    ids = [str(dataset.micrographs.first().pk)]
    assert api.post(json={"client_key": "x", "micrographs": ids}, status=400)["code"] == "invalid"
    assert api.post(json={"client_key": "x", "micrographs": ids, "start": False}, status=400)["code"] == "invalid"
    assert api.post(json={"client_key": "x" * 201, "start": False}, status=400)["code"] == "invalid"
