"""What an entry holds: who, from where, before and after; one per action, and none without the change."""

import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client, RequestFactory

from microdb.accounts.models import ApiToken, User
from microdb.accounts.services import create_api_token
from microdb.audit_log.models import ActorKind, Entry
from microdb.audit_log.origin import Origin, client_address, current_origin
from microdb.audit_log.recording import MOST_KEYS, record, together
from microdb.audit_log.sentences import sentence
from microdb.audit_log.verbs import Verb
from microdb.celery import app
from microdb.errors import MicroDBError
from microdb.log_context import AddFields, log_with
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, MaterialClass, Membership, Micrograph, Role
from tests.audit_log.world import World

NEW_TOKEN = {"name": "script", "scopes": ["read"], "reach": "all", "expires": "90"}


def last(verb: Verb) -> Entry:
    entry = Entry.objects.filter(verb=verb).order_by("pk").last()
    assert entry
    return entry


def test_a_change_of_role_reads_as_a_sentence(dataset: Dataset, signed_in: Client) -> None:
    User.objects.create_user("ben")
    for role in ("viewer", "curator"):
        signed_in.post("/datasets/steels/settings/members/", {"username": "ben", "role": role})

    changed = last(Verb.MEMBER_CHANGED)

    assert changed.changes == {"role": ["viewer", "curator"]}
    assert sentence(changed) == "owner changed ben’s role from viewer to curator"
    assert sentence(last(Verb.MEMBER_ADDED)) == "owner made ben a member with the role viewer"


@pytest.mark.parametrize("verb", Verb)
def test_every_verb_has_a_sentence_and_a_kind(verb: Verb) -> None:
    told = sentence(Entry(verb=verb, actor_kind=ActorKind.PERSON, actor_name="anna", object_repr="Bar 7"))

    assert told.startswith(("anna ", "A sign-in as Bar 7"))
    assert "%" not in told
    assert verb.kind.label


def test_a_verb_of_another_release_is_shown_as_it_is() -> None:
    entry = Entry(verb="alloy.melted", actor_kind=ActorKind.WORKER, object_repr="Bar 7")
    assert sentence(entry) == "A worker: alloy.melted Bar 7"


def test_the_same_role_again_leaves_no_entry(dataset: Dataset, owner: User) -> None:
    count = Entry.objects.count()

    services.set_member(dataset=dataset, user=owner, role=Role.OWNER, by=owner)

    assert Entry.objects.count() == count


def test_an_entry_names_the_token_by_its_beginning_alone(dataset: Dataset, owner: User) -> None:
    token, secret = create_api_token(user=owner, scopes=["read", "upload"])

    Client().post(
        "/api/v1/datasets/steels/classes/",
        {"name": "bainite"},
        headers={"authorization": f"Token {secret}", "x-request-id": "abc-12345"},
        REMOTE_ADDR="203.0.113.9",
    )

    added = last(Verb.CLASS_ADDED)
    assert (added.actor_name, added.token, added.cid) == ("owner", token.beginning, "abc-12345")
    assert added.remote_addr == "203.0.113.9"
    assert sentence(added) == f"owner (token {token.beginning}…) added the class “bainite”"


@pytest.mark.parametrize("given", ["abc-DEF_123", "short", "a" * 65, "two words", ""])
def test_an_entry_has_the_id_that_the_answer_and_the_log_lines_have(
    given: str, dataset: Dataset, signed_in: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(AddFields())
    with caplog.at_level("INFO"):
        answer = signed_in.post(
            "/datasets/steels/settings/classes/", {"name": "bainite"}, headers={"x-request-id": given}
        )

    lines = {line.fields["request_id"] for line in caplog.records if line.name == "microdb.monitoring.requests"}
    assert lines == {last(Verb.CLASS_ADDED).cid} == {answer["X-Request-ID"]}


def test_what_a_worker_does_has_the_id_of_the_request_that_asked_for_it() -> None:
    @app.task(name="microdb.audit_log.look_again")
    def look() -> list[str]:
        return [current_origin().cid]

    with log_with(request_id="request-of-the-test"):
        asked = look.apply(headers={"request_id": "request-of-the-test"})
    alone = look.apply()
    del app.tasks[look.name]

    assert asked.get() == ["request-of-the-test"]
    assert alone.get() == [alone.id]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "198.51.100.7", "203.0.113.9"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "10.9.9.9, 198.51.100.7", "198.51.100.7"),
        (2, "10.9.9.9, 198.51.100.7, 192.0.2.1", "198.51.100.7"),
        (2, "198.51.100.7", "198.51.100.7"),
        (1, "", "203.0.113.9"),
        (1, "not an address", None),
        (1, "2001:db8::7", "2001:db8::7"),
    ],
)
def test_only_addresses_that_trusted_proxies_wrote_count(settings, proxies, forwarded, expected) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.9", headers={"x-forwarded-for": forwarded})

    assert client_address(request) == expected


