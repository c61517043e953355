"""Two datasets with everything that a dataset can have, and unmistakable words in what is not for everybody."""

import hashlib
import io
import uuid
from dataclasses import dataclass, field

import numpy as np
from allauth.usersessions.models import UserSession
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from PIL import Image

from microdb.accounts.models import ApiToken, User
from microdb.accounts.services import create_api_token
from microdb.jobs import Job
from microdb.micrographs import services
from microdb.micrographs.models import (
    Change,
    Dataset,
    Micrograph,
    NearDuplicate,
    Reading,
    Role,
    ScaleSource,
    SpecimenChange,
)
from microdb.micrographs.services.invitations import create_invitation
from microdb.quizzes.models import Ballot, Quiz
from microdb.scoring.models import Batch, Score
from microdb.scoring.services import BatchInput, create_batch
from microdb.webhooks.models import Webhook
from microdb.webhooks.signing import secret_of
from tests.permissions.contents import (
    OF_MEMBERS,
    OF_ORGANISERS,
    OF_OTHERS,
    PRIVATE,
    plant_blind,
    plant_curve,
    plant_delivery,
    plant_import,
    plant_quiz,
    plant_score,
    plant_training,
    plant_version,
)

NOT_PLANTED = (
    "keys/pk",
    "confirm-email/key",
    "oidc/provider_id",
    "key/uidb36",
    "key/key",
    "group/object_id",
    "signoff/object_id",
    "emailaddress/object_id",
    "authenticator/object_id",
    "socialaccount/object_id",
    "socialtoken/object_id",
    "usersession/object_id",
)
"""Parts of routes for which there is no row: every role is told so."""
MEMBERS = ("viewer", "labeller", "curator", "owner")


