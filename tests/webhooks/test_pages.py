"""The pages and the API of notifications: who may do what, secrets shown once, log, test and replay."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.micrographs.models import Dataset
from microdb.webhooks import services
from microdb.webhooks.models import Delivery, Mailing, Webhook
from tests.webhooks.conftest import KINDS, happen, send
from tests.webhooks.receiver import Receiver

WEBHOOKS = "/api/v1/webhooks/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(name: str, *arguments: Any) -> str:
    return reverse(f"webhooks:{name}", args=["steels", *arguments])


def test_every_member_chooses_e_mails_and_only_curators_see_webhooks(webhook: Webhook, member: Any, stranger: User):
    viewer, curator = member("viewer"), member("curator")
    seen = client_of(viewer).get(page("notifications")).content.decode()
    assert ("viewer@example.org" in seen, webhook.url in seen) == (True, False)
    assert webhook.url in client_of(curator).get(page("notifications")).content.decode()
    assert client_of(stranger).get(page("notifications")).status_code == 404
    client_of(viewer).post(page("mailing_set"), {"kinds": ["quiz.closed"]})
    assert Mailing.objects.get(user=viewer).kinds == ["quiz.closed"]
    assert not Mailing.objects.exclude(user=viewer).exists()


@pytest.mark.parametrize("role", ["viewer", "labeller"])
def test_who_does_not_curate_reaches_no_webhook(webhook: Webhook, dataset: Dataset, member: Any, role: str):
    client = client_of(member(role))
    happen(dataset)
    delivery = Delivery.objects.get()
    assert client.get(page("webhook_detail", webhook.pk)).status_code == 403
    for name, arguments in [
        ("webhook_create", ()),
        ("webhook_detail", (webhook.pk,)),
        ("webhook_rotate", (webhook.pk,)),
        ("webhook_delete", (webhook.pk,)),
        ("webhook_ping", (webhook.pk,)),
        ("delivery_replay", (webhook.pk, delivery.pk)),
    ]:
        assert client.post(page(name, *arguments)).status_code == 403, name
    assert (Webhook.objects.count(), Delivery.objects.count()) == (1, 1)


def test_a_webhook_of_another_dataset_is_not_found(webhook: Webhook, owner: User, signed_in: Client):
    other = services.create_webhook  # of a dataset that the owner does not see
    foreign = Dataset.objects.create(name="Brass", slug="brass")
    hidden, _secret = other(dataset=foreign, by=owner, url="http://localhost:1/", kinds=KINDS)
    assert signed_in.get(page("webhook_detail", hidden.pk)).status_code == 404
    assert signed_in.get(f"{WEBHOOKS}{hidden.pk}/").status_code == 404


def test_a_new_secret_is_shown_once(signed_in: Client, dataset: Dataset, receiver: Receiver):
    response = signed_in.post(page("webhook_create"), {"url": receiver.url, "kinds": KINDS})
    webhook, secret = Webhook.objects.get(), response.context["secret"]
    assert (secret.startswith("whsec_"), secret in response.content.decode()) == (True, True)
    assert secret not in signed_in.get(page("webhook_detail", webhook.pk)).content.decode()
    again = signed_in.post(page("webhook_rotate", webhook.pk)).context["secret"]
    assert again != secret


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"url": "http://user:word@localhost/", "kinds": KINDS}, "no user name"),
        ({"url": "http://nowhere.invalid/", "kinds": KINDS}, "has no address"),
        ({"url": "http://localhost/", "kinds": []}, "required"),
        ({"url": "http://localhost/", "kinds": ["ping"]}, "Select a valid choice"),
    ],
)
def test_a_wrong_form_makes_no_webhook(signed_in: Client, dataset: Dataset, form: dict[str, Any], sentence: str):
    response = signed_in.post(page("webhook_create"), form)
    assert (response.status_code, sentence in response.content.decode()) == (400, True)
    assert not Webhook.objects.exists()


def test_the_same_address_twice_is_refused(webhook: Webhook, signed_in: Client):
    response = signed_in.post(page("webhook_create"), {"url": webhook.url, "kinds": KINDS})
    assert "change that one instead" in response.content.decode()


def test_the_log_shows_the_answer_and_sends_again(
    webhook: Webhook, dataset: Dataset, signed_in: Client, receiver: Receiver
):
    receiver.answers, receiver.content = [500, 200], b"<b>no disk</b>"
    happen(dataset)
    delivery = send(Delivery.objects.get())
    seen = signed_in.get(page("webhook_detail", webhook.pk)).content.decode()
    assert "&lt;b&gt;no disk&lt;/b&gt;" in seen
    assert str(delivery.event_id) in seen
    signed_in.post(page("delivery_replay", webhook.pk, delivery.pk))
    assert send(Delivery.objects.exclude(pk=delivery.pk).get()).state == "done"


def test_the_log_asks_a_constant_number_of_queries(
    webhook: Webhook, dataset: Dataset, signed_in: Client, django_assert_max_num_queries: Any
):
    for number in range(30):
        happen(dataset, f"batch {number}")
    with django_assert_max_num_queries(16):
        signed_in.get(page("webhook_detail", webhook.pk))


def test_limits_of_a_dataset(dataset: Dataset, owner: User, signed_in: Client):
    for port in range(1, services.MOST_OF_DATASET + 1):
        services.create_webhook(dataset=dataset, by=owner, url=f"http://localhost:{port}/", kinds=KINDS)
    response = signed_in.post(page("webhook_create"), {"url": "http://localhost:99/", "kinds": KINDS})
    assert "at most 10 webhooks" in response.content.decode()


def call(client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return client.generic(method, path, json.dumps(body or {}), content_type="application/json", headers=headers)


def test_the_api_does_what_the_pages_do(owner: User, dataset: Dataset, receiver: Receiver):
    _token, secret = create_api_token(user=owner, scopes=["read", "curate"])
    client = Client(headers={"authorization": f"Token {secret}"})
    new = {"dataset": "steels", "url": receiver.url, "kinds": ["batch.finished"]}
    made = call(client, "POST", WEBHOOKS, new, **{"idempotency-key": "a"})
    again = call(client, "POST", WEBHOOKS, new, **{"idempotency-key": "a"})
    assert (made.status_code, again.status_code) == (201, 200)
    assert (made.json()["secret"].startswith("whsec_"), again.json()["secret"]) == (True, None)
    path = f"{WEBHOOKS}{made.json()['id']}/"
    assert [row["url"] for row in client.get(WEBHOOKS).json()["results"]] == [receiver.url]
    assert call(client, "PATCH", path, {"description": "nightly"}).json()["description"] == "nightly"
    assert call(client, "POST", f"{path}rotate/").json()["secret"] != made.json()["secret"]
    sent = call(client, "POST", f"{path}ping/")
    assert (sent.status_code, sent.json()["kind"]) == (202, "ping")
    send(Delivery.objects.get())
    (row,) = client.get(f"{path}deliveries/").json()["results"]
    assert (row["state"], row["attempts"][0]["status"], row["attempts"][0]["answer"]) == ("done", 200, "thanks")
    assert call(client, "POST", f"{path}deliveries/{row['id']}/replay/").status_code == 202
    assert client.delete(path).status_code == 204
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kinds": ["ping"]}, "kinds"),
        ({"kinds": []}, "kinds"),
        ({"url": "no"}, "url"),
        ({"description": "d" * 201}, "description"),
    ],
)
def test_the_api_names_wrong_fields(webhook: Webhook, signed_in: Client, body: dict[str, Any], field: str):
    answer = call(signed_in, "PATCH", f"{WEBHOOKS}{webhook.pk}/", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