def test_a_command_and_a_worker_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["/srv/manage.py", "api_token", "--secret=hunter2"])
    command = current_origin()
    assert command.actor_kind == ActorKind.COMMAND
    assert command.actor_name.startswith("manage.py api_token")
    assert "hunter2" not in command.actor_name

    @app.task(name="microdb.audit_log.look")
    def look() -> list[Origin]:
        return [current_origin()]

    result = look.apply()
    del app.tasks[look.name]
    (seen,) = result.get()
    assert (seen.actor_kind, seen.actor_name, seen.cid) == (ActorKind.WORKER, "audit_log.look", result.id)
    assert current_origin() == command


def test_a_failed_sign_in_keeps_a_known_name_and_no_password(owner: User) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "owner", "password": "my secret"})
    client.post("/accounts/login/", {"login": "my secret", "password": ""})
    client.post("/accounts/login/", {"login": "my secret", "password": "owner"})

    unknown, known = Entry.objects.filter(verb=Verb.SIGN_IN_FAILED)

    assert (known.object_repr, unknown.object_repr) == ("owner", "")
    assert sentence(unknown) == "A sign-in as somebody failed"
    assert known.actor_kind == ActorKind.VISITOR
    assert known.remote_addr == "127.0.0.1"


def test_no_secret_is_in_the_log(owner: User, signed_in: Client) -> None:
    page = signed_in.post("/accounts/tokens/new/", NEW_TOKEN)
    owner.set_password("a new secret")
    owner.save()

    stored = json.dumps(list(Entry.objects.values()), default=str)

    assert last(Verb.USER_CHANGED).changes == {"password": ["…", "…"]}
    assert sentence(last(Verb.USER_CHANGED)).endswith("changed the account “owner”: password")
    for secret in (owner.password, page.context["secret"], ApiToken.objects.get().digest, "a new secret"):
        assert secret
        assert secret not in stored


def test_neither_labels_nor_truths_are_in_the_log(world: World) -> None:
    quiz = world.fixture("quiz")
    services.set_label(micrographs=[world.one], label="pearlite", by=world.owner)
    services.set_label(micrographs=world.micrographs, label="", by=world.owner)

    about = Entry.objects.exclude(verb__startswith="class.").values("changes", "additional_data", "object_repr")
    stored = json.dumps(list(about)).replace("telltale", "")  # the fixtures' files are called after their class

    for one in world.micrographs:
        stored = stored.replace(one.filename.replace("telltale", ""), "").replace(one.specimen, "")
    assert "pearlite" not in stored
    assert quiz.frozen_sha256 not in stored
    assert last(Verb.MICROGRAPHS_CHANGED).additional_data["fields"] == ["label"]


def test_a_bulk_action_is_one_entry_with_a_few_keys(world: World) -> None:
    rows = [
        Micrograph(dataset=world.dataset, filename=f"{n}.png", sha256=f"{n:064}", file_format="PNG", width=9, height=9,
                   bit_depth=8, state=Micrograph.State.READY) for n in range(300)
    ]  # fmt: skip
    Micrograph.objects.bulk_create(rows)
    before = Entry.objects.count()

    services.trash_micrographs(micrographs=rows, by=world.owner)

    (entry,) = Entry.objects.all()[: Entry.objects.count() - before]
    assert (entry.verb, entry.number) == (Verb.MICROGRAPHS_TRASHED, 300)
    assert len(entry.additional_data["keys"]) == MOST_KEYS
    assert "put 300 micrographs in the trash" in sentence(entry)