def png(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (48, 64), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@dataclass
class World:
    """The people by role, and what stands in the place of each part of a route."""

    people: dict[str, User | None]
    values: dict[str, object] = field(default_factory=dict)
    """By the part of the path before it and its name: ``changes/pk`` for ``changes/<int:pk>``."""
    secrets: dict[str, str] = field(default_factory=dict)
    """Secrets that stand in no body, by what they are."""


def build() -> World:
    """Everything in one go: it takes a second."""
    owner = User.objects.create_user("owner", email="owner@example.org")
    people: dict[str, User | None] = {
        "anonymous": None,
        "owner": owner,
        "stranger": User.objects.create_user("stranger"),
    }
    people["staff"] = User.objects.create_user("staff", is_staff=True)
    people["superuser"] = User.objects.create_superuser("superuser")
    world = World(people)
    dataset = _dataset(owner, OF_MEMBERS, seed=0)
    for role in ("viewer", "labeller", "curator"):
        people[role] = User.objects.create_user(role)
        services.set_member(dataset=dataset, user=people[role], role=Role(role), by=owner)
    other_owner = User.objects.create_user(f"{OF_OTHERS}-owner")
    _plant(_dataset(other_owner, OF_OTHERS, seed=50), other_owner, other_owner, OF_OTHERS)
    labeller = people["labeller"]
    assert labeller is not None
    world.values |= _plant(dataset, owner, labeller, OF_MEMBERS)
    world.values |= _accounts(world, dataset, owner)
    ballot = Ballot.objects.get(pk=world.values["readers/pk"])
    world.secrets = {
        "key of a ballot": str(ballot.key),
        "digest of a token": ApiToken.objects.first().digest,  # type: ignore[union-attr]
        "secret of a webhook": secret_of(Webhook.objects.get(pk=world.values["webhooks/pk"]).seed),
    }
    return world


def _dataset(owner: User, word: str, *, seed: int) -> Dataset:
    # The slug, and the specimen in an address, are neutral: an answer may repeat what was asked for
    classes = ["ferrite", "pearlite"]
    dataset = services.create_dataset(by=owner, name=f"Steels {word}", slug=f"dataset-{seed}", class_names=classes)
    services.update_dataset(dataset=dataset, description=f"About {word}", source=f"From {word}")
    for number in range(6):
        label, split = ("ferrite", "pearlite")[number % 2], "train" if number < 4 else "quiz"
        secret = word if split == "train" else f"{word}-{OF_ORGANISERS}"
        specimen = f"{secret}-{number}" if number else "S1"
        _micrograph(dataset, owner, png(seed + number), f"{secret}-{number}.png", label, split, specimen)
    one = dataset.micrographs.order_by("filename").first()
    assert one is not None
    services.update_specimens(dataset=dataset, records={one.specimen: {"notes": f"Of {word}"}}, by=owner)
    return dataset


def _micrograph(
    dataset: Dataset, owner: User, picture: bytes, filename: str, label: str, split: str, specimen: str
) -> Micrograph:
    micrograph = Micrograph(
        dataset=dataset,
        filename=filename,
        sha256=hashlib.sha256(picture).hexdigest(),
        file_format="PNG",
        width=64,
        height=48,
        bit_depth=8,
        state=Micrograph.State.READY,
        material_class=dataset.material_classes.get(name=label),
        pixels_per_micrometre=2.5,
        scale_source=ScaleSource.SIDECAR,
        specimen=specimen,
        split=split,
        uploaded_by=owner,
    )
    for name in ("master", "display", "thumbnail"):
        getattr(micrograph, name).save("", ContentFile(picture), save=False)
    micrograph.save()
    Change.objects.create(micrograph=micrograph, field=Change.Field.LABEL, new=label, by=owner)
    Reading.objects.create(micrograph=micrograph, state=Job.State.DONE)
    return micrograph


def _plant(dataset: Dataset, owner: User, labeller: User, word: str) -> dict[str, object]:
    train = list(dataset.micrographs.filter(split="train").order_by("filename"))
    asked = list(dataset.micrographs.filter(split="quiz").order_by("filename"))
    version = plant_version(dataset)
    plant_curve(version)
    scores = [plant_score(version, one) for one in [*train, *asked]]
    batch = create_batch(
        model_version=version, items=[BatchInput(one.filename, one) for one in (*train, *asked)], by=owner
    )
    first, second = sorted(train[:2], key=lambda one: str(one.pk))
    pair = NearDuplicate.objects.create(first=first, second=second, kind=NearDuplicate.Kind.NEAR, differing_bits=2)
    blind = plant_blind(dataset, train, owner, labeller)
    quiz, values = plant_quiz(dataset, asked, version, owner, word)
    delivery = plant_delivery(dataset, owner, word)
    return values | {
        "datasets/slug": dataset.slug,
        "quizzes/slug": quiz.slug,
        "quiz/slug": quiz.slug,
        "facets/name": "specimen",
        "specimens/name": train[0].specimen,
        "micrographs/pk": train[0].pk,
        "label/pk": train[0].pk,
        "suspects/pk": train[0].pk,
        "again/number": version.number,
        "changes/pk": train[0].changes.values_list("pk", flat=True)[0],
        "specimen-changes/pk": SpecimenChange.objects.filter(specimen__dataset=dataset).values_list("pk", flat=True)[0],
        "near-duplicates/pk": pair.pk,
        "classes/pk": dataset.material_classes.values_list("pk", flat=True)[0],
        "blind/pk": blind.pk,
        "items/item": blind.items.values_list("pk", flat=True)[0],
        "training/number": version.number,
        "imports/pk": plant_import(dataset).pk,
        "model-versions/number": version.number,
        "versions/number": version.dataset_version.number,
        "scores/pk": scores[0].pk,
        "batches/pk": batch.pk,
        "jobs/job": f"training-{plant_training(version).pk}",
        "<slug:slug>/uploads/upload": _upload(dataset, owner),
        "<uuid:pk>/uploads/upload": _upload(dataset, owner, batch.pk),
        "webhooks/pk": delivery.webhook_id,
        "deliveries/delivery": delivery.pk,
        "webhook/object_id": delivery.webhook_id,
        "delivery/object_id": delivery.pk,
        **_rows_in_the_admin(dataset, quiz, scores, batch),
    }


def _upload(dataset: Dataset, owner: User, batch: uuid.UUID | None = None) -> uuid.UUID:
    """Begun by the owner, and larger than what the table sends."""
    return services.start_upload(dataset=dataset, by=owner, filename="a.png", length=10_000, batch=batch).pk


def _rows_in_the_admin(dataset: Dataset, quiz: Quiz, scores: list[Score], batch: Batch) -> dict[str, object]:
    one = scores[0].micrograph
    ballot = quiz.ballots.all()[0]
    return {
        "dataset/object_id": dataset.pk,
        "micrograph/object_id": one.pk,
        "change/object_id": one.changes.all()[0].pk,
        "specimen/object_id": dataset.specimens.all()[0].pk,
        "nearduplicate/object_id": NearDuplicate.objects.filter(first__dataset=dataset)[0].pk,
        "datasetversion/object_id": dataset.versions.all()[0].pk,
        "reading/object_id": one.pk,
        "modelversion/object_id": scores[0].model_version_id,
        "score/object_id": scores[0].pk,
        "batch/object_id": batch.pk,
        "quiz/object_id": quiz.pk,
        "ballot/object_id": ballot.pk,
        "answer/object_id": ballot.answers.all()[0].pk,
        "invitation/object_id": quiz.invitations.all()[0].pk,
        "quizevent/object_id": quiz.events.all()[0].pk,
        "r/content_type_id": ContentType.objects.get_for_model(Dataset).pk,
        "<path:content_type_id>/object_id": dataset.pk,
        "admin/app_label": "micrographs",
        "admin/url": "nothing-here",
    }


def _accounts(world: World, dataset: Dataset, owner: User) -> dict[str, object]:
    """A member with an address that only administrators see, and tokens."""
    member = User.objects.create_user(f"{OF_MEMBERS}-member", email=PRIVATE)
    services.set_member(dataset=dataset, user=member, role=Role.VIEWER, by=owner)
    token, _secret = create_api_token(user=owner, scopes=["read"])
    for role in ("stranger", "viewer"):
        user = world.people[role]
        assert user is not None
        create_api_token(user=user, scopes=["read"], name=f"{uuid.uuid4()}")
    invitation, secret = create_invitation(dataset=dataset, role=Role.VIEWER, by=owner)
    session = UserSession.objects.create(user=owner, session_key="elsewhere", ip="203.0.113.9")
    return {
        "members/pk": dataset.memberships.get(user=member).pk,
        "settings/invitations/pk": invitation.pk,
        "members/invitations/pk": invitation.pk,
        "join/secret": secret,
        "guide/page": "scale",
        "docs/name": "index.html",
        **dict.fromkeys(NOT_PLANTED, 0),
        "tokens/pk": token.pk,
        "sessions/pk": session.pk,
        "user/object_id": member.pk,
        "user/id": member.pk,
        "apitoken/object_id": token.pk,
    }