def test_several_fields_saved_at_once_are_one_entry(world: World) -> None:
    count = Entry.objects.filter(verb=Verb.MICROGRAPHS_CHANGED).count()
    one = world.one

    given = {"label": "pearlite", "pixels_per_micrometre": "3", "specimen": "Bar 7", "modality": "SEM"}
    world.post("micrographs:micrograph", given, "steels", one.pk)

    assert Entry.objects.filter(verb=Verb.MICROGRAPHS_CHANGED).count() == count + 1
    entry = last(Verb.MICROGRAPHS_CHANGED)
    assert sorted(entry.additional_data["fields"]) == [
        "label",
        "modality",
        "pixels_per_micrometre",
        "specimen",
        "split",
    ]
    assert entry.changes["specimen"] == [one.specimen, "Bar 7"]
    assert "label" not in entry.changes


def test_what_is_rolled_back_leaves_no_entry(dataset: Dataset) -> None:
    count = Entry.objects.count()

    @transaction.atomic
    def fail() -> None:
        services.add_material_class(dataset=dataset, name="bainite")
        raise MicroDBError("No.")

    with pytest.raises(MicroDBError):
        fail()

    assert Entry.objects.count() == count


def test_a_part_that_fails_is_not_joined(dataset: Dataset) -> None:
    @together()
    def fail() -> None:
        record(Verb.CLASS_ADDED, dataset=dataset, keys=[2])
        raise MicroDBError("No.")

    with together():
        record(Verb.CLASS_ADDED, dataset=dataset, keys=[1])
        with pytest.raises(MicroDBError):
            fail()
        record(Verb.CLASS_ADDED, dataset=dataset, keys=[3])

    assert last(Verb.CLASS_ADDED).additional_data == {"keys": ["1", "3"]}
    assert last(Verb.CLASS_ADDED).number == 2


def test_nothing_inside_leaves_no_entry(db) -> None:
    with together(Verb.MICROGRAPHS_CHANGED):
        pass
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_services_record_in_the_transaction_of_the_change(
    dataset: Dataset, owner: User, signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With real transactions: an entry outside of one could stay without its change, or be missing."""
    inside: list[tuple[str, bool]] = []
    save = Entry.save

    def saved(entry: Entry, *args: Any, **kwargs: Any) -> None:
        inside.append((str(entry.verb), connection.in_atomic_block))
        save(entry, *args, **kwargs)

    monkeypatch.setattr(Entry, "save", saved)
    ben = User.objects.create_user("ben")
    inside.clear()
    services.update_dataset(dataset=dataset, name="Irons")
    services.trash_dataset(dataset=dataset, by=owner)
    services.restore_dataset(dataset=dataset, by=owner)
    services.set_member(dataset=dataset, user=ben, role=Role.VIEWER, by=owner)
    services.remove_member(dataset=dataset, user=ben, by=owner)
    services.create_dataset(name="Other", by=owner, class_names=["a"])
    signed_in.post("/datasets/steels/settings/", {"name": "Steels"})
    for action in ("rename", "describe", "down"):
        about = {"action": action, "name": "iron", "description": "soft"}
        pk = MaterialClass.objects.filter(dataset=dataset).order_by("position")[0].pk
        signed_in.post(f"/datasets/steels/settings/classes/{pk}/", about)
    signed_in.post("/accounts/profile/", {"first_name": "Anna", "expertise": "expert"})
    signed_in.post("/accounts/tokens/new/", NEW_TOKEN)
    signed_in.post(f"/accounts/tokens/{ApiToken.objects.get().pk}/delete/")

    assert len(inside) >= 14
    assert [verb for verb, atomic in inside if not atomic] == []
    assert Membership.objects.filter(user=ben).count() == 0
